"""From the records of several sources to one feature matrix, every field parsed once, stretches side by side on all cores."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse import facts, identifiers, names, places
from huitou.core.identity.match.parse import text as texts
from huitou.core.identity.match.sources import Source, each_piece, source_of
from huitou.core.identity.match.words import word_hash, words
from huitou.core.identity.normalise import PLACEHOLDER_MAILBOXES
from huitou.core.identity.policy import KINDS

Ints = npt.NDArray[np.int64]

KIND_COLUMNS = (f.PHONE, f.CARD, f.OPENID, f.UNIONID, f.EMAIL)
KIND_FIELDS = ("phone", "member_card", "wx_openid", "wx_unionid", "email")
TEXT_COLUMNS = (*KIND_FIELDS, "name", "gender", "birthday", "address")
_FEW = 20_000  # records; fewer are parsed in one thread
_KINDS = pa.array(KINDS)
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
    sources: Sequence[Source]


def gather(sources: Mapping[str, Any], identifiers: pa.Table | None) -> Features:
    """
    Parse all sources: Arrow tables, or paths of Parquet files, which are read and parsed piece by piece.

    Raises ValueError on missing, empty or repeated record ids and unknown kinds of identifiers, NothingToMatch (a ValueError)
    when no table has a column to match on.
    """
    named = {code: source_of(code, given) for code, given in sources.items()}
    parts, whole_ids = list(named.values()), _id_type(named)
    count = sum(part.rows for part in parts)
    if count >= _FEW:
        pa.default_memory_pool().release_unused()  # what reading tables left behind: a gigabyte at ten million records
    matrix, ranks = np.zeros((count, f.WIDTH), np.int64), np.zeros(count, np.int64)
    readers, start = [], 0
    for part in parts:
        names = [name for name in ("record_id", *(one[0] for one in PARSERS), "phone_verified") if name in part.schema.names]
        readers += [(start, reader) for reader in part.readers(names)]
        start += part.rows
    id_parts: dict[int, pa.Array] = {}

    def parse(low: int, rows: pa.Table) -> None:
        id_parts[low] = _ids(rows, whole_ids)
        _hash_ids(id_parts[low], ranks[low : low + len(rows)])
        _parse(rows, matrix[low : low + len(rows)])

    each_piece(readers, parse, workers=1 if count < _FEW else os.cpu_count() or 1)
    ids = _joined_ids([id_parts[low] for low in sorted(id_parts)], whole_ids)
    id_parts.clear()
    _unrepeated(ids, ranks)
    if count and identifiers is None and not any(name in part.schema.names for part in parts for name in TEXT_COLUMNS):
        raise NothingToMatch(
            f"none of the columns to match on {TEXT_COLUMNS} is in the tables; they have {parts[0].schema.names}"
        )
    extras = _extras(identifiers, ids)
    links, spans = link_spans(extras, matrix)
    return Features(ids, ranks, matrix, links, spans, extras, parts)


def _id_type(sources: Mapping[str, Source]) -> pa.DataType:
    """Return the type of all record ids: whole numbers only if every source has such."""
    for code, source in sources.items():
        if "record_id" not in source.schema.names:
            raise ValueError(f"table {code!r} has no column record_id; it has {source.schema.names}")
    kinds = [source.schema.field("record_id").type for source in sources.values() if source.rows]
    return pa.int64() if kinds and all(map(pa.types.is_integer, kinds)) else pa.string()


def _ids(rows: pa.Table, kind: pa.DataType) -> pa.Array:
    column = rows.column("record_id")
    return pa.concat_arrays([chunk if chunk.type == kind else chunk.cast(kind) for chunk in column.chunks])


def _hash_ids(ids: pa.Array, found: Ints) -> None:
    """Write a number per id by which ties are broken."""
    if pa.types.is_integer(ids.type):
        found[:] = np.asarray(pc.fill_null(ids, 0), dtype=np.int64)
        return
    for bits, bit, offsets, data, start in chunks_of(pa.chunked_array([ids])):
        texts.text_hashes(bits, bit, offsets, data, found[start:])


def _joined_ids(parts: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    ids = pa.concat_arrays(parts) if parts else pa.array([], kind)
    if ids.null_count:
        raise ValueError(f"{ids.null_count} records have no record_id")
    empty = pc.sum(pc.equal(pc.binary_length(ids), 0)).as_py() if pa.types.is_string(ids.type) else 0
    if empty:
        raise ValueError(f"{empty} records have an empty record_id")
    return ids


def _unrepeated(ids: pa.Array, ranks: Ints) -> None:
    """Raise ValueError when an id repeats."""
    ordered = np.sort(ranks)
    if (ordered[1:] == ordered[:-1]).any() and pc.count_distinct(ids).as_py() != len(ids):
        counts = pc.value_counts(ids)
        repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        raise ValueError(f"record_id must be unique over all tables; repeated: {repeated[:3].to_pylist()}")


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


PARSERS: tuple[tuple[str, int, Callable[..., None], Callable[[], tuple[Any, ...]]], ...] = (
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


def _parse(rows: pa.Table, matrix: Ints) -> None:
    """Parse every column of a stretch of rows; it stays in the processor's cache, and no two cores write into the same lines."""
    for name, column, parser, more in PARSERS:
        if name in rows.column_names:
            for bits, bit, offsets, data, first in chunks_of(rows.column(name)):
                parser(bits, bit, offsets, data, matrix, first, column, *more())
    if "phone_verified" in rows.column_names:
        said = pc.is_in(pc.utf8_lower(pc.fill_null(rows.column("phone_verified").cast(pa.string()), "")), value_set=_TRUE)
        matrix[:, f.FACTS] |= np.asarray(said, dtype=np.int64) << f.VERIFIED_SHIFT


# of each kind of identifier, in the order of KINDS
KIND_PARSERS = tuple(next((parser, more) for name, _, parser, more in PARSERS if name == field) for field in KIND_FIELDS)


def codes_of(kind: int, texts: pa.Array) -> Ints:
    """Return the code of each text of one kind of identifier; 0 for what is unusable."""
    part = np.zeros((len(texts), f.WIDTH), np.int64)
    parser, more = KIND_PARSERS[kind]
    for bits, bit, offsets, data, start in chunks_of(pa.chunked_array([texts], pa.string())):
        parser(bits, bit, offsets, data, part, start, KIND_COLUMNS[kind], *more())
    return np.maximum(part[:, KIND_COLUMNS[kind]], 0)


def _extras(identifiers: pa.Table | None, ids: pa.Array) -> Extras | None:
    """Read the identifier table; an ended phone or e-mail is somebody else's by now and is left out."""
    if identifiers is None or not len(identifiers):
        return None
    kinds = identifiers.column("kind_code").combine_chunks().cast(pa.string())
    kind = np.asarray(pc.fill_null(pc.index_in(kinds, value_set=_KINDS), -1), dtype=np.int64)
    if (kind < 0).any():
        unknown = set(pc.unique(kinds).to_pylist()) - set(KINDS)
        raise ValueError(f"unknown identifier kinds {sorted(map(str, unknown))}; known are {list(KINDS)}")
    rows = pc.index_in(identifiers.column("record_id").combine_chunks().cast(ids.type), value_set=ids)
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


def link_spans(extras: Extras | None, matrix: Ints) -> tuple[Ints, Ints]:
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
