"""
Lists of the operations database that are too large to be sorted: the same Asked, ListPage and Place as for small ones.

A page walks along the index of its sort column in pieces and keeps the rows that match, so it never sorts the whole table and
does not hang on the mood of a query planner. Where hardly any row matches, it asks for all that do and sorts those.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain, repeat
from typing import Any

from django.db.models import Max, Q, QuerySet

from huitou.apps.base.filters import barring_ids, column_q, filter_q, narrowing_ids, table_q
from huitou.apps.base.kept import keep, kept_known
from huitou.apps.base.listing import (
    Asked,
    Count,
    Cursor,
    ListPage,
    ListRow,
    Place,
    Sort,
    ordered,
    page_cut,
    relations_of,
    rows_values,
    stored_value,
)
from huitou.apps.base.walked_far import far_ids, listed_ids, reached_ids
from huitou.apps.base.walked_parts import Ground, Key, columns_before, model_of, parts_of_order

_PER_ROW = 4  # ids looked at first for each row wanted
_FIRST_PIECE, _PIECE = 400, 4_000  # ids looked at in one step of the walk
_WALK = 400  # ids looked at before asking how many match at all
_LONGEST_WALK = 40_000
_FAR = 4_000  # ids after which the first of many matching rows are looked for from afar
_SHORT_WALK = 12_000  # ids after which few matching rows are rather sorted than walked to
FEW = 20_000  # matching rows that are sorted here
LOOKED_UP = 4_000  # ids that are looked up in less time than it takes to pass a store's
EXACT_UP_TO = 10_000  # of counts; more is estimated
SMALL_TABLE = 50_000  # ids of a table whose rows are counted exactly however many match
_BARRED = 5  # times as far, of as many more: who is left out are hundreds of thousands to name
_FAR_IDS = "far-ids"
_SAMPLE = 5_000
_WELL_ABOVE = 1.4  # an estimate of that many times EXACT_UP_TO is three standard errors above it at a million rows


@dataclass
class Matching:
    """
    The rows that a list asks for. few: the same rows, written for a search that starts at what is rare of them; the better
    way to all of them where few match, the worse one where many do. lists: of ids in which each of them stands. barred: of ids in
    which none does. within: all that are in reach, where that is a part of the whole. known: how many match, roughly, where
    that was counted before.
    """

    ground: Ground
    rows: QuerySet[Any]
    few: QuerySet[Any]
    lists: tuple[QuerySet[Any], ...] = ()
    barred: tuple[QuerySet[Any], ...] = ()
    within: QuerySet[Any] | None = None
    known: int | None = None
    counted: int | None = None  # once somebody has fetched all of them

    @classmethod
    def of(cls, ground: Ground, reach: QuerySet[Any], asked: Asked, *, is_cut: bool = False) -> "Matching":
        """Return what of the rows in reach is asked for. is_cut: the reach is a part of the whole that lies in an index."""
        rows = reach.filter(filter_q(asked.filters, asked.catalogue, as_of=asked.as_of))
        if asked.only is not None:
            rows = rows.filter(pk__in_list=asked.only)
        lists = narrowing_ids(asked.filters, asked.catalogue, as_of=asked.as_of, model=ground.model)
        barred = barring_ids(asked.filters, asked.catalogue, as_of=asked.as_of, model=ground.model)
        few = rows.filter(*[Q(pk__in=ids) for ids in lists])
        return cls(ground, rows, few, tuple(lists), tuple(barred), reach if is_cut else None, asked.about)

    @cached_property
    def about(self) -> int:
        """
        How many match, by looking at every n-th id and scaling up.

        Ids are given in order of arrival, so old and new rows count alike. At 1 % of 1M rows the standard error is a
        seventh of the number, at 30 % a fiftieth; it is shown as about.
        """
        if self.known is not None:
            return self.known
        looked_at = self.every_nth(_SAMPLE)
        sampled = self.rows.filter(id__in_list=looked_at).order_by().count()
        return sampled * self.ids // len(looked_at) if looked_at else 0

    @property
    def bars(self) -> tuple[QuerySet[Any], ...]:
        """The lists of whom it leaves out, where so many match that the database would rather name those than sort these."""
        return self.barred if self.about > _BARRED * FEW else ()

    def every_nth(self, most: int) -> range:
        """Return up to `most` ids, evenly over all there are."""
        step = self.ids // most + 1
        return range(step, self.ids + 1, step)

    @cached_property
    def ids(self) -> int:
        """The highest id there is."""
        return self.ground.model._default_manager.aggregate(last=Max("id"))["last"] or 0

    @cached_property
    def rarest(self) -> QuerySet[Any]:
        """The same rows as `few`: by their ids, where the lists together name few; the database would look up all of one list."""
        listed = listed_ids(self.lists, FEW) if self.lists else None
        if listed is None:
            return self.few
        if self.within is not None and len(listed) > LOOKED_UP:
            listed = reached_ids(self.within, listed)
        return self.rows.filter(id__in_list=frozenset(listed))  # Django would look at each element of a list

    @cached_property
    def exact_count(self) -> int | None:
        """
        How many match. None for more than EXACT_UP_TO in a large table, and for an estimate so far above it that counting is not
        worth it.
        """
        if self.counted is not None:
            return self.counted
        most = self.ids if self.ids <= SMALL_TABLE else EXACT_UP_TO
        if self.about > _WELL_ABOVE * most:
            return None
        counted = self.rarest.order_by()[: most + 1].count()
        return counted if counted <= most else None

    def keys(self, path: str) -> list[Key]:
        """Return (value at the path, id) of all of them, in no order."""
        found: list[Key] = list(self.rarest.order_by().values_list(path, "id"))
        self.counted = len(found)
        return found


def walked_page(
    matching: Matching, asked: Asked, *, subjects: Callable[[Sequence[Any]], Sequence[object]], relations: Iterable[str] = ()
) -> ListPage:
    """
    Return one page; the first one carries its count, unless that was known before.

    subjects: the owning app's own rows of those that are shown, in their order. relations: what those need besides the columns.
    """
    found = _rows_from(matching, asked, asked.limit + 1, relations={*relations, *relations_of(asked)})
    values = rows_values(found[: asked.limit], asked)
    page = page_cut([_listed(row, asked, values.get(row.pk, {})) for row in found], asked)
    own = subjects([row.subject for row in page.rows])
    shown = tuple(replace(row, subject=subject) for row, subject in zip(page.rows, own, strict=True))
    count = page.count or (walked_count(matching) if asked.cursor is None and asked.about is None else None)
    return replace(page, rows=shown, count=count)


def walked_count(matching: Matching) -> Count:
    """Return how many rows match; more than EXACT_UP_TO of a large table are estimated from a sample, unless all were fetched."""
    counted = matching.exact_count
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
    ids = _ids_from(matching, asked, limit)
    rows = matching.rows.select_related(*sorted(relations)) if relations else matching.rows
    found = {row.pk: row for row in rows.filter(id__in_list=ids).order_by()}
    return [found[row_id] for row_id in ids if row_id in found]


def _narrow(ground: Ground, asked: Asked) -> Q:
    """Return what the filter says of the columns of the order's index, in a query on its table."""
    column = asked.sort.column
    if not column.path:
        return Q()
    before = columns_before(ground, column)
    return column_q(asked.filters, asked.catalogue, as_of=asked.as_of, path=column.path, before=before)


