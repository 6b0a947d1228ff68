"""From the tables of several sources to one feature matrix, every field parsed once, columns side by side on all cores."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse import facts, identifiers, names, places
from huitou.core.identity.match.parse import text as texts
from huitou.core.identity.match.words import word_hash, words
from huitou.core.identity.normalise import PLACEHOLDER_MAILBOXES
from huitou.core.identity.policy import KINDS

Ints = npt.NDArray[np.int64]

KIND_COLUMNS = (f.PHONE, f.CARD, f.OPENID, f.UNIONID, f.EMAIL)
KIND_FIELDS = ("phone", "member_card", "wx_openid", "wx_unionid", "email")
TEXT_COLUMNS = (*KIND_FIELDS, "name", "gender", "birthday", "address")
_STRETCH = 16_384  # rows parsed in one go
_TRUE = pa.array(["true", "1", "是", "t", "yes"])


class NothingToMatch(ValueError):
    """The tables hold none of the columns by which people are told apart."""


@dataclass(frozen=True, slots=True)
class Extras:
    """Further identifiers of records, one entry each: row, kind, code, and whether somebody checked it."""

    row: Ints
    kind: Ints
    code: Ints
    verified: npt.NDArray[np.bool_]
    text: pa.Array


@dataclass(frozen=True, slots=True)
class Features:
    """
    n records. ids: as given. ranks: (n,) numbers by which ties are broken, whatever the order of the rows. matrix: (n, WIDTH).
    links, spans: further identifier values, those of record i and kind k are links[spans[k, i]:spans[k, i + 1]].
    """

    ids: pa.Array
    ranks: Ints
    matrix: Ints
    links: Ints
    spans: Ints
    extras: Extras | None
    tables: Sequence[pa.Table]


def gather(sources: Mapping[str, pa.Table], identifiers: pa.Table | None) -> Features:
    """
    Parse all sources. Raises ValueError on missing, empty or repeated record ids and unknown kinds of identifiers,
    NothingToMatch (a ValueError) when no table has a column to match on.
    """
    named = {code: _table(code, table) for code, table in sources.items()}
    pa.default_memory_pool().release_unused()  # what reading the tables left behind: a gigabyte at ten million records
    ids, tables = _ids(named), list(named.values())
    ranks = _ranks(ids)
    if len(ids) and identifiers is None and not any(name in table.column_names for table in tables for name in TEXT_COLUMNS):
        raise NothingToMatch(
            f"none of the columns to match on {TEXT_COLUMNS} is in the tables; they have {tables[0].column_names}"
        )
    matrix = np.zeros((len(ids), f.WIDTH), np.int64)
    starts = np.cumsum([0, *(len(table) for table in tables)])
    tasks: list[Callable[[], None]] = []
    for table, start in zip(tables, starts, strict=False):
        tasks += _tasks(table, matrix, int(start))
    if len(ids) < 20_000:
        for task in tasks:
            task()
    else:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            list(pool.map(lambda task: task(), tasks))
    _note_verified(tables, matrix, starts)
    extras = _extras(identifiers, ids)
    links, spans = _link_spans(extras, matrix)
    return Features(ids, ranks, matrix, links, spans, extras, tables)


def _table(code: str, given: Any) -> pa.Table:
    """Return a table of what carries Arrow data (a record batch, a pandas or Polars frame, too)."""
    if isinstance(given, pa.RecordBatch):
        given = pa.Table.from_batches([given])
    elif not isinstance(given, pa.Table) and hasattr(given, "__arrow_c_stream__"):
        given = pa.table(given)
    if not isinstance(given, pa.Table):
        raise ValueError(f"source {code!r} must be an Arrow table or something that gives one, got {type(given).__name__}")
    repeated = sorted({name for name in given.column_names if given.column_names.count(name) > 1})
    if repeated:
        raise ValueError(f"table {code!r} has columns twice: {repeated}")
    return given


def _ids(sources: Mapping[str, pa.Table]) -> pa.Array:
    for code, table in sources.items():
        if "record_id" not in table.column_names:
            raise ValueError(f"table {code!r} has no column record_id; it has {table.column_names}")
    chunks = [chunk for table in sources.values() for chunk in table.column("record_id").chunks if len(chunk)]
    wanted = pa.int64() if all(pa.types.is_integer(chunk.type) for chunk in chunks) else pa.string()
    ids = (
        pa.concat_arrays([chunk if chunk.type == wanted else chunk.cast(wanted) for chunk in chunks])
        if chunks
        else pa.array([], wanted)
    )
    if ids.null_count:
        raise ValueError(f"{ids.null_count} records have no record_id")
    empty = pc.sum(pc.equal(pc.binary_length(ids), 0)).as_py() if pa.types.is_string(ids.type) else 0
    if empty:
        raise ValueError(f"{empty} records have an empty record_id")
    return ids


def _ranks(ids: pa.Array) -> Ints:
    """Return a number per id; raises ValueError when an id repeats."""
    if pa.types.is_integer(ids.type):
        ranks = np.asarray(ids, dtype=np.int64)
    else:
        ranks = np.zeros(len(ids), np.int64)
        for bits, bit, offsets, data, start in chunks_of(pa.chunked_array([ids])):
            texts.text_hashes(bits, bit, offsets, data, ranks[start:])
    ordered = np.sort(ranks)
    if (ordered[1:] == ordered[:-1]).any() and pc.count_distinct(ids).as_py() != len(ids):
        counts = pc.value_counts(ids)
        repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        raise ValueError(f"record_id must be unique over all tables; repeated: {repeated[:3].to_pylist()}")
    return ranks


def chunks_of(column: pa.ChunkedArray) -> list[tuple[Any, int, Any, Any, int]]:
    """Return (validity bits, first bit, offsets, bytes, first row) of every chunk of a column, as text."""
    found, start = [], 0
    for chunk in column.chunks:
        if not len(chunk):
            continue
        text = chunk if pa.types.is_string(chunk.type) else _as_text(chunk)
        valid, places, content = text.buffers()
        bits = np.frombuffer(valid, np.uint8) if valid is not None and text.null_count else np.empty(0, np.uint8)
        offsets = np.frombuffer(places, np.int32, count=len(text) + 1, offset=text.offset * 4)
        data = np.frombuffer(content, np.uint8) if content is not None and content.size else np.zeros(1, np.uint8)
        found.append((bits, text.offset, offsets, data, start))
        start += len(chunk)
    return found


def _as_text(chunk: pa.Array) -> pa.Array:
    """Return any column as text; whole numbers in floating point (a phone from a spreadsheet) as their digits."""
    if pa.types.is_floating(chunk.type):
        with suppress(pa.ArrowInvalid):
            return chunk.cast(pa.int64()).cast(pa.string())
    if pa.types.is_binary(chunk.type) or pa.types.is_large_binary(chunk.type):
        return pa.array([None if value is None else value.decode(errors="replace") for value in chunk.to_pylist()], pa.string())
    return chunk.cast(pa.string())


@lru_cache(maxsize=1)
def _mailboxes() -> Ints:
    return np.array(sorted(word_hash([ord(char) for char in box]) for box in PLACEHOLDER_MAILBOXES), np.int64)


_PARSERS: tuple[tuple[str, int, Callable[..., None], Callable[[], tuple[Any, ...]]], ...] = (
    ("phone", f.PHONE, identifiers.phones, tuple),
    ("member_card", f.CARD, identifiers.cards, tuple),
    ("wx_openid", f.OPENID, identifiers.tokens, tuple),
    ("wx_unionid", f.UNIONID, identifiers.tokens, tuple),
    ("store_id", f.STORE, identifiers.tokens, tuple),
    ("email", f.EMAIL, identifiers.emails, lambda: (_mailboxes(),)),
    ("address", f.PLACE, places.addresses, tuple),
    ("gender", f.FACTS, facts.genders, tuple),
    ("birthday", f.FACTS, facts.birthdays, tuple),
    ("name", f.NAME, names.name_column, lambda: (tuple(words()),)),  # last: a title tells a gender only if nothing else does
)


def _tasks(table: pa.Table, matrix: Ints, start: int) -> list[Callable[[], None]]:
    """
    Return what parses the columns of a table that exist, one callable per stretch of rows: a stretch of the matrix stays in
    the processor's cache for all columns, and no two cores write into the same lines of it.
    """
    present = [(one, chunks_of(table.column(one[0]))) for one in _PARSERS if one[0] in table.column_names]

    def parse(low: int, high: int) -> None:
        for (_, column, parser, more), chunks in present:
            for bits, bit, offsets, data, first in chunks:
                begin, end = max(low, first), min(high, first + len(offsets) - 1)
                if begin < end:
                    part = offsets[begin - first : end - first + 1]
                    parser(bits, bit + begin - first, part, data, matrix, start + begin, column, *more())

    return [partial(parse, low, min(low + _STRETCH, len(table))) for low in range(0, len(table), _STRETCH)]


def _note_verified(tables: Sequence[pa.Table], matrix: Ints, starts: Ints) -> None:
    for table, start in zip(tables, starts, strict=False):
        if "phone_verified" in table.column_names:
            said = pc.is_in(pc.utf8_lower(pc.fill_null(table.column("phone_verified").cast(pa.string()), "")), value_set=_TRUE)
            matrix[start : start + len(table), f.FACTS] |= np.asarray(said, dtype=np.int64) << f.VERIFIED_SHIFT


def codes_of(kind: int, texts: pa.Array) -> Ints:
    """Return the code of each text of one kind of identifier; 0 for what is unusable."""
    part = np.zeros((len(texts), f.WIDTH), np.int64)
    parser, more = (
        (identifiers.phones, identifiers.cards, identifiers.tokens, identifiers.tokens, identifiers.emails)[kind],
        ((), (), (), (), (_mailboxes(),))[kind],
    )
    for bits, bit, offsets, data, start in chunks_of(pa.chunked_array([texts], pa.string())):
        parser(bits, bit, offsets, data, part, start, KIND_COLUMNS[kind], *more)
    return np.maximum(part[:, KIND_COLUMNS[kind]], 0)


def _extras(identifiers: pa.Table | None, ids: pa.Array) -> Extras | None:
    """Read the identifier table; an ended phone or e-mail is somebody else's by now and is left out."""
    if identifiers is None or not len(identifiers):
        return None
    kinds = identifiers.column("kind_code").combine_chunks().cast(pa.string())
    unknown = set(pc.unique(kinds).to_pylist()) - set(KINDS)
    if unknown:
        raise ValueError(f"unknown identifier kinds {sorted(map(str, unknown))}; known are {list(KINDS)}")
    rows = pc.index_in(identifiers.column("record_id").combine_chunks().cast(ids.type), value_set=ids)
    kind = np.asarray(pc.index_in(kinds, value_set=pa.array(KINDS)), dtype=np.int64)
    ended = np.asarray(pc.is_valid(_column(identifiers, "valid_to")), dtype=bool) & np.isin(kind, (0, 4))
    kept = pa.array(np.asarray(pc.is_valid(rows), dtype=bool) & ~ended)
    text = _column(identifiers, "value").filter(kept)
    row, kind = np.asarray(rows.filter(kept), dtype=np.int64), kind[np.asarray(kept, dtype=bool)]
    verified = pc.is_in(pc.utf8_lower(pc.fill_null(_column(identifiers, "verified"), "")), value_set=_TRUE)
    code = np.zeros(len(row), np.int64)
    for one in range(len(KINDS)):
        chosen = kind == one
        if chosen.any():
            code[chosen] = codes_of(one, text.filter(pa.array(chosen)))
    checked = np.asarray(verified.filter(kept), dtype=bool)
    used = code > 0
    return Extras(row[used], kind[used], code[used], checked[used], text.filter(pa.array(used)))


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    column = table.column(name)
    return (column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column).cast(pa.string())


