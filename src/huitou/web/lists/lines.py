"""The rows of a list as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.listing import Asked, ListPage, ListRow, RowValue
from huitou.core.filters.catalogue import FieldType
from huitou.core.money import yuan_text
from huitou.core.periods import business_date
from huitou.web import formats
from huitou.web.lists.cells import Cell, cell
from huitou.web.lists.spec import CellText, Interval, Joined, RowHead
from huitou.web.lists.state import ListContext, ListState

_NOTES_ON_PHONE = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table."""

    row_id: int
    head: RowHead
    cells: list[Cell]


def stand_ins(context: ListContext, shown: tuple[FieldEntry, ...]) -> dict[str, str]:
    """Return by forecast shown what stands in for it, "" for a real one."""
    names = [entry.field.name for entry in shown]
    return {name: one.stand_in() for name, one in context.spec.intervals.items() if name in names}


def lines_of(
    context: ListContext,
    asked: Asked,
    shown: tuple[FieldEntry, ...],
    stands_in: Mapping[str, str],
    page: ListPage,
    state: ListState,
    first: int,
) -> list[Line]:
    """Return the rows of a page as they are shown; first: how many rows stand before it, as far as that is known."""
    today = business_date(utc_now())
    heads = context.spec.heads(context.viewer, page.rows)
    said = context.spec.said(context.viewer, page.rows) if context.spec.said else [{}] * len(page.rows)
    on_phone = _on_phone(shown, sorted_by=asked.sort.column.code)
    intervals = {name: one for name, one in context.spec.intervals.items() if not stands_in.get(name)}
    lines = []
    is_counted = first > 0 or page.previous_cursor is None
    for number, (row, head, instead) in enumerate(zip(page.rows, heads, said, strict=True), start=first + 1):
        cells = [_shown(context, entry, row, instead, intervals, as_of=asked.as_of, today=today) for entry in shown]
        placed = [replace(one, on_phone=place) for one, place in zip(cells, on_phone, strict=True)]
        if context.spec.place is not None and head.href:
            head = replace(head, href=state.row_url(head.href, row, number if is_counted else 0))
        lines.append(Line(row.row_id, head, placed))
    return lines


def _shown(
    context: ListContext,
    entry: FieldEntry,
    row: ListRow,
    instead: Mapping[str, CellText],
    intervals: Mapping[str, Interval],
    *,
    as_of: date,
    today: date,
) -> Cell:
    name = entry.field.name
    plain = cell(entry, row.values.get(name), names=context.names, as_of=as_of, today=today)
    joined = _joined(_said(plain, instead.get(name)), context.spec.joined.get(name), row)
    return _with_interval(joined, intervals.get(name), row, row.values.get(name))


def _joined(shown: Cell, joined: Joined | None, row: ListRow) -> Cell:
    """Several fields as one value; where any of them is missing, so is the whole."""
    values = [row.values.get(name) for name in joined.fields] if joined else []
    if joined is None or not all(isinstance(value, int) for value in values):
        return shown
    whole = [int(str(value)) for value in values]
    return replace(shown, text="-".join(map(str, whole)), is_figure=False, label=str(joined.head), title=joined.title(whole))


def _said(shown: Cell, said: CellText | None) -> Cell:
    return replace(shown, text=said.text, href=said.href) if said else shown


def _with_interval(shown: Cell, interval: Interval | None, row: ListRow, value: RowValue) -> Cell:
    """
    A forecast is never shown without its interval: one that has none reads as missing, and says why. Amounts are whole yuan: no
    forecast knows fen.
    """
    if interval is None or shown.text == formats.MISSING:
        return shown
    low, high = row.values.get(interval.low), row.values.get(interval.high)
    if not isinstance(low, int) or not isinstance(high, int):
        return replace(shown, text=formats.MISSING, title=str(interval.missing))
    text = yuan_text(value, decimals=0) if isinstance(value, int) else shown.text
    return replace(shown, text=text, note=interval.said(low, high), title=interval.title(low, high))


def _on_phone(shown: tuple[FieldEntry, ...], *, sorted_by: str) -> list[str]:
    """On the phone one amount stands beside the name, that of the order if it is one, the first few of the others below it."""
    amounts = [entry for entry in shown if entry.field.type is FieldType.FEN]
    figure = next((entry for entry in amounts if entry.field.name == sorted_by), amounts[0] if amounts else None)
    others = [entry for entry in shown if entry is not figure]
    return ["figure" if entry is figure else "" if others.index(entry) < _NOTES_ON_PHONE else "off" for entry in shown]
