"""Lists whose rows lie in the analytical store: the same Asked and ListPage, rows by column name instead of models."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from huitou.apps.base.listing import Asked, Count, ListPage, ListRow, Place, RowValue, chooser, page_cut
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


def wanted_of(asked: Asked, row_id: str) -> Wanted:
    """Return the filter and the rows that were ticked as the store's readers take them. row_id: the column of the id."""
    return Wanted(asked.filters, asked.catalogue, asked.as_of, row_id, asked.only)


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


def stored_place(
    asked: Asked, row_id: str, listed: Callable[[Keyset], Sequence[Row]], *, is_in: Callable[[int], bool], count: Count
) -> Place:
    """
    Return the rows around the position asked.cursor; without a cursor nothing is around it.

    listed: the reader of the list. is_in: whether a row by id matches and is in reach.
    """
    if asked.cursor is None:
        return Place(None, None, is_in=False, count=count)
    stretch, place = replace(keyset_of(asked, row_id), limit=1), sort_place(asked)

    def neighbour(*, backward: bool) -> ListRow | None:
        found = listed(replace(stretch, backward=backward))
        return _listed(asked, found[0], row_id, found[0], place) if found else None

    return Place(neighbour(backward=True), neighbour(backward=False), is_in=is_in(asked.cursor.row_id), count=count)


def _listed(asked: Asked, row: Row, row_id: str, subject: object, place: str) -> ListRow:
    values: dict[str, RowValue] = {}
    for field in (entry.field for entry in asked.shown):
        values[field.name] = chooser(field, asked, _stored)(row) if field.is_derived else _stored(row, field)
    return ListRow(row[row_id], values, subject, row[place] if place else None)


def _stored(row: Row, field: Field) -> Scalar | None:
    value: Scalar | None = row[field.sql_column]
    return value
