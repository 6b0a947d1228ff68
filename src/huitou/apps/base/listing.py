"""
Lists of any noun: the order, a place in the order, the page, the count.

A page starts where the last one ended, by the value of the sort column and the id (keyset), so that a page deep in the list
costs what the first one does. Rows without a value come last in both directions.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.db.models import F, Model, Q, QuerySet

from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.filters import filter_q, rows_counted
from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.plan import Compare, leaves, matches, plan
from huitou.core.filters.tree import EVERYTHING, Condition, Node, Operator, Scalar
from huitou.core.labels import Label

SortValue = int | float | date | str
RowValue = Scalar | tuple[Scalar, ...] | None  # None: missing; a tuple: of a field with rows
LARGEST_PAGE = 200
_NUMBER = Label("编号", "number")


class ListRefused(Exception):
    """The address of a list asks for what this list does not have; `text` is what was asked."""

    def __init__(self, text: str, problem: str) -> None:
        super().__init__(f"{problem}: {text[:60]!r}")
        self.text = text[:60]


class SortRefused(ListRefused):
    """No such order."""


class CursorRefused(ListRefused):
    """The cursor of a page is not one that this list gave out for this order."""


def _whole(text: str) -> int:
    number = int(text)
    if abs(number) >= 2**63:
        raise ValueError("larger than any stored number")
    return number


def _fraction(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("no number")
    return number


def _words(text: str) -> str:
    try:
        return base64.urlsafe_b64decode(text).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("no text") from error


_READERS: Mapping[FieldType, Callable[[str], SortValue]] = {
    FieldType.CODE: _words,
    FieldType.ENUM: _words,
    FieldType.DATE: date.fromisoformat,
    FieldType.DAYS_AGO: date.fromisoformat,
    FieldType.SHARE: _fraction,
}


@dataclass(frozen=True, slots=True)
class SortColumn:
    """One column that a list can be sorted by: a place as in Field.orm_path, "" for the id."""

    code: str
    label: Label
    path: str = ""
    type: FieldType = FieldType.INTEGER

    def read(self, text: str) -> SortValue:
        """Read a value of this column from a cursor. Raises ValueError."""
        return _READERS.get(self.type, _whole)(text)


def sort_columns(entries: Iterable[FieldEntry], *, by_id: Label = _NUMBER) -> dict[str, SortColumn]:
    """Return the columns a list can be sorted by, by code; the id comes last."""
    found = {
        entry.field.name: SortColumn(entry.field.name, entry.field.label, entry.field.orm_path, entry.field.type)
        for entry in entries
        if entry.sortable
    }
    return {**found, "id": SortColumn("id", by_id)}


@dataclass(frozen=True, slots=True)
class Sort:
    """A column and a direction; ties go by id in the same direction."""

    column: SortColumn
    descending: bool

    def text(self) -> str:
        return f"-{self.column.code}" if self.descending else self.column.code


def sort_read(text: str, columns: Mapping[str, SortColumn]) -> Sort:
    """Read "net_365d" or "-net_365d" (highest first). Raises SortRefused with the allowed codes."""
    column = columns.get(text.removeprefix("-"))
    if column is None:
        raise SortRefused(text, f"allowed orders: {', '.join(columns)}, each also with a leading -; got")
    return Sort(column, text.startswith("-"))


@dataclass(frozen=True, slots=True)
class Cursor:
    """The position of one row in the order (value None: in the part without one), and which way to read from it."""

    value: SortValue | None
    row_id: int
    backward: bool

    def text(self) -> str:
        """Return the cursor for a web address; it holds nothing but the sort value and the id."""
        value = "" if self.value is None else str(self.value)
        if isinstance(self.value, str):
            value = base64.urlsafe_b64encode(self.value.encode()).decode()
        return f"{'p' if self.backward else 'n'}~{value}~{self.row_id}"


def cursor_read(text: str, column: SortColumn) -> Cursor:
    """Read a cursor. Raises CursorRefused."""
    found = re.fullmatch(r"([np])~([0-9A-Za-z_=.+-]{0,400})~([0-9]{1,18})", text)
    if found is None:
        raise CursorRefused(text, "not a cursor")
    way, value, row_id = found.groups()
    try:
        return Cursor(column.read(value) if value else None, int(row_id), way == "p")
    except ValueError as error:
        raise CursorRefused(text, f"not a cursor of a list by {column.code}") from error


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows match; an estimate says so."""

    value: int
    is_exact: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What somebody wants to see of a list. shown: the fields whose values the rows carry.

    only: of these rows alone (what was ticked on a page), None: of all. about: how many match, roughly, where that is known: a
    large list is then not counted again. rests_on: all that makes another answer, where the filter asks nothing but what is
    published: a stretch that was far to find is then kept for minutes; None where a row may begin to match at any time.
    """

    catalogue: Catalogue
    sort: Sort
    as_of: date
    filters: Node = EVERYTHING
    cursor: Cursor | None = None
    shown: tuple[FieldEntry, ...] = ()
    limit: int = 50
    only: tuple[int, ...] | None = None
    about: int | None = None
    rests_on: tuple[object, ...] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LARGEST_PAGE:
            raise ValueError(f"a page has 1 to {LARGEST_PAGE} rows, not {self.limit}")


@dataclass(frozen=True, slots=True)
class ListRow:
    """
    One line: values by field name (None: missing; a tuple for a field with rows), and the owning app's own row.

    sort_value: what the list is sorted by here.
    """

    row_id: int
    values: Mapping[str, RowValue]
    subject: Any
    sort_value: SortValue | None = None

    def cursor(self, *, backward: bool) -> str:
        return Cursor(self.sort_value, self.row_id, backward).text()


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page; the cursors are None at the ends. count: of the whole list where finding the page told it."""

    rows: tuple[ListRow, ...]
    next_cursor: str | None
    previous_cursor: str | None
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """
    The rows around a position in a list, None at its ends. is_in: whether the row that stood there still matches; if not,
    the rows around where it stood are still told. count: of the whole list.
    """

    before: ListRow | None
    after: ListRow | None
    is_in: bool
    count: Count


