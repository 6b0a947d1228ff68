"""The rows of a list by the values of one field: how many stand under each, and what they come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, F, QuerySet, Sum, Value, When
from django.db.models import Count as RowCount
from django.db.models.expressions import Combinable

from huitou.apps.base.filters import filter_q
from huitou.apps.base.listing import Asked, Count, matching_rows
from huitou.apps.base.walked_listing import Matching, walked_count
from huitou.core.filters.catalogue import Field
from huitou.core.filters.tree import Condition, Operator, Scalar
from huitou.core.metrics.shares import apportioned

_SAMPLE = 20_000  # as many as `walked_spread` looks at


@dataclass(frozen=True, slots=True)
class Group:
    """The rows with one value of the field (None: with none). summed: what they come to, None where nothing was asked for."""

    value: Scalar | None
    count: int
    summed: int | None = None


@dataclass(frozen=True, slots=True)
class Groups:
    """All groups that any row stands in; they add up to count. Where count is an estimate, so are they."""

    count: Count
    groups: tuple[Group, ...]


def walked_groups(matching: Matching, asked: Asked, field: Field, *, summed: str = "") -> Groups:
    """
    Return the groups of the rows of a large list; summed: the place in the ORM of what to add up.

    Counted where the count is exact. Where that is an estimate, every n-th id is looked at and scaled up: a group of 1 % of 1M
    rows has a standard error of a fourteenth of its size.
    """
    if matching.exact_count is not None:
        return _exact(_found(matching.rarest, asked, field, summed))
    count = walked_count(matching)
    sampled = _found(matching.rows.filter(id__in_list=matching.every_nth(_SAMPLE)), asked, field, summed)
    seen = sum(number for number, _ in sampled.values())
    counts = apportioned(count.value, {value: number for value, (number, _) in sampled.items()})

    def scaled(total: int | None) -> int | None:
        return None if total is None else total * count.value // seen

    groups = (Group(value, number, scaled(sampled[value][1])) for value, number in counts.items())
    return Groups(count, tuple(groups))


def rows_groups(rows: QuerySet[Any], asked: Asked, field: Field, *, summed: str = "") -> Groups:
    """Return the groups of the rows of a table that is small enough to be counted."""
    return _exact(_found(matching_rows(rows, asked), asked, field, summed))


def _exact(found: "Mapping[Scalar | None, tuple[int, int | None]]") -> Groups:
    groups = tuple(Group(value, number, total) for value, (number, total) in found.items())
    return Groups(Count(sum(group.count for group in groups)), groups)


def _found(rows: QuerySet[Any], asked: Asked, field: Field, summed: str) -> dict[Scalar | None, tuple[int, int | None]]:
    """Return (rows, sum) by value; an empty code is no value, nor is one of a scheme that sorted them before and is gone."""
    counted = rows.order_by().values_list(_value(field, asked)).annotate(_rows=RowCount("pk"))
    if summed:
        counted = counted.annotate(_sum=Sum(summed))
    codes = {choice.stored: choice.code for choice in field.choices if choice.stored is not None}
    offered = {choice.code for choice in field.choices}
    found: dict[Scalar | None, tuple[int, int | None]] = {}
    for stored, number, *sums in counted:
        value = codes.get(stored, stored)
        value = None if value == "" or (offered and value not in offered) else value
        before, total = found.get(value, (0, 0))
        found[value] = (before + number, (total or 0) + int(sums[0] or 0) if summed else None)
    return found


def _value(field: Field, asked: Asked) -> Combinable:
    """Return the expression of a field's value; of a derived one the first choice whose rule holds, as in its cells."""
    if not field.is_derived:
        return F(field.orm_path)
    rules = (
        When(
            filter_q(Condition(field.name, Operator.EQ, choice.code), asked.catalogue, as_of=asked.as_of), then=Value(choice.code)
        )
        for choice in field.choices
    )
    return Case(*rules, output_field=CharField())
