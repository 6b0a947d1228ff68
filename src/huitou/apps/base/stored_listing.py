"""Lists whose rows lie in the analytical store: the same Asked and ListPage, rows by column name instead of models."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from huitou.apps.base.listing import Asked, ListPage, ListRow, RowValue, chooser, page_cut
from huitou.core.filters.catalogue import Field
from huitou.core.filters.tree import Scalar
from huitou.warehouse.filters import Wanted
from huitou.warehouse.keyset import Keyset
from huitou.warehouse.queries.rows import Row


def sort_place(asked: Asked) -> str:
    """Return the column of the store that the list is sorted by; "" for the id."""
    code = asked.sort.column.code
    return asked.catalogue[code].sql_column if code in asked.catalogue else ""


def keyset_of(asked: Asked, row_id: str) -> Keyset:
    """Return the stretch to read: one row more than a page, which says whether the list goes on. row_id: the column of the id."""
    keyset = Keyset(row_id, sort_place(asked), asked.sort.descending, asked.limit + 1)
    cursor = asked.cursor
    return replace(keyset, start=(cursor.value, cursor.row_id), backward=cursor.backward) if cursor else keyset


def wanted_of(asked: Asked) -> Wanted:
    """Return the filter as the store's readers take it."""
    return Wanted(asked.filters, asked.catalogue, asked.as_of)


def stored_page(
    asked: Asked, found: Sequence[Row], row_id: str, subjects: Callable[[Sequence[Row]], Sequence[object]] | None = None
) -> ListPage:
    """
    Return the page of the rows read by `keyset_of`.

    subjects: the owning app's own rows of those that are shown, in their order; without it the rows themselves.
    """
    place = sort_place(asked)
    shown = found[: asked.limit]
    own = subjects(shown) if subjects else shown
    rows = [_listed(asked, row, row_id, subject, place) for row, subject in zip(shown, own, strict=True)]
    rows += [_listed(asked, row, row_id, row, place) for row in found[asked.limit :]]
    return page_cut(rows, asked)


def _listed(asked: Asked, row: Row, row_id: str, subject: object, place: str) -> ListRow:
    values: dict[str, RowValue] = {}
    for field in (entry.field for entry in asked.shown):
        values[field.name] = chooser(field, asked, _stored)(row) if field.is_derived else _stored(row, field)
    return ListRow(row[row_id], values, subject, row[place] if place else None)


def _stored(row: Row, field: Field) -> Scalar | None:
    value: Scalar | None = row[field.sql_column]
    return value
