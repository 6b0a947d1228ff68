"""Cut received pages into rows: the relation `raw` of a stream, and the rows that are broken before any mapping."""

import csv
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from io import StringIO

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

from huitou.warehouse.landing.files import own_reader
from huitou.warehouse.landing.reasons import Reason

_ITEMS = """
    select page_no, (unnest(range(1, len(items) + 1)))::integer as row_no, unnest(items) as item
    from (select page_no, coalesce(try_cast(content as json[])::varchar[], [null]) as items from received_pages)"""
_BOM = b"\xef\xbb\xbf"
_ORIGIN = {"page_no": pa.int32(), "row_no": pa.int32()}
# A page cut out of an uploaded file says itself where its rows stood and which were broken; then come columns of one value.
LINE, BROKEN, CONSTANT = "_line", "_broken", "="


@dataclass(frozen=True, slots=True)
class Page:
    """One received page of a batch. format: "json" (an array of items) or "csv" (header line, UTF-8)."""

    page_no: int
    stream: str
    name: str
    format: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Defect:
    """A row (row_no None: the whole page) that is broken as text; `detail` is what the quarantine shows as its column."""

    page_no: int
    row_no: int | None
    reason: Reason
    detail: str = ""


@dataclass(slots=True)
class RawRows:
    """
    The rows of one stream. `table` has page_no, row_no and `item` (JSON text) or one text column per CSV header name.

    Rows named by `defects` stand in the table too, cut or filled to the header, so that the mapping still tells which
    document they belong to; a page with a defect without row_no contributes no rows.
    """

    table: pa.Table
    defects: list[Defect] = field(default_factory=list)


def raw_rows(engine: duckdb.DuckDBPyConnection, pages: Sequence[Page], *, columns: Sequence[str]) -> RawRows:
    """
    Cut the pages of one stream, all of one format.

    columns: the header names (or top JSON keys) without which a page is refused row by row. No pages give no rows.
    """
    if pages and pages[0].format == "json":
        return _json_rows(engine, pages, columns)
    tables: list[pa.Table] = []
    defects: list[Defect] = []
    for page in pages:
        try:
            table, found, names = _csv_rows(page)
        except ValueError as error:  # pa.ArrowInvalid is one too
            defects.append(Defect(page.page_no, None, Reason.UNREADABLE_PAGE, _first_line(error)))
            continue
        missing = next((name for name in columns if name not in names), None)
        if missing is not None and table.num_rows:
            defects += [Defect(page.page_no, number, Reason.MISSING_COLUMN, missing) for number in table["row_no"].to_pylist()]
            continue
        tables.append(table)
        defects += found
    if not tables:
        return RawRows(pa.schema([*_ORIGIN.items(), *[(name, pa.string()) for name in columns]]).empty_table(), defects)
    return RawRows(pa.concat_tables(tables, promote_options="default"), defects)


def raw_texts(page: Page, wanted: Collection[int]) -> dict[int, str]:
    """Return the texts of these rows of a page as they were received, by row_no; 0 is the page as a whole."""
    whole = page.content.decode(errors="backslashreplace")
    if page.format == "csv" and page.content.startswith(LINE.encode()):
        return {0: whole} | _cut_texts(whole, {str(number) for number in wanted})
    if page.format == "csv":
        return {0: whole} | {number: text for number, text in enumerate(_csv_records(whole), start=1) if number in wanted}
    try:
        items = json.loads(page.content)
    except ValueError:
        return {0: whole}
    if not isinstance(items, list):
        return {0: whole}
    return {0: whole} | {
        number: json.dumps(item, ensure_ascii=False) for number, item in enumerate(items, start=1) if number in wanted
    }


def _json_rows(engine: duckdb.DuckDBPyConnection, pages: Sequence[Page], columns: Sequence[str]) -> RawRows:
    """
    Cut all pages at once: a second brings hundreds of a single item.

    The items stay text here; the engine reads them as JSON. A key counts as present when its name stands anywhere in the
    page: a source may leave a key out where it is null, and an item without it is refused by its kind's own checks.
    """
    texts: dict[int, str] = {}
    defects: list[Defect] = []
    for page in pages:
        try:
            texts[page.page_no] = page.content.removeprefix(_BOM).decode()
        except UnicodeDecodeError as error:
            defects.append(Defect(page.page_no, None, Reason.UNREADABLE_PAGE, _first_line(error)))
    received = pa.table({"page_no": pa.array(texts, pa.int32()), "content": pa.array(texts.values(), pa.string())})
    engine.register("received_pages", received)
    table = engine.sql(_ITEMS).to_arrow_table().combine_chunks()
    engine.unregister("received_pages")
    no_array = set(table.filter(pc.is_null(table["item"]))["page_no"].to_pylist())
    defects += [Defect(number, None, Reason.UNREADABLE_PAGE, "not a JSON array") for number in sorted(no_array)]
    lacking = {number: name for number, text in texts.items() if (name := _missing(text, columns)) is not None}
    if no_array or lacking:
        left = table.filter(pc.is_in(table["page_no"], pa.array(sorted(lacking.keys() - no_array), pa.int32())))
        defects += [
            Defect(number, row_no, Reason.MISSING_COLUMN, lacking[number])
            for number, row_no in zip(left["page_no"].to_pylist(), left["row_no"].to_pylist(), strict=True)
        ]
        out = pa.array(sorted(no_array | lacking.keys()), pa.int32())
        table = table.filter(pc.invert(pc.is_in(table["page_no"], out)))
    return RawRows(table, defects)


