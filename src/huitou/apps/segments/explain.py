"""Why one person is in a rule, or why not: every part of it, whether it holds, and what the person's value is."""

from dataclasses import dataclass

from huitou.apps.base.filters import happened_rows, rows_counted
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.segments.counting import Counting
from huitou.core.filters.catalogue import Field, Rows
from huitou.core.filters.plan import AnyOf, Happened, Negated, Step, leaves, plan
from huitou.core.filters.tree import All, Any, Condition, Leaf, Measure, Node, Not, Operator, Scalar, Window
from huitou.core.periods import business_date
from huitou.warehouse.queries.happenings import measured_of
from huitou.warehouse.queries.person_facts import person_facts

_ITEMS_UNIT = 1_000


@dataclass(frozen=True, slots=True)
class Explained:
    """
    One part of a rule. `value` of a leaf is the person's own (stored; the amount of a window in the rule's unit), None where
    there is none or several; `counts` says whether the part makes the person match, seen through every `not` around it.
    """

    node: Node
    holds: bool
    counts: bool
    value: Scalar | None = None
    parts: tuple["Explained", ...] = ()


def explained(desk: Counting, viewer: Viewer, node: Node, person_id: int) -> Explained | None:
    """Return the rule with its answers; None when the viewer does not see the person, or the version does not know them."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists() or not desk.population.everybody().has(person_id):
        return None
    return _Walk(desk, viewer, person_id).part(node, wanted=True)


@dataclass(frozen=True, slots=True)
class _Walk:
    desk: Counting
    viewer: Viewer
    person_id: int

    def part(self, node: Node, *, wanted: bool) -> Explained:
        match node:
            case Condition() | Window():
                holds = self._holds(node)
                value = self._happened(node) if isinstance(node, Window) else self._value(node)
                return Explained(node, holds, holds == wanted, value)
            case Not(child):
                inner = self.part(child, wanted=not wanted)
                return Explained(node, not inner.holds, (not inner.holds) == wanted, parts=(inner,))
            case All(children) | Any(children):
                parts = tuple(self.part(child, wanted=wanted) for child in children)
                holds = (all if isinstance(node, All) else any)(part.holds for part in parts)
                return Explained(node, holds, holds == wanted, parts=parts)

    def _holds(self, leaf: Leaf) -> bool:
        desk = self.desk
        return desk.population.select(desk.reading.cursor, desk.step(leaf), desk.people).has(self.person_id)

    def _value(self, condition: Condition) -> Scalar | None:
        field = self.desk.catalogue[condition.field]
        if field.is_derived:
            return next((one.code for one in field.choices if self._is(field, one.code)), None)
        if field.sql_column:
            facts = person_facts(self.desk.reading.cursor, scope=self.viewer.scope(), person_id=self.person_id)
            return None if facts is None else facts[field.sql_column]
        if field.rows is not None:
            return self._only(field, field.rows)
        if not field.orm_path:
            return None
        found = persons_in_reach(self.viewer).filter(pk=self.person_id).values_list(field.orm_path, flat=True).first()
        if field.of_moment:
            return None if found is None else business_date(found)
        return found if isinstance(found, Scalar) else None

    def _only(self, field: Field, rows: Rows) -> Scalar | None:
        """Return the one value that the person's rows have; a sealed one is never told."""
        if any(choice.stored is not None for choice in field.choices):
            return None
        theirs = rows_counted(rows).filter(**{rows.owner: self.person_id, f"{field.orm_path}__isnull": False})
        values = theirs.order_by().values_list(field.orm_path, flat=True).distinct()[:2]
        return values[0] if len(values) == 1 and isinstance(values[0], Scalar) else None

    def _is(self, field: Field, code: str) -> bool:
        return self._holds(Condition(field.name, Operator.EQ, code))

    def _happened(self, window: Window) -> int:
        happened = _first_question(plan(window, self.desk.catalogue, as_of=self.desk.reading.as_of))
        if happened is None:
            return 0
        if happened.event.rows is not None:
            return happened_rows(happened).filter(**{happened.event.rows.owner: self.person_id}).count()
        total = measured_of(self.desk.reading.cursor, happened, scope=self.viewer.scope(), person_id=self.person_id)
        return total // _ITEMS_UNIT if window.measure is Measure.ITEMS else total


def _first_question(step: Step) -> Happened | None:
    """Return what a window counts; None for one that is true of everybody."""
    match step:
        case Negated(inner):
            return _first_question(inner)
        case AnyOf(()):
            return None
        case _:
            return next((leaf for leaf in leaves(step) if isinstance(leaf, Happened)), None)
