"""
Cut a text file into pages without one line spoiling its neighbours.

A page is CSV in UTF-8 that every reader takes: `_line` (where the row stood in the file), `_broken` (a reason, else empty),
columns with one value for the whole page, then the file's own columns under the names they are mapped to. A line that is no
sound row (undecodable, another number of columns, an open quote, a NUL) stands in it quoted whole, with its reason.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import NamedTuple

LONGEST_LINE = 1 << 17  # what the csv module takes as one field
_QUOTED_LINES = 20  # a quoted field that spans more lines than this is an open quote


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text file is read. encoding: "utf-8" or "gb18030"; header: its column names as they stand there."""

    encoding: str
    delimiter: str
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A page of rows. next_line and next_byte: the first line behind it, where the next page begins."""

    content: bytes
    rows: int
    next_line: int
    next_byte: int


class Line(NamedTuple):
    """One line of a file: its number (from 1), where it ends, and its bytes without the line end."""

    number: int
    end: int
    content: bytes


def lines_of(blocks: Iterable[bytes], *, number: int = 1, at: int = 0) -> Iterator[Line]:
    """Yield the lines of a file that begins at byte `at` with line `number`; a line past LONGEST_LINE comes cut, once."""
    rest = b""
    skipping = 0
    for block in blocks:
        parts = (rest + block).split(b"\n")
        rest = parts.pop()
        for part in parts:
            at += skipping + len(part) + 1
            kept = b"\xff" * (LONGEST_LINE + 1) if skipping else part
            yield Line(number, at, kept.removesuffix(b"\r"))
            skipping, number = 0, number + 1
        if len(rest) > LONGEST_LINE:
            skipping, rest = skipping + len(rest), b""
    if rest or skipping:
        yield Line(number, at + skipping + len(rest), b"\xff" * (LONGEST_LINE + 1) if skipping else rest.removesuffix(b"\r"))


class Cutter:
    """
    Cuts lines into pages for one mapping.

    mapping: {field: column}; constants: {field: value} for fields that no column holds, without commas, quotes and line
    ends. group_column: rows with an equal value there stay in one page.
    """

    def __init__(
        self,
        dialect: Dialect,
        *,
        mapping: Mapping[str, int],
        constants: Mapping[str, str],
        group_column: int | None = None,
    ) -> None:
        if any(mark in value for value in constants.values() for mark in ',"\r\n'):
            raise ValueError("a value for the whole file holds a comma, a quote or a line end")
        self._dialect = dialect
        self._width = len(dialect.header)
        fields = {column: name for name, column in mapping.items()}
        names = [fields.get(place, f"_unused_{place}") for place in range(self._width)]
        fixed = {name: value for name, value in constants.items() if name not in mapping}
        self._header = ",".join(["_line", "_broken", *(f"={name}" for name in fixed), *names])
        self._fixed = "".join(f"{value}," for value in fixed.values())
        self._empty = "," * (self._width - 1)
        self._group = group_column

    def pages(self, lines: Iterable[Line], *, rows: int) -> Iterator[Cut]:
        """Yield pages of at least one row, about `rows` each."""
        out: list[str] = []
        group = ""
        last: Line | None = None
        for end, text, fields in self._rows(lines):
            if len(out) >= rows:
                key = self._key(text, fields)
                if self._group is None or key != group or len(out) >= 3 * rows:
                    yield self._cut(out, last)
                    out = []
            if self._group is not None and len(out) >= rows - 1:
                group = self._key(text, fields)
            out.append(text)
            last = end
        if out and last is not None:
            yield self._cut(out, last)

    def _cut(self, out: list[str], last: Line | None) -> Cut:
        assert last is not None
        content = "\n".join([self._header, *out, ""]).encode("utf-8", "backslashreplace")
        return Cut(content, len(out), last.number + 1, last.end)

    def _key(self, text: str, fields: list[str] | None) -> str:
        if self._group is None:
            return ""
        if fields is None:
            fields = next(csv.reader([text]))[-self._width :]
        return fields[self._group] if len(fields) == self._width else ""

    def _rows(self, lines: Iterable[Line]) -> Iterator[tuple[Line, str, list[str] | None]]:
        """Yield (last line, row of the page, its fields where they were read) for every row of the file."""
        delimiter, width, encoding, fixed = self._dialect.delimiter, self._width, self._dialect.encoding, self._fixed
        waiting: list[Line] = []  # lines looked at ahead, to be read again
        source = iter(lines)
        while True:
            line = waiting.pop(0) if waiting else next(source, None)
            if line is None:
                return
            content = line.content
            if not content or content.isspace():
                continue
            if len(content) > LONGEST_LINE:
                yield line, self._broken(line, "line_too_long", ""), None
                continue
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                shown = content.decode(encoding, "backslashreplace")
                yield line, self._broken(line, "bad_encoding", shown), None
                continue
            if "\0" in text:
                yield line, self._broken(line, "nul_byte", text), None
            elif '"' in text:
                end, fields = self._quoted(line, text, source, waiting)
                if fields is None:
                    yield line, self._broken(line, "open_quote", text), None
                elif len(fields) != width:
                    yield end, self._broken(line, "wrong_columns", text), None
                else:
                    yield end, f"{line.number},,{fixed}{_joined(fields)}", fields
            elif text.count(delimiter) != width - 1:
                yield line, self._broken(line, "wrong_columns", text), None
            elif delimiter == ",":
                yield line, f"{line.number},,{fixed}{text}", None
            else:
                fields = text.split(delimiter)
                yield line, f"{line.number},,{fixed}{_joined(fields)}", fields

    def _quoted(self, line: Line, text: str, source: Iterator[Line], waiting: list[Line]) -> tuple[Line, list[str] | None]:
        """
        Read a line with quotes, and the lines its last field goes on in. Without a sound end the following lines stay
        rows of their own: None.
        """
        taken: list[Line] = []
        whole, end = text, line
        fields: list[str] | None = None
        while whole.count('"') % 2 and len(taken) < _QUOTED_LINES:
            following = waiting.pop(0) if waiting else next(source, None)
            if following is None:
                break
            taken.append(following)
            try:
                more = following.content.decode(self._dialect.encoding)
            except UnicodeDecodeError:
                break
            if '"' not in more and more.count(self._dialect.delimiter) == self._width - 1 and self._width > 1:
                break  # a row of its own: the quote was never closed
            whole, end = f"{whole}\n{more}", following
        if whole.count('"') % 2 == 0:
            fields = self._read(whole)
        if fields is None or (taken and len(fields) != self._width):
            waiting[:0] = taken
            return line, None
        return end, fields

    def _read(self, text: str) -> list[str] | None:
        try:
            rows = list(csv.reader(StringIO(text, newline=""), delimiter=self._dialect.delimiter, strict=True))
        except csv.Error:
            return None
        return rows[0] if len(rows) == 1 else None

    def _broken(self, line: Line, reason: str, text: str) -> str:
        return f"{line.number},{reason},{self._fixed}{_quote(text)}{self._empty}"


def _quote(text: str) -> str:
    shown = text.replace("\0", "␀").replace('"', '""')
    return f'"{shown}"'


def _joined(fields: Sequence[str]) -> str:
    return ",".join(_quote(field) if any(mark in field for mark in ',"\r\n') else field for field in fields)
