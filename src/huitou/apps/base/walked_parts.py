"""The stretches that the order of a large list is made of: each lies in one index."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Model, OneToOneRel, Q, QuerySet

from huitou.apps.base.listing import Cursor, Sort, SortColumn, SortValue

Key = tuple[SortValue | None, int]


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


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the order that lies in one index: rows of one table, by `value` (None: by id alone) and id."""

    rows: QuerySet[Model]
    value: str | None
    id: str
    without_value: bool = False

    def holds(self, cursor: Cursor | None) -> bool:
        return cursor is not None and (self.value is None) == (cursor.value is None)

    def keys(self, start: Cursor | None, size: int, *, descending: bool) -> list[Key]:
        rows = self._from(start, descending=descending)
        sign = "-" if descending else ""
        if self.value is None:
            ids = rows.order_by(sign + self.id).values_list(self.id, flat=True)[:size]
            return [(None, row_id) for row_id in ids]
        return list(rows.order_by(sign + self.value, sign + self.id).values_list(self.value, self.id)[:size])

    def _from(self, start: Cursor | None, *, descending: bool) -> QuerySet[Model]:
        return self.rows if start is None else self.rows.filter(self._behind(start, "lt" if descending else "gt"))

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


def model_of(ground: Ground, column: SortColumn) -> type[Model]:
    """Return the table that a sort column lies in."""
    return _column(ground, column).model


def columns_before(ground: Ground, column: SortColumn) -> set[str]:
    """Return the columns that stand alone before a sort column in an index: where one is pinned, the order lies in that index."""
    found = _column(ground, column)
    indexes = [index.fields for index in found.model._meta.indexes]
    return {fields[0] for fields in indexes if len(fields) > 1 and fields[1] == found.name}


def parts_of_order(ground: Ground, sort: Sort, cursor: Cursor | None, narrow: Q, *, backward: bool) -> list[Part]:
    """
    Return the parts in the order of reading, from the one that holds the cursor on.

    Behind the rows with a value come those without one, by id: those whose row beside has none, and those without such a row.
    """
    if not sort.column.path:
        return [Part(ground.rows, None, "id")]
    column = _column(ground, sort.column)
    rows = column.model._base_manager.filter(narrow)
    if not column.relation:
        rows = rows.filter(ground.live)
    valued = Part(rows.filter(**{f"{column.name}__isnull": False}), column.name, column.key)
    missing = _without_value(ground, column, narrow)
    if sort.descending:
        missing.reverse()
    parts = [valued, *missing]
    if backward:
        parts.reverse()
    if cursor is not None and (cursor.value is None) != backward:
        parts = [part for part in parts if part.without_value == (cursor.value is None)]
    return parts


def _without_value(ground: Ground, column: _Column, narrow: Q) -> list[Part]:
    """Return the parts without a value, lower ids first."""
    if column.model is not ground.published:
        path = f"{column.relation}__{column.name}" if column.relation else column.name
        return [Part(ground.rows.filter(**{f"{path}__isnull": True}), None, "id", without_value=True)]
    published = ground.published._base_manager
    newest = published.aggregate(last=Max(column.key))["last"] or 0
    empty = published.filter(narrow, **{f"{column.name}__isnull": True})
    later = ground.rows.filter(id__gt=newest)
    return [Part(empty, None, column.key, without_value=True), Part(later, None, "id", without_value=True)]
