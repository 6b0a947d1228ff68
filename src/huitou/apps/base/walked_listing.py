"""
Lists of the operations database that are too large to be sorted: the same Asked, ListPage and Place as for small ones.

A page walks along the index of its sort column in pieces and keeps the rows that match, so it never sorts the whole table and
does not hang on the mood of a query planner. Where hardly any row matches, it asks for all that do and sorts those.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Max, Model, OneToOneRel, Q, QuerySet

from huitou.apps.base.filters import column_q, filter_q, narrowing_q
from huitou.apps.base.listing import (
    Asked,
    Count,
    Cursor,
    ListPage,
    ListRow,
    Place,
    Sort,
    SortColumn,
    SortValue,
    ordered,
    page_cut,
    relations_of,
    rows_values,
    stored_value,
)

_FIRST_PIECE, _PIECE = 400, 4_000  # ids looked at in one step of the walk
_WALK = 400  # ids looked at before asking how many match at all
_LONGEST_WALK = 40_000
_SHORT_WALK = 12_000  # ids after which few matching rows are rather sorted than walked to
FEW = 20_000  # matching rows that are sorted here
EXACT_UP_TO = 10_000  # of counts; more is estimated
_SAMPLE = 5_000
_WELL_ABOVE = 1.4  # an estimate of that many times EXACT_UP_TO is three standard errors above it at a million rows

_Key = tuple[SortValue | None, int]


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What a list lies over. model: its rows, by a whole number as id; those that are `live` are listed, all others never.

    published: a one-to-one table whose rows are written later, in order of id: a row newer than the newest of them has none.
    """

    model: type[Model]
    live: Q
    published: type[Model]

    @property
    def rows(self) -> QuerySet[Any]:
        return self.model._default_manager.filter(self.live)


@dataclass
class Matching:
    """
    The rows that a list asks for. few: the same rows, written for a search that starts at what is rare of them; the better
    way to all of them where few match, the worse one where many do.
    """

    ground: Ground
    rows: QuerySet[Any]
    few: QuerySet[Any]
    counted: int | None = None  # once somebody has fetched all of them

    @classmethod
    def of(cls, ground: Ground, reach: QuerySet[Any], asked: Asked) -> "Matching":
        """Return what of the rows in reach is asked for."""
        rows = reach.filter(filter_q(asked.filters, asked.catalogue, as_of=asked.as_of))
        if asked.only is not None:
            rows = rows.filter(pk__in_list=asked.only)
        few = rows.filter(narrowing_q(asked.filters, asked.catalogue, as_of=asked.as_of, model=ground.model))
        return cls(ground, rows, few)

    @cached_property
    def about(self) -> int:
        """
        How many match, by looking at every n-th id and scaling up.

        Ids are given in order of arrival, so old and new rows count alike. At 1 % of 1M rows the standard error is a
        seventh of the number, at 30 % a fiftieth; it is shown as about.
        """
        step = self.ids // _SAMPLE + 1
        looked_at = range(step, self.ids + 1, step)
        sampled = self.rows.filter(id__in_list=looked_at).order_by().count()
        return sampled * self.ids // len(looked_at) if looked_at else 0

    @cached_property
    def ids(self) -> int:
        """The highest id there is."""
        return self.ground.model._default_manager.aggregate(last=Max("id"))["last"] or 0

    def count_up_to(self, most: int) -> int | None:
        """Return how many match; None for more than `most`, and for an estimate so far above it that counting is not worth it."""
        if self.counted is None and self.about > _WELL_ABOVE * most:
            return None
        counted = self.few.order_by()[: most + 1].count() if self.counted is None else self.counted
        return counted if counted <= most else None

    def keys(self, path: str) -> list[_Key]:
        """Return (value at the path, id) of all of them, in no order."""
        found: list[_Key] = list(self.few.order_by().values_list(path, "id"))
        self.counted = len(found)
        return found


def walked_page(
    matching: Matching, asked: Asked, *, subjects: Callable[[Sequence[Any]], Sequence[object]], relations: Iterable[str] = ()
) -> ListPage:
    """
    Return one page; the first one carries its count.

    subjects: the owning app's own rows of those that are shown, in their order. relations: what those need besides the columns.
    """
    found = _rows_from(matching, asked, asked.limit + 1, relations={*relations, *relations_of(asked)})
    values = rows_values(found[: asked.limit], asked)
    page = page_cut([_listed(row, asked, values.get(row.pk, {})) for row in found], asked)
    own = subjects([row.subject for row in page.rows])
    shown = tuple(replace(row, subject=subject) for row, subject in zip(page.rows, own, strict=True))
    count = page.count or (walked_count(matching) if asked.cursor is None else None)
    return replace(page, rows=shown, count=count)


