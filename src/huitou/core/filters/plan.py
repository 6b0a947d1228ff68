"""
A filter tree brought down to what every engine can do alike: seven comparisons of a stored column, one question about
events, all/any/not.

Derived values are replaced by their rules, days ago by dates, `between`, `ne` and `not_in` by their parts. Every
comparison is two-valued: it is false on a missing value, never unknown; engines must write it so. A `Happened` is false for
a subject without any such event, so that engines need to look at events only: where 0 would match, the plan negates.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from huitou.core.filters.catalogue import Catalogue, Event, Field, FieldType
from huitou.core.filters.geo import ids_near
from huitou.core.filters.tree import (
    All,
    Among,
    Any,
    Condition,
    Dates,
    Measure,
    Node,
    Not,
    Operator,
    Recent,
    Scalar,
    Window,
)


class Comparison(StrEnum):
    """How a stored column is compared."""

    EQ = "eq"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison of a stored column: `values` has one value, any number for IN, none for PRESENT."""

    field: Field
    comparison: Comparison
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class Happened:
    """
    Whether the measure, over the events with a day in [first, end) and every narrowing of `among`, lies in [low, high].

    None is no bound. The unit of the bounds is the stored one: fen, thousandths of a piece. False without such events.
    """

    event: Event
    measure: Measure
    low: int | None
    high: int | None
    first: date | None = None
    end: date | None = None
    among: Among = ()

    def holds(self, measured: int) -> bool:
        return (self.low is None or self.low <= measured) and (self.high is None or measured <= self.high)


@dataclass(frozen=True, slots=True)
class AllOf:
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Negated:
    step: "Step"


Leaf = Compare | Happened
Step = Leaf | AllOf | AnyOf | Negated

_C = Comparison
_SAME: Mapping[Operator, Comparison] = {
    Operator.EQ: _C.EQ,
    Operator.LT: _C.LT,
    Operator.LTE: _C.LTE,
    Operator.GT: _C.GT,
    Operator.GTE: _C.GTE,
}
_MIRRORED: Mapping[Comparison, Comparison] = {
    _C.EQ: _C.EQ,
    _C.LT: _C.GT,
    _C.LTE: _C.GTE,
    _C.GT: _C.LT,
    _C.GTE: _C.LTE,
}  # more days ago is an earlier date


def plan(node: Node, catalogue: Catalogue, *, as_of: date) -> Step:
    """Return the plan of a checked tree. Raises KeyError on a field that is not in the catalogue."""
    match node:
        case All(children):
            return AllOf(tuple(plan(child, catalogue, as_of=as_of) for child in children))
        case Any(children):
            return AnyOf(tuple(plan(child, catalogue, as_of=as_of) for child in children))
        case Not(child):
            return Negated(plan(child, catalogue, as_of=as_of))
        case Condition():
            field = catalogue[node.field]
            return _derived(field, node, catalogue, as_of) if field.is_derived else _stored(field, node, as_of)
        case Window():
            return _windowed(node, catalogue, as_of)


ITEMS_UNIT = 1_000  # stored pieces are thousandths
_NEVER_NEGATIVE = frozenset({Measure.TIMES, Measure.DAYS})


def _windowed(window: Window, catalogue: Catalogue, as_of: date) -> Step:
    """Where the answer for a subject without events would be yes, return the negation of the opposite question."""
    event = catalogue.event(window.event)
    if event is None:
        raise KeyError(window.event)
    first, end = _days(window, as_of)
    among = tuple((name, _with_below(event, name, values)) for name, values in window.among)

    def inside(low: int | None, high: int | None) -> Happened:
        return Happened(event, window.measure, low, high, first, end, among)

    low, high = _bounds(window)
    if window.operator is Operator.NE:
        return Negated(_asked(inside, window.measure, low, high))
    return _asked(inside, window.measure, low, high)


