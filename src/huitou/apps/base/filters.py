"""Compile a filter tree to a condition of the ORM. Only places named by the catalogue ever reach a query."""

from collections.abc import Callable, Collection, Iterator
from datetime import date, timedelta
from itertools import chain
from typing import Any

from django.apps import apps
from django.db.models import Count, Exists, Model, OneToOneRel, OuterRef, Q, QuerySet

from huitou.apps.base.hooks import Hook, run
from huitou.core.filters.catalogue import Catalogue, Rows
from huitou.core.filters.plan import (
    EVERY_ROW,
    AllOf,
    AnyOf,
    Compare,
    Comparison,
    Happened,
    Negated,
    Step,
    leaves,
    matches,
    narrowed,
    pinned,
    plan,
)
from huitou.core.filters.tree import Node
from huitou.core.periods import day_start

_EVERY = Q(pk__isnull=False)  # an empty Q would be dropped from a group, whatever the group means


def filter_q(node: Node, catalogue: Catalogue, *, as_of: date) -> Q:
    """
    Return the condition of a checked tree; days ago are counted back from as_of.

    Raises ValueError on a field or event that has no place in the operations database.
    """
    return step_q(plan(node, catalogue, as_of=as_of))


def step_q(step: Step) -> Q:
    """Return the condition of a plan, as `filter_q`."""
    return Q() if step == EVERY_ROW else _condition(step)


def column_q(node: Node, catalogue: Catalogue, *, as_of: date, path: str, before: Collection[str] = ()) -> Q:
    """
    Return what a checked tree says of the column at `path` alone, written for a query on the table of that column.

    Every match fulfils it, so that a walk along the column's index may skip the rest; Q() where the tree says nothing. before:
    other columns of the table, of which it says only that they are one value, one of some or none.
    """
    whole = plan(node, catalogue, as_of=as_of)
    start = path[: len(path) - len(path.rpartition("__")[2])]
    others = {start + name for name in before}
    steps = (
        narrowed(whole, lambda field: field.rows is None and field.orm_path == path),
        pinned(whole, lambda field: field.rows is None and field.orm_path in others),
    )
    return Q(*[_condition(step, lambda one: one.removeprefix(start)) for step in steps if step != EVERY_ROW])


def table_q(node: Node, catalogue: Catalogue, *, as_of: date, relation: str) -> Q:
    """Return what a checked tree says of the table behind a relation alone, written for a query on that table, as `column_q`."""
    start = f"{relation}__"
    step = narrowed(plan(node, catalogue, as_of=as_of), lambda field: field.rows is None and field.orm_path.startswith(start))
    return Q() if step == EVERY_ROW else _condition(step, lambda path: path.removeprefix(start))


def narrowing_q(node: Node, catalogue: Catalogue, *, as_of: date, model: type[Model]) -> Q:
    """
    Return a condition that every match of a checked tree fulfils, as lists of the subjects found in the related tables.

    It says the same again for a planner that would rather walk all subjects and look into the related table for each one.
    Worth its cost where few match. Q() where no related table must hold a row of every match.
    """
    return Q(*[Q(pk__in=ids) for ids in narrowing_ids(node, catalogue, as_of=as_of, model=model)])


def narrowing_ids(node: Node, catalogue: Catalogue, *, as_of: date, model: type[Model]) -> list[QuerySet[Any]]:
    """Return the lists of `narrowing_q`, one query a table, each of the ids of subjects: every match stands in all of them."""
    whole = plan(node, catalogue, as_of=as_of)
    return [*_related_lists(whole, model), *_row_lists(whole)]


def leaf_ids(leaf: Compare | Happened, model: type[Model]) -> QuerySet[Any] | None:
    """
    Return the ids of the subjects a question is true for, in no order and perhaps twice, from the table it asks alone: without a
    look at each subject. None for a column of the subject itself. Raises ValueError as `filter_q`.
    """
    if isinstance(leaf, Happened):
        return _happened_ids(leaf)
    return next(chain(_related_lists(leaf, model), _row_lists(leaf)), None)


def barring_ids(node: Node, catalogue: Catalogue, *, as_of: date, model: type[Model]) -> list[QuerySet[Any]]:
    """
    Return lists of ids of subjects, one query a table beside theirs: no match stands in any.

    They are told of tables whose missing row matches, too ("no tier"), for which `narrowing_ids` has no list.
    """
    barred = []
    for related, step, is_open in _related_steps(plan(node, catalogue, as_of=as_of), model):
        if is_open:
            failing = step.step if isinstance(step, Negated) else Negated(step)
            barred.append(_owners(related, failing))
    return barred


def _related_lists(whole: Step, model: type[Model]) -> Iterator[QuerySet[Any]]:
    for related, step, is_open in _related_steps(whole, model):
        if not is_open:
            yield _owners(related, step)


def _owners(related: OneToOneRel, step: Step) -> QuerySet[Any]:
    """Return the ids of the subjects whose row beside matches."""
    start = f"{related.name}__"
    condition = _condition(step, lambda path: path.removeprefix(start))
    return related.related_model._base_manager.filter(condition).values_list(related.field.attname, flat=True)


def _related_steps(whole: Step, model: type[Model]) -> Iterator[tuple[OneToOneRel, Step, bool]]:
    """Yield by table beside the subjects' what a match's row must fulfil there, and whether having no such row does, too."""
    stored = [leaf.field for leaf in leaves(whole) if isinstance(leaf, Compare) and leaf.field.rows is None]
    for relation in sorted({field.orm_path.partition("__")[0] for field in stored if "__" in field.orm_path}):
        start = f"{relation}__"
        related = model._meta.get_field(relation)
        step = narrowed(whole, lambda field, start=start: field.rows is None and field.orm_path.startswith(start))  # type: ignore[misc]
        without_row: dict[str, None] = {field.name: None for field in stored}
        if step != EVERY_ROW and isinstance(related, OneToOneRel):
            yield related, step, matches(step, without_row)


