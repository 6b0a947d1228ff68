"""
Keyset paging over persons: a page starts where the last one ended, by the value of the sort column and the person id.

Persons without a value come last in both directions. A page walks along the index of its sort column in pieces and keeps
the persons that match, so it never sorts the whole table and does not hang on the mood of a query planner. Where hardly
anybody matches, it asks for all who do and sorts those.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Max, Model, Q, QuerySet

from huitou.apps.base.listing import Cursor, Sort, SortColumn, SortValue
from huitou.apps.customers.models import Person, PersonFacts

_FIRST_PIECE, _PIECE = 400, 4_000  # ids looked at in one step of the walk
_WALK = 400  # ids looked at before asking how many match at all
_LONGEST_WALK = 40_000
FEW = 20_000  # matching persons that are rather sorted than walked to
_SAMPLE = 5_000

_Key = tuple[SortValue | None, int]


@dataclass
class Matching:
    """
    The persons that a list asks for. few: the same persons, written for a search that starts at what is rare of them;
    the better way to all of them where few match, the worse one where many do.
    """

    persons: QuerySet[Person]
    few: QuerySet[Person]
    counted: int | None = None  # once somebody has fetched all of them

    @cached_property
    def about(self) -> int:
        """
        How many match, by looking at every n-th person id and scaling up.

        Ids are given in order of arrival, so old and new persons count alike. At 1 % of 1M persons the standard error is a
        seventh of the number, at 30 % a fiftieth; it is shown as about.
        """
        last_id = Person.objects.aggregate(last=Max("id"))["last"] or 0
        step = last_id // _SAMPLE + 1
        looked_at = range(step, last_id + 1, step)
        sampled = self.persons.filter(id__in_list=looked_at).order_by().count()
        return sampled * last_id // len(looked_at) if looked_at else 0

    def count_up_to(self, most: int) -> int | None:
        """Return how many match; None for more than `most`, and for an estimate so far above it that counting is not worth it."""
        if self.counted is None and self.about > 2 * most:
            return None
        counted = self.few.order_by()[: most + 1].count() if self.counted is None else self.counted
        return counted if counted <= most else None

    def keys(self, path: str) -> list[_Key]:
        """Return (value at the path, person id) of all of them, in no order."""
        found: list[_Key] = list(self.few.order_by().values_list(path, "id"))
        self.counted = len(found)
        return found


def rows_from(
    matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, *, relations: Iterable[str] = (), narrow: Q | None = None
) -> list[Person]:
    """
    Return up to `limit` of the persons from the cursor on, in the order of reading (backward: nearest first).

    relations: what to fetch with them. narrow: a condition on the sort column alone, in a query on its table, that every
    matching person fulfils.
    """
    ids = _ids_from(matching, sort, cursor, limit, narrow or Q())
    persons = matching.persons.select_related(*sorted(relations)) if relations else matching.persons
    found = {person.pk: person for person in persons.filter(id__in_list=ids).order_by()}
    return [found[person_id] for person_id in ids if person_id in found]


def _ids_from(matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, narrow: Q) -> list[int]:
    backward = cursor is not None and cursor.backward
    ids: list[int] = []
    looked_at = 0
    for keys in _pieces(sort, cursor, narrow, backward=backward):
        in_piece = [person_id for _, person_id in keys]
        those = set(matching.persons.filter(id__in_list=in_piece).order_by().values_list("id", flat=True))
        ids += [person_id for person_id in in_piece if person_id in those]
        looked_at += len(keys)
        if len(ids) >= limit:
            break
        if looked_at > _LONGEST_WALK or (looked_at >= _WALK and matching.about <= FEW):
            return _sorted(matching, sort, cursor, limit, backward=backward)
    return ids[:limit]


def _sorted(matching: Matching, sort: Sort, cursor: Cursor | None, limit: int, *, backward: bool) -> list[int]:
    """Fetch the keys of all who match and sort them here."""
    by_id = not sort.column.path
    keys = matching.keys(sort.column.path or "id")
    sign = -1 if sort.descending else 1

    def place(key: _Key) -> tuple[bool, float, int]:
        value, person_id = key
        if isinstance(value, str):
            raise TypeError(f"persons are sorted by numbers and dates, not by {sort.column.code}")
        number = value.toordinal() if isinstance(value, date) else value
        return (number is None, sign * (number or 0), sign * person_id)

    keys.sort(key=place, reverse=backward)
    if cursor is not None:
        start = place((cursor.row_id if by_id else cursor.value, cursor.row_id))
        keys = [key for key in keys if (place(key) < start if backward else place(key) > start)]
    return [person_id for _, person_id in keys[:limit]]


def _pieces(sort: Sort, cursor: Cursor | None, narrow: Q, *, backward: bool) -> Iterator[list[_Key]]:
    """Yield the keys of all persons in the order of reading, piece by piece, from the cursor on."""
    descending = sort.descending != backward
    size = _FIRST_PIECE
    for part in _parts(sort, cursor, narrow, backward=backward):
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
            return [(None, person_id) for person_id in ids]
        return list(rows.order_by(sign + self.value, sign + self.id).values_list(self.value, self.id)[:size])

    def _behind(self, start: Cursor, way: str) -> Q:
        if self.value is None:
            return Q(**{f"{self.id}__{way}": start.row_id})
        bound = Q(**{f"{self.value}__{way}e": start.value})  # bounds the walk; the rest skips its tied start
        return bound & (Q(**{f"{self.value}__{way}": start.value}) | Q(**{f"{self.id}__{way}": start.row_id}))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a sort column lies: rows of `model` by `column`, whose person is `key`; `relation` leads there from a person."""

    model: type[Model]
    relation: str
    column: str
    key: str