def _with_below(event: Event, name: str, values: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """Return the ids with those they stand for (a category with the categories below it), each once."""
    field = event.narrowing(name)
    below = dict(field.below) if field is not None else {}
    if not below:
        return values
    return tuple(sorted({one for value in values for one in (value, *below.get(int(str(value)), ()))}))


def _asked(inside: "Inside", measure: Measure, low: int | None, high: int | None) -> Step:
    if not ((low is None or low <= 0) and (high is None or high >= 0)):
        return inside(low, high)
    outside = []
    if low is not None and measure not in _NEVER_NEGATIVE:
        outside.append(inside(None, low - 1))
    if high is not None:
        outside.append(inside(high + 1, None))
    return Negated(outside[0] if len(outside) == 1 else AnyOf(tuple(outside)))


Inside = Callable[[int | None, int | None], Happened]


def _bounds(window: Window) -> tuple[int | None, int | None]:
    """Return the lowest and highest value that matches, in the stored unit; for NE those of EQ."""
    scale = ITEMS_UNIT if window.measure is Measure.ITEMS else 1
    if isinstance(window.value, tuple):
        return window.value[0] * scale, window.value[1] * scale
    value = window.value * scale
    match window.operator:
        case Operator.LT:
            return None, value - 1
        case Operator.LTE:
            return None, value
        case Operator.GT:
            return value + 1, None
        case Operator.GTE:
            return value, None
        case _:
            return value, value


def _days(window: Window, as_of: date) -> tuple[date | None, date | None]:
    match window.span:
        case Recent(days):
            return as_of - timedelta(days=days - 1), None
        case Dates(first, last):
            return first, last + timedelta(days=1)
        case None:
            return None, None


def _values(condition: Condition) -> tuple[Scalar, ...]:
    if condition.value is None:
        return ()
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _derived(field: Field, condition: Condition, catalogue: Catalogue, as_of: date) -> Step:
    rules = {choice.code: plan(choice.rule, catalogue, as_of=as_of) for choice in field.choices if choice.rule is not None}
    some_value = AnyOf(tuple(rules.values())) if field.nullable else AllOf(())
    match condition.operator:
        case Operator.PRESENT:
            return some_value
        case Operator.MISSING:
            return Negated(some_value)
    chosen = AnyOf(tuple(rules[str(code)] for code in _values(condition)))
    if condition.operator in {Operator.NE, Operator.NOT_IN}:
        return AllOf((some_value, Negated(chosen)))
    return chosen


def _stored(field: Field, condition: Condition, as_of: date) -> Step:
    values = _values(condition)
    present = Compare(field, _C.PRESENT)
    match condition.operator:
        case Operator.PRESENT:
            return present
        case Operator.MISSING:
            return Negated(present)
        case Operator.IN:
            return Compare(field, _C.IN, values)
        case Operator.NOT_IN:
            return AllOf((present, Negated(Compare(field, _C.IN, values))))
        case Operator.NE:
            return AllOf((present, Negated(_compare(field, _C.EQ, values[0], as_of))))
        case Operator.NEAR:
            place, metres = values
            return Compare(field, _C.IN, ids_near(field.places, int(str(place)), int(str(metres))))
        case Operator.BETWEEN:
            return AllOf((_compare(field, _C.GTE, values[0], as_of), _compare(field, _C.LTE, values[1], as_of)))
        case other:
            return _compare(field, _SAME[other], values[0], as_of)


def _compare(field: Field, comparison: Comparison, value: Scalar, as_of: date) -> Compare:
    if field.type is not FieldType.DAYS_AGO:
        return Compare(field, comparison, (value,))
    assert isinstance(value, int)
    return Compare(field, _MIRRORED[comparison], (as_of - timedelta(days=value),))


EVERY_ROW = AllOf(())


def narrowed(step: Step, keeps: Callable[[Field], bool]) -> Step:
    """Return what the plan says of the kept stored columns alone: every row that matches the plan matches the answer too."""
    match step:
        case Compare(field):
            return step if keeps(field) else EVERY_ROW
        case Happened():
            return EVERY_ROW
        case Negated(inner):
            return step if all(isinstance(one, Compare) and keeps(one.field) for one in leaves(inner)) else EVERY_ROW
        case AllOf(steps):
            kept = tuple(one for one in (narrowed(one, keeps) for one in steps) if one != EVERY_ROW)
            return AllOf(kept)
        case AnyOf(steps):
            parts = tuple(narrowed(one, keeps) for one in steps)
            return EVERY_ROW if EVERY_ROW in parts else AnyOf(parts)


def pinned(step: Step, keeps: Callable[[Field], bool]) -> Step:
    """Return where the plan pins a kept stored column to one value, to some or to none: every match matches the answer too."""
    match step:
        case Compare(field, Comparison.EQ | Comparison.IN) | Negated(Compare(field, Comparison.PRESENT)) if keeps(field):
            return step
        case AllOf(steps):
            return AllOf(tuple(one for one in (pinned(one, keeps) for one in steps) if one != EVERY_ROW))
        case _:
            return EVERY_ROW


def leaves(step: Step) -> list[Leaf]:
    """Return every question of the plan in order."""
    match step:
        case Compare() | Happened():
            return [step]
        case Negated(inner):
            return leaves(inner)
        case AllOf(steps) | AnyOf(steps):
            return [leaf for one in steps for leaf in leaves(one)]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One event of a subject, for `matches`: a net order counts as a purchase while something is left of it after returns."""

    day: date
    net_fen: int = 0
    items_milli: int = 0
    among: Mapping[str, Scalar] = field(default_factory=dict)
    counts: bool = True


def measured(happened: Happened, events: Iterable[Occurrence]) -> int | None:
    """Return the measure in the stored unit; None when nothing happened in the window."""
    inside = [
        one
        for one in events
        if (happened.first is None or one.day >= happened.first)
        and (happened.end is None or one.day < happened.end)
        and all(one.among.get(name) in values for name, values in happened.among)
    ]
    if not inside:
        return None
    match happened.measure:
        case Measure.TIMES:
            return sum(one.counts for one in inside)
        case Measure.DAYS:
            return len({one.day for one in inside if one.counts})
        case Measure.NET:
            return sum(one.net_fen for one in inside)
        case Measure.ITEMS:
            return sum(one.items_milli for one in inside)


Row = Mapping[str, Scalar | tuple[Scalar, ...] | None]


def matches(step: Step, row: Row, events: Mapping[str, Sequence[Occurrence]] | None = None) -> bool:
    """
    Return whether one row (stored values by field name) matches the plan.

    A days-ago field holds its date, a field with rows the tuple of its values. events: what happened to it, by event name.
    """
    match step:
        case AllOf(steps):
            return all(matches(one, row, events) for one in steps)
        case AnyOf(steps):
            return any(matches(one, row, events) for one in steps)
        case Negated(one):
            return not matches(one, row, events)
        case Happened(event):
            total = measured(step, (events or {}).get(event.name, ()))
            return total is not None and step.holds(total)
        case Compare(field, comparison, values):
            stored = row[field.name]
            if field.rows is not None:
                several = stored if isinstance(stored, tuple) else ()
                return any(_holds(comparison, one, values) for one in several)
            return stored is not None and not isinstance(stored, tuple) and _holds(comparison, stored, values)


def _holds(comparison: Comparison, stored: Scalar, values: tuple[Scalar, ...]) -> bool:
    match comparison:
        case Comparison.PRESENT:
            return True
        case Comparison.IN:
            return stored in values
        case Comparison.EQ:
            return stored == values[0]
        case Comparison.LT:
            return stored < values[0]  # type: ignore[operator]  # both have the field's one type
        case Comparison.LTE:
            return stored <= values[0]  # type: ignore[operator]
        case Comparison.GT:
            return stored > values[0]  # type: ignore[operator]
        case Comparison.GTE:
            return stored >= values[0]  # type: ignore[operator]
