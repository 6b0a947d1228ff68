"""Refused lines of an import on its page: the raw text with the fault marked, and the values that can be mended in place."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from io import StringIO

from django.utils.translation import gettext as _

from huitou.apps.intake.imports import ImportView, RefusedRow
from huitou.core.mending import suggested

SHOWN_RAW = 200
LONGEST_VALUE = 500
MOBILE_DIGITS = 11


@dataclass(frozen=True, slots=True)
class RawPart:
    """A piece of a refused line as it was received; is_fault: the value that it was refused for."""

    text: str
    is_fault: bool


@dataclass(frozen=True, slots=True)
class MendCell:
    """
    One value that may be changed on the page; name: of the form's field.

    suggested: what it was probably meant to be, empty where no rule says so. note: what else is seen in it.
    """

    name: str
    column: str
    value: str
    suggested: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """
    A refused row: its raw text in pieces, one where the fault is in no single value, and what can be mended of it.

    replay: the import that holds it mended, where one does.
    """

    row: RefusedRow
    parts: list[RawPart]
    mends: list[MendCell]
    replay: int | None = None


def raw_parts(row: RefusedRow, view: ImportView) -> list[RawPart]:
    """
    Split a refused line at its delimiter and mark the value of the field at fault.

    One unmarked piece where the line has other columns than the file, is no delimited text, or no mapped field is at fault.
    """
    faulty, cells = _faulty(row, view), _cells(row, view)
    if not faulty or not cells:
        return [RawPart(row.raw[:SHOWN_RAW], is_fault=False)]
    parts = []
    for place, cell in enumerate(cells):
        if place:
            parts.append(RawPart(view.delimiter, is_fault=False))
        parts.append(RawPart(cell[:SHOWN_RAW] or (_("空") if place in faulty else ""), is_fault=place in faulty))
    return parts


def mend_cells(row: RefusedRow, view: ImportView, *, today: date) -> list[MendCell]:
    """Return the values at fault, in the order of the columns; none where `raw_parts` marks none, or a value is too long."""
    cells = _cells(row, view)
    if row.line is None or not cells:
        return []
    return [
        MendCell(
            f"cell-{row.line}-{place}",
            view.header[place],
            cells[place],
            suggested(row.reason_code, cells[place], today=today) or "",
            _note(row.reason_code, cells[place]),
        )
        for place in sorted(_faulty(row, view))
        if len(cells[place]) <= LONGEST_VALUE
    ]


def _note(reason_code: str, text: str) -> str:
    """Say how many digits a mobile number has where it has not eleven."""
    digits = text.strip()
    if reason_code != "bad_phone" or not digits.isdecimal() or not digits.startswith("1") or len(digits) == MOBILE_DIGITS:
        return ""
    return _("%(number)s 位，手机号是 11 位") % {"number": len(digits)}


def mended_lines(rows: Iterable[RefusedRow], view: ImportView, posted: Mapping[str, str], *, today: date) -> dict[int, str]:
    """
    Return the new raw text of each refused line of which a posted value differs from the stored one, by line number.

    Only values that the page offers are taken; one longer than LONGEST_VALUE is cut, line breaks in it become spaces.
    """
    found: dict[int, str] = {}
    for row in rows:
        cells = _cells(row, view)
        for mend in mend_cells(row, view, today=today):
            value = " ".join(posted.get(mend.name, mend.value).replace("\0", "").splitlines())[:LONGEST_VALUE].strip()
            if value != mend.value.strip():
                cells[int(mend.name.rpartition("-")[2])] = value
                found[row.line or 0] = _line(cells, view.delimiter)
    return found


def _faulty(row: RefusedRow, view: ImportView) -> set[int]:
    return {view.mapping[name] for name in row.column.split(", ") if name in view.mapping}


def _cells(row: RefusedRow, view: ImportView) -> list[str]:
    """Return the values of a line that has the columns of its file; empty for any other."""
    if len(view.delimiter) != 1:
        return []
    try:
        cells = next(csv.reader([row.raw], delimiter=view.delimiter), [])
    except csv.Error:
        return []
    return cells if len(cells) == len(view.header) else []


def _line(cells: list[str], delimiter: str) -> str:
    out = StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="").writerow(cells)
    return out.getvalue()
