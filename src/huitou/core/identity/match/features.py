"""From the tables of several sources to one feature matrix, every field parsed once, columns side by side on all cores."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.match import fields as f
from huitou.core.identity.match import parse
from huitou.core.identity.match.words import word_hash, words
from huitou.core.identity.normalise import PLACEHOLDER_MAILBOXES
from huitou.core.identity.policy import KINDS

Ints = npt.NDArray[np.int64]

KIND_COLUMNS = (f.PHONE, f.CARD, f.OPENID, f.UNIONID, f.EMAIL)
KIND_FIELDS = ("phone", "member_card", "wx_openid", "wx_unionid", "email")
TEXT_COLUMNS = (*KIND_FIELDS, "name", "gender", "birthday", "address")
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
    ids = _ids(sources)
    tables = list(sources.values())
    ranks = _ranks(ids)
    if len(ids) and identifiers is None and not any(name in table.column_names for table in tables for name in TEXT_COLUMNS):
        raise NothingToMatch(
            f"none of the columns to match on {TEXT_COLUMNS} is in the tables; they have {tables[0].column_names}"
        )
    matrix = np.zeros((len(ids), f.WIDTH), np.int64)
    starts = np.cumsum([0, *(len(table) for table in tables)])
    tasks: list[Callable[[], None]] = []
    order = sorted(range(len(tables)), key=lambda at: list(sources)[at])
    for number, at in enumerate(order):
        matrix[starts[at] : starts[at + 1], f.NAME] = np.int64(number & f.SOURCE_MASK) << f.SOURCE_SHIFT
        tasks += _tasks(tables[at], matrix, int(starts[at]))
    if len(ids) < 20_000:
        for task in tasks:
            task()
    else:
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            for done in [pool.submit(task) for task in tasks]:
                done.result()
    _note_verified(tables, matrix, starts)
    extras = _extras(identifiers, ids)
    links, spans = _link_spans(extras, matrix)
    return Features(ids, ranks, matrix, links, spans, extras, tables)


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
    return ids


def _ranks(ids: pa.Array) -> Ints:
    """Return a number per id; raises ValueError when an id repeats."""
    if pa.types.is_integer(ids.type):
        ranks = np.asarray(ids, dtype=np.int64)
    else:
        ranks = np.zeros(len(ids), np.int64)
        for bits, bit, offsets, data, start in chunks_of(pa.chunked_array([ids])):
            parse.text_hashes(bits, bit, offsets, data, ranks[start:])
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
        text = chunk if pa.types.is_string(chunk.type) else chunk.cast(pa.string())
        valid, places, content = text.buffers()
        bits = np.frombuffer(valid, np.uint8) if valid is not None and text.null_count else np.empty(0, np.uint8)
        offsets = np.frombuffer(places, np.int32, count=len(text) + 1, offset=text.offset * 4)
        data = np.frombuffer(content, np.uint8) if content is not None and content.size else np.zeros(1, np.uint8)
        found.append((bits, text.offset, offsets, data, start))
        start += len(chunk)
    return found


@lru_cache(maxsize=1)
def _mailboxes() -> Ints:
    return np.array(sorted(word_hash([ord(char) for char in box]) for box in PLACEHOLDER_MAILBOXES), np.int64)


@lru_cache(maxsize=1)
def _word_arrays() -> tuple[Ints, ...]:
    known = words()
    return (
        known.sound, known.surname_sound, known.is_surname, known.compound, known.spelled, known.spelled_sound,
        known.starts_surname, known.titles, known.nobody, known.prefixes,
    )  # fmt: skip


_PARSERS: tuple[tuple[tuple[str, int, Callable[..., None], Callable[[], tuple[Ints, ...]]], ...], ...] = (
    # fields of one task share a column of the matrix and run one after the other
    (("phone", f.PHONE, parse.phones, tuple),),
    (("member_card", f.CARD, parse.cards, tuple),),
    (("wx_openid", f.OPENID, parse.tokens, tuple), ("address", f.PLACE, parse.addresses, tuple)),
    (("wx_unionid", f.UNIONID, parse.tokens, tuple), ("store_id", f.STORE, parse.tokens, tuple)),
    (("email", f.EMAIL, parse.emails, lambda: (_mailboxes(),)),),
    (
        ("gender", f.FACTS, parse.genders, tuple),
        ("birthday", f.FACTS, parse.birthdays, tuple),
        ("name", f.NAME, parse.name_column, _word_arrays),
    ),
)


def _tasks(table: pa.Table, matrix: Ints, start: int) -> list[Callable[[], None]]:
    """Return what parses the columns of a table that exist, one callable per group of fields."""
    tasks: list[Callable[[], None]] = []
    for group in _PARSERS:
        present = [one for one in group if one[0] in table.column_names]
        if not present:
            continue

        def task(present: Sequence[Any] = present) -> None:
            for name, column, parser, more in present:
                for bits, bit, offsets, data, low in chunks_of(table.column(name)):
                    parser(bits, bit, offsets, data, matrix, start + low, column, *more())

        tasks.append(task)
    return tasks


def _note_verified(tables: Sequence[pa.Table], matrix: Ints, starts: Ints) -> None:
    for table, start in zip(tables, starts, strict=False):
        if "phone_verified" in table.column_names:
            said = pc.is_in(pc.utf8_lower(pc.fill_null(table.column("phone_verified").cast(pa.string()), "")), value_set=_TRUE)
            matrix[start : start + len(table), f.FACTS] |= np.asarray(said, dtype=np.int64) << f.VERIFIED_SHIFT


def codes_of(kind: int, texts: pa.Array) -> Ints:
    """Return the code of each text of one kind of identifier; 0 for what is unusable."""
    part = np.zeros((len(texts), f.WIDTH), np.int64)
    parser, more = (
        (parse.phones, parse.cards, parse.tokens, parse.tokens, parse.emails)[kind],
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