def walked_count(matching: Matching) -> Count:
    """Return how many rows match. Above EXACT_UP_TO it is estimated from a sample."""
    counted = matching.count_up_to(EXACT_UP_TO)
    return Count(max(EXACT_UP_TO + 1, matching.about), is_exact=False) if counted is None else Count(counted)


def walked_place(matching: Matching, asked: Asked) -> Place:
    """
    Return the neighbours of the position asked.cursor, whether its row still stands in the list, and how many do.

    The position is the value the row was listed with: it stays where it is when the row changes, leaves the list or is merged
    away. Without a cursor nothing is around it.
    """
    if asked.cursor is None:
        return Place(None, None, is_in=False, count=walked_count(matching))
    cursor = asked.cursor

    def neighbour(*, backward: bool) -> ListRow | None:
        beside = replace(asked, cursor=replace(cursor, backward=backward))
        found = _rows_from(matching, beside, 1, relations=set(relations_of(asked)))
        return _listed(found[0], asked, {}) if found else None

    before, after = neighbour(backward=True), neighbour(backward=False)
    return Place(before, after, is_in=matching.rows.filter(pk=cursor.row_id).exists(), count=walked_count(matching))


def _listed(row: Any, asked: Asked, values: dict[str, Any]) -> ListRow:
    path = asked.sort.column.path
    return ListRow(row.pk, values, row, stored_value(row, path) if path else None)


def _rows_from(matching: Matching, asked: Asked, limit: int, *, relations: set[str]) -> list[Any]:
    """Return up to `limit` of the rows from the cursor on, in the order of reading (backward: nearest first)."""
    ids = _ids_from(matching, asked.sort, asked.cursor, limit, _narrow(asked))
    rows = matching.rows.select_related(*sorted(relations)) if relations else matching.rows
    found = {row.pk: row for row in rows.filter(id__in_list=ids).order_by()}
    return [found[row_id] for row_id in ids if row_id in found]


def _narrow(asked: Asked) -> Q:
    """Return what the filter says of the sort column alone, in a query on its table."""
    path = asked.sort.column.path
    column = path.rpartition("__")[2]
    return column_q(asked.filters, asked.catalogue, as_of=asked.as_of, path=path, column=column) if path else Q()


def _ids_from(matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, narrow: Q) -> list[int]:
    backward = cursor is not None and cursor.backward
    ids: list[int] = []
    looked_at = 0
    for keys in _pieces(matching.ground, sort, cursor, narrow, backward=backward):
        in_piece = [row_id for _, row_id in keys]
        those = set(matching.rows.filter(id__in_list=in_piece).order_by().values_list("id", flat=True))
        ids += [row_id for row_id in in_piece if row_id in those]
        looked_at += len(keys)
        if len(ids) >= limit:
            break
        if looked_at >= _WALK and _is_long(matching, looked_at, limit - len(ids)):
            return _sorted(matching, sort, cursor, limit, backward=backward)
    return ids[:limit]


def _is_long(matching: Matching, looked_at: int, wanted: int) -> bool:
    """Say whether it is better to sort all who match than to walk on: told by how many there are, and by the way so far."""
    if matching.about > FEW:
        return looked_at > _LONGEST_WALK
    return looked_at > _SHORT_WALK or wanted * matching.ids > matching.about * _SHORT_WALK


def _sorted(matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, *, backward: bool) -> list[int]:
    """Fetch the keys of all who match and sort them here; of more than FEW the database sorts, which need not hand them out."""
    if matching.about > FEW:
        return list(ordered(matching.rows, sort, cursor).values_list("pk", flat=True)[:limit])
    by_id = not sort.column.path
    keys = matching.keys(sort.column.path or "id")
    sign = -1 if sort.descending else 1

    def place(key: _Key) -> tuple[bool, float, int]:
        value, row_id = key
        if isinstance(value, str):
            raise TypeError(f"rows are sorted by numbers and dates here, not by {sort.column.code}")
        number = value.toordinal() if isinstance(value, date) else value
        return (number is None, sign * (number or 0), sign * row_id)

    keys.sort(key=place, reverse=backward)
    if cursor is not None:
        start = place((cursor.row_id if by_id else cursor.value, cursor.row_id))
        keys = [key for key in keys if (place(key) < start if backward else place(key) > start)]
    return [row_id for _, row_id in keys[:limit]]