def page_cut(found: list[ListRow], asked: Asked) -> ListPage:
    """Return the page of up to limit + 1 rows that were read from the cursor on, in the order of reading."""
    is_cut = len(found) > asked.limit
    rows = found[: asked.limit]
    backward = asked.cursor is not None and asked.cursor.backward
    if backward:
        rows.reverse()
    after, before = (bool(rows), is_cut) if backward else (is_cut, asked.cursor is not None and bool(rows))
    return ListPage(
        tuple(rows),
        rows[-1].cursor(backward=False) if after else None,
        rows[0].cursor(backward=True) if before else None,
        Count(len(rows)) if asked.cursor is None and not is_cut else None,
    )


def rows_page(rows: QuerySet[Any], asked: Asked) -> ListPage:
    """Return one page of a table that is small enough to be sorted (stores, products, batches)."""
    matching = matching_rows(rows, asked)
    found = list(ordered(matching, asked.sort, asked.cursor)[: asked.limit + 1])
    values = rows_values(found, asked)
    path = asked.sort.column.path
    return page_cut(
        [ListRow(row.pk, values[row.pk], row, stored_value(row, path) if path else None) for row in found],
        asked,
    )


def rows_count(rows: QuerySet[Any], asked: Asked) -> Count:
    """Return how many rows match."""
    return Count(matching_rows(rows, asked).order_by().count())


def rows_place(rows: QuerySet[Any], asked: Asked) -> Place:
    """Return the rows around the position asked.cursor of such a table; without a cursor nothing is around it."""
    matching = matching_rows(rows, asked)
    count = rows_count(rows, asked)
    if asked.cursor is None:
        return Place(None, None, is_in=False, count=count)
    cursor, path = asked.cursor, asked.sort.column.path

    def neighbour(*, backward: bool) -> ListRow | None:
        row = ordered(matching, asked.sort, replace(cursor, backward=backward)).first()
        return None if row is None else ListRow(row.pk, {}, row, stored_value(row, path) if path else None)

    is_in = matching.filter(pk=cursor.row_id).exists()
    return Place(neighbour(backward=True), neighbour(backward=False), is_in=is_in, count=count)