def _row_lists(whole: Step) -> Iterator[QuerySet[Any]]:
    for step in whole.steps if isinstance(whole, AllOf) else (whole,):
        if isinstance(step, Compare) and step.field.rows is not None:
            rows = step.field.rows
            owned = rows_counted(rows).filter(_row_condition(step), **{f"{rows.owner}__isnull": False})
            yield owned.values_list(rows.owner, flat=True)


_Place = Callable[[str], str]  # where a stored column stands, seen from the table that is asked


def _as_written(path: str) -> str:
    return path


def _condition(step: Step, place: _Place = _as_written) -> Q:
    match step:
        case Compare():
            return _compared(step, place(step.field.orm_path))
        case Happened():
            return _happened(step)
        case Negated(Compare(field, Comparison.PRESENT)) if field.rows is None and field.orm_path:
            return Q(**{f"{place(field.orm_path)}__isnull": True})  # "not (is not null)" is found by no index
        case Negated(inner):
            return ~_condition(inner, place)
        case AllOf(()):
            return _EVERY
        case AnyOf(()):
            return ~_EVERY
        case AllOf(steps):
            return Q(*[_condition(one, place) for one in steps])
        case AnyOf(steps):
            return Q(*[_condition(one, place) for one in steps], _connector=Q.OR)


def happened_rows(step: Happened) -> QuerySet[Any]:
    """Return the events that a question counts, of every subject. Raises ValueError on one that is not in this database."""
    rows = step.event.rows
    if rows is None:
        raise ValueError(f"{step.event.name} cannot be asked of the operations database")
    asked = Q(**{f"{rows.owner}__isnull": False}, **dict(rows.where))
    if step.first is not None:
        asked &= Q(**{f"{rows.moment}__gte": day_start(step.first)})
    if step.end is not None:
        asked &= Q(**{f"{rows.moment}__lt": day_start(step.end)})
    for name, values in step.among:
        field = step.event.narrowing(name)
        if field is None or not field.orm_path:
            raise ValueError(f"{step.event.name} by {name} cannot be asked of the operations database")
        asked &= Q(**{f"{field.orm_path}__in": [field.stored(value) for value in values]})
    found: QuerySet[Any] = apps.get_model(rows.model)._base_manager.filter(asked)
    return found


def _happened(step: Happened) -> Q:
    return Q(pk__in=_happened_ids(step))


def _happened_ids(step: Happened) -> QuerySet[Any]:
    events = happened_rows(step)
    owner = step.event.rows.owner if step.event.rows else ""
    counted = events.values(owner).annotate(times=Count("pk"))
    for lookup, bound in (("gte", step.low), ("lte", step.high)):
        if bound is not None:
            counted = counted.filter(**{f"times__{lookup}": bound})
    owners: QuerySet[Any] = counted.order_by().values_list(owner, flat=True)
    return owners


def _compared(step: Compare, path: str) -> Q:
    if not path:
        raise ValueError(f"{step.field.name} cannot be asked of the operations database")
    if step.field.rows is not None:
        return _in_rows(step.field.rows, _row_condition(step))
    return _holds(step, path)


def _row_condition(step: Compare) -> Q:
    """A row without the value (a referrer in no tier) is none: it makes nothing present."""
    return _holds(step, step.field.orm_path)


def rows_counted(rows: Rows) -> QuerySet[Any]:
    """Return the rows of a field that count for filters and columns: without those of persons who did not grant its purpose."""
    found: QuerySet[Any] = apps.get_model(rows.model)._base_manager.filter(**dict(rows.where))
    if not rows.purpose:
        return found
    granting = [Q(**{f"{rows.owner}__in": ids}) for ids in run(Hook.GRANTING, rows.purpose)]
    return found.filter(*granting) if granting else found.none()


def _in_rows(rows: Rows, condition: Q) -> Q:
    return Q(Exists(rows_counted(rows).filter(condition, **{rows.owner: OuterRef("pk")})))


def _holds(step: Compare, path: str) -> Q:
    present = Q(**{f"{path}__isnull": False})  # keeps the comparison two-valued under any negation
    if step.comparison is Comparison.PRESENT:
        return present
    if step.comparison is Comparison.IN:
        return present & Q(**{f"{path}__in": [step.field.stored(value) for value in step.values]})
    if step.field.of_moment:
        return present & _on_days(step, path)
    lookup = "exact" if step.comparison is Comparison.EQ else step.comparison.value
    return present & Q(**{f"{path}__{lookup}": step.field.stored(step.values[0])})


def _on_days(step: Compare, path: str) -> Q:
    """Compare a moment by its business day, as bounds of the column: an index finds those."""
    day = step.values[0]
    assert isinstance(day, date), f"{step.field.name} is a date"
    begins, ends = day_start(day), day_start(day + timedelta(days=1))
    match step.comparison:
        case Comparison.LT:
            return Q(**{f"{path}__lt": begins})
        case Comparison.LTE:
            return Q(**{f"{path}__lt": ends})
        case Comparison.GT:
            return Q(**{f"{path}__gte": ends})
        case Comparison.GTE:
            return Q(**{f"{path}__gte": begins})
        case _:
            return Q(**{f"{path}__gte": begins, f"{path}__lt": ends})