def _link_spans(extras: Extras | None, matrix: Ints) -> tuple[Ints, Ints]:
    """Give each record without a value of its own its first further one; keep all of them in `links`."""
    if extras is None:
        return np.empty(0, np.int64), np.zeros((len(KINDS), 1), np.int64)
    order = np.lexsort((extras.code, ~extras.verified, extras.row, extras.kind))
    row, kind, code, verified = extras.row[order], extras.kind[order], extras.code[order], extras.verified[order]
    spans = np.zeros((len(KINDS), len(matrix) + 1), np.int64)
    base = 0
    for one in range(len(KINDS)):
        chosen = kind == one
        spans[one, 1:] = np.cumsum(np.bincount(row[chosen], minlength=len(matrix)))
        spans[one] += base
        base += int(chosen.sum())
        first = np.flatnonzero(chosen)[np.unique(row[chosen], return_index=True)[1]] if chosen.any() else np.empty(0, np.int64)
        empty = first[matrix[row[first], KIND_COLUMNS[one]] == 0]
        matrix[row[empty], KIND_COLUMNS[one]] = code[empty]
        if one == 0:
            shown = chosen & verified & (matrix[row, f.PHONE] == code)
            matrix[row[shown], f.FACTS] |= np.int64(1) << f.VERIFIED_SHIFT
    return code, spans
