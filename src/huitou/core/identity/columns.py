"""From the tables of several sources to sorted arrays: one row per record, one posting per record and identifier value."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.names import is_full_name, pinyin_key
from huitou.core.identity.normalise import KIND_NORMALISERS, NORMALISERS, normalised_column
from huitou.core.identity.policy import KINDS

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_FIELD_OF_KIND = {"phone": "phone", "card": "member_card", "openid": "wx_openid", "unionid": "wx_unionid", "email": "email"}


@dataclass(frozen=True, slots=True)
class Records:
    """
    n records sorted by id, so that nothing below depends on the order of the input.

    ids: (n,) as given (integers or text). stores: (n,) text or null.
    name, gender, birthday: (n,) codes, -1 unknown; `name` only for full names, names[code] is its pinyin key.
    """

    ids: pa.Array
    stores: pa.Array
    name: Ints
    names: Sequence[str]
    gender: Ints
    birthday: Ints

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Postings:
    """
    m rows (record, kind, value), sorted by kind, value, record; each at most once. `verified`: somebody checked it.

    value: codes into values[kind].
    """

    row: Ints
    kind: Ints
    value: Ints
    verified: Flags
    values: Sequence[pa.Array]


def _text(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    column = table.column(name).combine_chunks()
    return column if pa.types.is_string(column.type) else column.cast(pa.string())


def _ids(sources: Mapping[str, pa.Table]) -> pa.Array:
    for code, table in sources.items():
        if "record_id" not in table.column_names:
            raise ValueError(f"table {code!r} has no column record_id; it has {table.column_names}")
    parts = [table.column("record_id").combine_chunks() for table in sources.values() if len(table)]
    whole = all(pa.types.is_integer(part.type) for part in parts)
    wanted = pa.int64() if whole else pa.string()
    return pa.concat_arrays([part.cast(wanted) for part in parts]) if parts else pa.array([], wanted)


def _codes(values: pa.Array) -> tuple[Ints, pa.Array]:
    encoded = pc.dictionary_encode(values)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    return np.asarray(pc.fill_null(encoded.indices, -1), dtype=np.int64), encoded.dictionary


def _name_codes(names: pa.Array) -> tuple[Ints, list[str]]:
    """Code names by the pinyin of full names; a nickname, a surname alone and Latin names stay unknown."""
    codes, distinct = _codes(names)
    keys = [pinyin_key(name) if is_full_name(name) else None for name in distinct.to_pylist()]
    key_codes, key_values = _codes(pa.array(keys, pa.string()))
    return np.where(codes >= 0, np.append(key_codes, -1)[codes], -1), key_values.to_pylist()


def gather(sources: Mapping[str, pa.Table], identifiers: pa.Table | None) -> tuple[Records, Postings]:
    """
    Normalise and sort the input. identifiers: record_id, kind_code, value, optional verified and valid_to.

    Raises ValueError when a table lacks record_id, ids repeat or are null, or a kind is unknown.
    """
    given = _ids(sources)
    if given.null_count:
        raise ValueError(f"{given.null_count} records have no record_id")
    order = pc.sort_indices(given)
    ids = given.take(order)
    if pc.count_distinct(ids).as_py() != len(ids):
        repeated = pc.filter(pc.value_counts(ids).field("values"), pc.greater(pc.value_counts(ids).field("counts"), 1))
        raise ValueError(f"record_id must be unique over all tables; repeated: {repeated[:3].to_pylist()}")

    tables = list(sources.values())

    def column(name: str) -> pa.Array:
        parts = [_text(table, name) for table in tables]
        return pa.concat_arrays(parts).take(order) if parts else pa.array([], pa.string())

    name, names = _name_codes(normalised_column(column("name"), NORMALISERS["name"]))
    gender, _ = _codes(normalised_column(column("gender"), NORMALISERS["gender"]))
    birthday, _ = _codes(normalised_column(column("birthday"), NORMALISERS["birthday"]))
    records = Records(ids, column("store_id"), name, names, gender, birthday)

    phone_verified = np.asarray(
        pc.is_in(pc.utf8_lower(pc.fill_null(column("phone_verified"), "")), value_set=pa.array(["true", "1", "是", "t", "yes"])),
        dtype=bool,
    )
    own = {kind: normalised_column(column(_FIELD_OF_KIND[kind]), KIND_NORMALISERS[kind]) for kind in KINDS}
    extra = _extra_postings(identifiers, ids)
    pieces, values = [], []
    nobody = np.zeros(len(ids), dtype=bool)
    for index, kind in enumerate(KINDS):
        more_rows, more_values, more_verified = extra[kind]
        codes, distinct = _codes(pa.concat_arrays([own[kind], more_values]))
        rows = np.concatenate([np.arange(len(ids), dtype=np.int64), more_rows])
        verified = np.concatenate([phone_verified if kind == "phone" else nobody, more_verified])
        held = codes >= 0
        pieces.append((rows[held], np.full(int(held.sum()), index, dtype=np.int64), codes[held], verified[held]))
        values.append(distinct)
    return records, _sorted_postings(pieces, values)


def _extra_postings(identifiers: pa.Table | None, ids: pa.Array) -> dict[str, tuple[Ints, pa.Array, Flags]]:
    """Split the identifier table by kind; an ended phone or e-mail is somebody else's by now and is left out."""
    empty = (np.empty(0, np.int64), pa.array([], pa.string()), np.empty(0, bool))
    if identifiers is None or len(identifiers) == 0:
        return dict.fromkeys(KINDS, empty)
    kinds = _text(identifiers, "kind_code")
    unknown = set(pc.unique(kinds).to_pylist()) - set(KINDS)
    if unknown:
        raise ValueError(f"unknown identifier kinds {sorted(map(str, unknown))}; known are {list(KINDS)}")
    rows = pc.index_in(identifiers.column("record_id").combine_chunks().cast(ids.type), value_set=ids)
    known = pc.is_valid(rows)
    verified = pc.is_in(pc.utf8_lower(pc.fill_null(_text(identifiers, "verified"), "")), value_set=pa.array(["true", "1", "是"]))
    current = pc.is_null(_text(identifiers, "valid_to"))
    result = {}
    for kind in KINDS:
        chosen = pc.and_(pc.equal(kinds, kind), known)
        if kind in ("phone", "email"):
            chosen = pc.and_(chosen, current)
        texts = _text(identifiers, "value").filter(chosen)
        result[kind] = (
            np.asarray(rows.filter(chosen), dtype=np.int64),
            normalised_column(texts, KIND_NORMALISERS[kind]),
            np.asarray(verified.filter(chosen), dtype=bool),
        )
    return result


def _sorted_postings(pieces: Sequence[tuple[Ints, Ints, Ints, Flags]], values: Sequence[pa.Array]) -> Postings:
    row, kind, value = (np.concatenate([piece[part] for piece in pieces]) for part in (0, 1, 2))
    verified = np.concatenate([piece[3] for piece in pieces])
    order = np.lexsort((~verified, row, value, kind))  # the verified one of equal postings comes first and stays
    row, kind, value, verified = row[order], kind[order], value[order], verified[order]
    first = np.ones(len(row), dtype=bool)
    first[1:] = (row[1:] != row[:-1]) | (value[1:] != value[:-1]) | (kind[1:] != kind[:-1])
    return Postings(row[first], kind[first], value[first], verified[first], values)