def _pieces(ground: Ground, sort: Sort, cursor: Cursor | None, narrow: Q, *, backward: bool) -> Iterator[list[_Key]]:
    """Yield the keys of all rows in the order of reading, piece by piece, from the cursor on."""
    descending = sort.descending != backward
    size = _FIRST_PIECE
    for part in _parts(ground, sort, cursor, narrow, backward=backward):
        position = cursor if part.holds(cursor) else None
        while keys := part.keys(position, size, descending=descending):
            yield keys
            position = Cursor(*keys[-1], backward)
            size = _PIECE


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch of the order that lies in one index: rows of one table, by `value` (None: by id alone) and id."""

    rows: QuerySet[Model]
    value: str | None
    id: str
    without_value: bool = False

    def holds(self, cursor: Cursor | None) -> bool:
        return cursor is not None and (self.value is None) == (cursor.value is None)

    def keys(self, start: Cursor | None, size: int, *, descending: bool) -> list[_Key]:
        rows = self.rows if start is None else self.rows.filter(self._behind(start, "lt" if descending else "gt"))
        sign = "-" if descending else ""
        if self.value is None:
            ids = rows.order_by(sign + self.id).values_list(self.id, flat=True)[:size]
            return [(None, row_id) for row_id in ids]
        return list(rows.order_by(sign + self.value, sign + self.id).values_list(self.value, self.id)[:size])

    def _behind(self, start: Cursor, way: str) -> Q:
        if self.value is None:
            return Q(**{f"{self.id}__{way}": start.row_id})
        bound = Q(**{f"{self.value}__{way}e": start.value})  # bounds the walk; the rest skips its tied start
        return bound & (Q(**{f"{self.value}__{way}": start.value}) | Q(**{f"{self.id}__{way}": start.row_id}))


@dataclass(frozen=True, slots=True)
class _Column:
    """Where a sort column lies: rows of `model` by `name`, whose listed row is `key`; `relation` leads there from that."""

    model: type[Model]
    relation: str
    name: str
    key: str


def _column(ground: Ground, column: SortColumn) -> _Column:
    relation, _, name = column.path.rpartition("__")
    if not relation:
        return _Column(ground.model, "", name, "id")
    found = ground.model._meta.get_field(relation)
    if not isinstance(found, OneToOneRel):
        raise TypeError(f"{column.code}: {relation} leads to no table beside {ground.model.__name__}")
    return _Column(found.related_model, relation, name, found.field.attname)


def _parts(ground: Ground, sort: Sort, cursor: Cursor | None, narrow: Q, *, backward: bool) -> list[_Part]:
    """
    Return the parts in the order of reading, from the one that holds the cursor on.

    Behind the rows with a value come those without one, by id: those whose row beside has none, and those without such a row.
    """
    if not sort.column.path:
        return [_Part(ground.rows, None, "id")]
    column = _column(ground, sort.column)
    rows = column.model._base_manager.filter(narrow)
    if not column.relation:
        rows = rows.filter(ground.live)
    valued = _Part(rows.filter(**{f"{column.name}__isnull": False}), column.name, column.key)
    missing = _without_value(ground, column, narrow)
    if sort.descending:
        missing.reverse()
    parts = [valued, *missing]
    if backward:
        parts.reverse()
    if cursor is not None and (cursor.value is None) != backward:
        parts = [part for part in parts if part.without_value == (cursor.value is None)]
    return parts


def _without_value(ground: Ground, column: _Column, narrow: Q) -> list[_Part]:
    """Return the parts without a value, lower ids first."""
    if column.model is not ground.published:
        path = f"{column.relation}__{column.name}" if column.relation else column.name
        return [_Part(ground.rows.filter(**{f"{path}__isnull": True}), None, "id", without_value=True)]
    published = ground.published._base_manager
    newest = published.aggregate(last=Max(column.key))["last"] or 0
    empty = published.filter(narrow, **{f"{column.name}__isnull": True})
    later = ground.rows.filter(id__gt=newest)
    return [_Part(empty, None, column.key, without_value=True), _Part(later, None, "id", without_value=True)]