def _said_beside(asked: Asked) -> Q:
    """Return all that the filter says of the order's table, where that is another one than the list's."""
    relation = asked.sort.column.path.rpartition("__")[0]
    return table_q(asked.filters, asked.catalogue, as_of=asked.as_of, relation=relation) if relation else Q()


def _ids_from(matching: Matching, asked: Asked, limit: int) -> list[int]:
    known = _kept_ids(matching, asked, limit)
    if known is not None:
        return known
    ids: list[int] = []
    looked_at = 0
    for keys in _pieces(matching.ground, asked, _narrow(matching.ground, asked), first=_PER_ROW * limit):
        in_piece = [row_id for _, row_id in keys]
        those = set(matching.rows.filter(id__in_list=in_piece).order_by().values_list("id", flat=True))
        ids += [row_id for row_id in in_piece if row_id in those]
        looked_at += len(keys)
        if len(ids) >= limit:
            break
        if looked_at >= _WALK and _is_long(matching, asked, looked_at, len(ids), limit):
            far = _looked_up(matching, asked, limit)
            if asked.rests_on is not None:
                keep(_FAR_IDS, far, *_far_key(asked, limit))
            return far
    return ids[:limit]


def _kept_ids(matching: Matching, asked: Asked, limit: int) -> list[int] | None:
    """Return the ids that were far to find minutes ago; None where they were not, or one of them does not match any more."""
    if asked.rests_on is None:
        return None
    known: list[int] | None = kept_known(_FAR_IDS, *_far_key(asked, limit))
    if known is None or matching.rows.filter(id__in_list=known).order_by().count() < len(known):
        return None
    return known