def _place(column: SortColumn) -> _Place:
    relation, _, name = column.path.rpartition("__")
    if not relation:
        return _Place(Person, "", name, "id")
    model = Person._meta.get_field(relation).related_model
    if not isinstance(model, type):
        raise TypeError(f"{column.code}: {relation} leads from a person to nothing")
    return _Place(model, relation, name, "person_id")


def _parts(sort: Sort, cursor: Cursor | None, narrow: Q, *, backward: bool) -> list[_Part]:
    """
    Return the parts in the order of reading, from the one that holds the cursor on.

    Behind the persons with a value come those without one, by id: those whose row has none, and those without a row.
    """
    if not sort.column.path:
        return [_Part(Person.objects.filter(is_live=True), None, "id")]
    place = _place(sort.column)
    rows = place.model._base_manager.filter(narrow)
    if not place.relation:
        rows = rows.filter(is_live=True)
    valued = _Part(rows.filter(**{f"{place.column}__isnull": False}), place.column, place.key)
    missing = _without_value(place, narrow)
    if sort.descending:
        missing.reverse()
    parts = [valued, *missing]
    if backward:
        parts.reverse()
    if cursor is not None and (cursor.value is None) != backward:
        parts = [part for part in parts if part.without_value == (cursor.value is None)]
    return parts


def _without_value(place: _Place, narrow: Q) -> list[_Part]:
    """Return the parts without a value, lower ids first."""
    if place.model is not PersonFacts:
        path = f"{place.relation}__{place.column}" if place.relation else place.column
        without = Person.objects.filter(**{f"{path}__isnull": True}, is_live=True)
        return [_Part(without, None, "id", without_value=True)]
    published_to = PersonFacts.objects.aggregate(last=Max("person_id"))["last"] or 0  # a newer person has a higher id
    empty = PersonFacts.objects.filter(narrow, **{f"{place.column}__isnull": True})
    newest = Person.objects.filter(is_live=True, id__gt=published_to)
    return [_Part(empty, None, "person_id", without_value=True), _Part(newest, None, "id", without_value=True)]