def matching_rows(rows: QuerySet[Any], asked: Asked) -> QuerySet[Any]:
    """Return those of the rows that the filter, and what was ticked, ask for."""
    matching = rows.filter(filter_q(asked.filters, asked.catalogue, as_of=asked.as_of))
    return matching if asked.only is None else matching.filter(pk__in_list=asked.only)


def ordered(rows: QuerySet[Any], sort: Sort, cursor: Cursor | None) -> QuerySet[Any]:
    """Return the rows from the cursor on in the order of reading; those without a value come last in both directions."""
    backward = cursor is not None and cursor.backward
    descending = sort.descending != backward
    by_id = "-pk" if descending else "pk"
    path = sort.column.path
    way = "lt" if descending else "gt"
    if not path:
        return (rows if cursor is None else rows.filter(**{f"pk__{way}": cursor.row_id})).order_by(by_id)
    if cursor is not None:
        rows = rows.filter(_behind(cursor, path, way))
    column = F(path)
    order = column.desc if descending else column.asc
    return rows.order_by(order(nulls_first=True) if backward else order(nulls_last=True), by_id)


def _behind(cursor: Cursor, path: str, way: str) -> Q:
    without = Q(**{f"{path}__isnull": True})
    if cursor.value is None:
        later = without & Q(**{f"pk__{way}": cursor.row_id})
        return later | ~without if cursor.backward else later
    tied = Q(**{path: cursor.value, f"pk__{way}": cursor.row_id})
    later = Q(**{f"{path}__{way}": cursor.value}) | tied
    return later if cursor.backward else later | without


def stored_value(row: object, path: str) -> Scalar | None:
    """Return what stands at a place of a row ("facts__net_fen"); None where a step is missing."""
    value: Any = row
    for step in path.split("__"):
        value = getattr(value, step, None)
    return value  # type: ignore[no-any-return]


def relations_of(asked: Asked) -> list[str]:
    """Return the relations to fetch with the rows so that reading the shown values and the sort value asks nothing more."""
    paths = [entry.field.orm_path for entry in asked.shown if entry.field.rows is None] + [asked.sort.column.path]
    return sorted({path.rpartition("__")[0] for path in paths if "__" in path})


def rows_values(rows: Iterable[Model], asked: Asked) -> dict[int, dict[str, RowValue]]:
    """Return {row id: {field name: value}} of the shown fields; one query per field with rows of its own."""
    rows = list(rows)
    ids = [row.pk for row in rows]
    values: dict[int, dict[str, RowValue]] = {row_id: {} for row_id in ids}
    for field in (entry.field for entry in asked.shown):
        several = _in_rows(field, ids) if field.rows is not None else {}
        choice_of = chooser(field, asked, lambda row, of: stored_value(row, of.orm_path)) if field.is_derived else None
        for row in rows:
            if field.rows is not None:
                values[row.pk][field.name] = several.get(row.pk)
            elif choice_of is not None:
                values[row.pk][field.name] = choice_of(row)
            else:
                values[row.pk][field.name] = stored_value(row, field.orm_path)
    return values


def _in_rows(field: Field, ids: list[int]) -> dict[int, tuple[Scalar, ...]]:
    assert field.rows is not None
    owner = field.rows.owner
    held = rows_counted(field.rows).filter(**{f"{owner}__in": ids})
    found: dict[int, tuple[Scalar, ...]] = {}
    for row_id, value in held.order_by(owner, field.orm_path).values_list(owner, field.orm_path).distinct():
        found[row_id] = (*found.get(row_id, ()), value)
    return found


def chooser(field: Field, asked: Asked, stored: Callable[[Any, Field], Scalar | None]) -> Callable[[Any], str | None]:
    """Return what says which choice of a derived field is true of a row; stored: how a row is asked for a field's value."""
    steps = {
        choice.code: plan(Condition(field.name, Operator.EQ, choice.code), asked.catalogue, as_of=asked.as_of)
        for choice in field.choices
    }
    compares = [leaf for step in steps.values() for leaf in leaves(step) if isinstance(leaf, Compare)]
    needed = {compare.field.name: compare.field for compare in compares}

    def choice_of(row: Any) -> str | None:
        values = {name: stored(row, of) for name, of in needed.items()}
        return next((code for code, step in steps.items() if matches(step, values)), None)

    return choice_of