def _far_key(asked: Asked, limit: int) -> tuple[object, ...]:
    return (asked.rests_on, asked.only, asked.sort, asked.cursor, limit)


def _is_long(matching: Matching, asked: Asked, looked_at: int, found: int, limit: int) -> bool:
    """
    Say whether it is better to sort all who match than to walk on: told by how many there are, and by the way so far.

    Where another way is near, a walk that goes on finding as few as until now is not walked to its end.
    """
    wanted = limit - found
    if matching.about > FEW:
        ahead = looked_at + wanted * looked_at // max(found, 1)
        if matching.lists or _said_beside(asked):
            return ahead > _FAR
        return ahead > _BARRED * _FAR if matching.bars else looked_at > _LONGEST_WALK
    return looked_at > _SHORT_WALK or wanted * matching.ids > matching.about * _SHORT_WALK


def _looked_up(matching: Matching, asked: Asked, limit: int) -> list[int]:
    """Return the ids without walking on: of few by sorting them here, of many from afar, or as the database sorts them."""
    sort, cursor = asked.sort, asked.cursor
    backward = cursor is not None and cursor.backward
    if matching.about <= FEW:
        return _sorted(matching, sort, cursor, limit, backward=backward)
    said = _said_beside(asked)
    if matching.lists or matching.bars or said:
        lists, barred = (
            [ids for ids in of if not said or ids.model is not model_of(matching.ground, sort.column)]
            for of in (matching.lists, matching.bars)
        )
        parts = parts_of_order(matching.ground, sort, cursor, said, backward=backward)
        found = far_ids(matching.rows, lists, parts, cursor, limit, barred=barred, descending=sort.descending != backward)
        if found is not None:
            return found
    return list(ordered(matching.rows, sort, cursor).values_list("pk", flat=True)[:limit])


def _sorted(matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, *, backward: bool) -> list[int]:
    """Fetch the keys of all who match and sort them here."""
    by_id = not sort.column.path
    keys = matching.keys(sort.column.path or "id")
    sign = -1 if sort.descending else 1

    def place(key: Key) -> tuple[bool, float, int]:
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


def _pieces(ground: Ground, asked: Asked, narrow: Q, *, first: int) -> Iterator[list[Key]]:
    """Yield the keys of all rows in the order of reading, piece by piece, from the cursor on; first: how many at first."""
    cursor = asked.cursor
    backward = cursor is not None and cursor.backward
    sizes = chain((min(first, _FIRST_PIECE), _FIRST_PIECE), repeat(_PIECE))
    for part in parts_of_order(ground, asked.sort, cursor, narrow, backward=backward):
        position = cursor if part.holds(cursor) else None
        while keys := part.keys(position, next(sizes), descending=asked.sort.descending != backward):
            yield keys
            position = Cursor(*keys[-1], backward)