def _missing(text: str, columns: Sequence[str]) -> str | None:
    return next((name for name in columns if f'"{name}"' not in text), None)


def _csv_rows(page: Page) -> tuple[pa.Table, list[Defect], Collection[str]]:
    content = page.content.removeprefix(_BOM)
    defects: list[Defect] = []
    try:
        content.decode()
    except UnicodeDecodeError:
        content, defects = _repair_encoding(page.page_no, content)
    header = _header(content)
    broken: dict[int, list[str]] = {}

    def keep_broken(row: pa_csv.InvalidRow) -> str:
        broken[row.number] = next(csv.reader([row.text]), [])
        return "skip"

    table = pa_csv.read_csv(
        own_reader(content),
        read_options=pa_csv.ReadOptions(use_threads=False, column_names=header, skip_rows_after_names=1),
        parse_options=pa_csv.ParseOptions(newlines_in_values=True, invalid_row_handler=keep_broken),
        convert_options=pa_csv.ConvertOptions(column_types={name: pa.string() for name in header}, strings_can_be_null=False),
    )
    if header[:2] == [LINE, BROKEN]:
        return _cut_rows(page.page_no, table, header)
    if not broken:
        return _with_origin(page.page_no, range(2, table.num_rows + 2), _columns(table)), defects, header
    numbers = [number for number in range(2, table.num_rows + len(broken) + 2) if number not in broken]
    fitted = [(fields + [""] * len(header))[: len(header)] for fields in broken.values()]
    filled = {name: pa.array([fields[place] for fields in fitted], pa.string()) for place, name in enumerate(header)}
    whole = _with_origin(page.page_no, numbers, _columns(table))
    rest = _with_origin(page.page_no, list(broken), filled)
    defects += [Defect(page.page_no, number, Reason.WRONG_COLUMNS) for number in broken]
    return pa.concat_tables([whole, rest]).sort_by("row_no"), defects, header


def _cut_rows(page_no: int, table: pa.Table, header: list[str]) -> tuple[pa.Table, list[Defect], Collection[str]]:
    """Take line numbers and defects from the page's own columns; it was written by us and has no row of another width."""
    numbers = table[LINE].cast(pa.int32())
    where = pc.not_equal(table[BROKEN], "")
    defects = [
        Defect(page_no, number, Reason(reason))
        for number, reason in zip(numbers.filter(where).to_pylist(), table[BROKEN].filter(where).to_pylist(), strict=True)
    ]
    names = [name.removeprefix(CONSTANT) for name in header[2:]]
    origin = {"page_no": pa.array([page_no] * table.num_rows, pa.int32()), "row_no": numbers}
    values = {name: table[column] for name, column in zip(names, header[2:], strict=True)}
    return pa.table({**origin, **values}), defects, names


def _cut_texts(whole: str, wanted: Collection[str]) -> dict[int, str]:
    """Return the texts of a cut page's rows as they stood in the file, by wanted line; a broken row is quoted whole."""
    records = _csv_records(whole)
    ahead = 2 + sum(name.startswith(CONSTANT) for name in next(csv.reader([next(records)])))
    texts = {}
    for record in records:
        if record.partition(",")[0] not in wanted:
            continue
        number, reason, *rest = record.split(",", ahead)
        texts[int(number)] = next(csv.reader([rest[-1]]))[0] if reason else rest[-1]
    return texts


def _columns(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    return {name: table[name] for name in table.column_names}


def _header(content: bytes) -> list[str]:
    first = next(_csv_records(content[: 1 << 16].decode(errors="ignore")), "")
    names = [name.strip() for name in next(csv.reader(StringIO(first)), [])]
    if not names:
        raise ValueError("no header line")
    twice = sorted({name for name in names if names.count(name) > 1} | (set(names) & set(_ORIGIN)))
    if twice:
        raise ValueError(f"header names twice or reserved: {', '.join(twice)}")
    return names


def _repair_encoding(page_no: int, content: bytes) -> tuple[bytes, list[Defect]]:
    """Make bytes that are no UTF-8 visible as \\xNN and name the rows they stand in."""
    defects = []
    # latin-1 keeps one character per byte, so the records are cut exactly where the bytes say
    for number, record in enumerate(_csv_records(content.decode("latin-1")), start=1):
        try:
            record.encode("latin-1").decode()
        except UnicodeDecodeError:
            defects.append(Defect(page_no, number, Reason.BAD_ENCODING))
    return content.decode(errors="backslashreplace").encode(), defects


def _csv_records(text: str) -> Iterator[str]:
    """Yield the records of a CSV text without their line ends; empty lines are none, a quoted field may span lines."""
    pending = ""
    for line in StringIO(text, newline=""):
        if not pending and '"' not in line:
            if record := line.rstrip("\r\n"):
                yield record
            continue
        pending += line
        if pending.count('"') % 2 == 0:
            record = pending.rstrip("\r\n")
            pending = ""
            if record:
                yield record
    if pending.strip("\r\n"):
        yield pending.rstrip("\r\n")


def _with_origin(page_no: int, row_numbers: Sequence[int], columns: dict[str, pa.Array] | dict[str, pa.ChunkedArray]) -> pa.Table:
    origin = {"page_no": pa.array([page_no] * len(row_numbers), pa.int32()), "row_no": pa.array(row_numbers, pa.int32())}
    return pa.table({**origin, **columns})


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:200]
