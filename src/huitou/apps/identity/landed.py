"""
Records in bulk, as Arrow tables: what a batch (or the whole landing) says about each record, and the values it holds.

The same reading as `content.postings_of`, column by column: a load of a million records never becomes a million objects.
"""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.identity.content import FIELD_OF_KIND, VERIFIED_BY_ISSUER
from huitou.core.crypto import Keyring
from huitou.core.identity.normalise import KIND_NORMALISERS, normalised_column

POSTING_COLUMNS = ("record_id", "kind_code", "value", "value_hash", "verified", "valid_from", "valid_to")
_MOMENT = pa.timestamp("us")


def newest_records(records: pa.Table) -> pa.Table:
    """Return one row per record in order of id: the newest version, of equal ones the later row."""
    return _last_of(records, ["record_id"])


def newest_identifiers(identifiers: pa.Table) -> pa.Table:
    """Return one row per record, kind and written value, the newest version of each."""
    return _last_of(identifiers, ["record_id", "kind_code", "value"])


def _last_of(table: pa.Table, keys: list[str]) -> pa.Table:
    order = pa.table({
        **{name: table.column(name) for name in keys},
        "version_at": table.column("version_at"),
        "place": pa.array(np.arange(len(table))),
    })  # fmt: skip
    places = order.sort_by([(name, "ascending") for name in (*keys, "version_at", "place")])
    last = np.ones(len(places), dtype=bool)
    if len(places) > 1:
        same = np.ones(len(places) - 1, dtype=bool)
        for name in keys:
            column = places.column(name).combine_chunks()
            same &= np.asarray(pc.equal(column.slice(0, len(column) - 1), column.slice(1)))
        last[:-1] = ~same
    return table.take(places.column("place").filter(pa.array(last)))


def by_source(tables: Iterable[tuple[str, pa.Table]]) -> pa.Table:
    """Join tables of several sources, oldest first, with a column `source_code`."""
    parts = [table.append_column("source_code", pa.array([code] * len(table), pa.string())) for code, table in tables]
    return pa.concat_tables(parts)


def postings_table(ring: Keyring, records: pa.Table, identifiers: pa.Table) -> pa.Table:
    """
    Return POSTING_COLUMNS, one row per record and usable value, in order of record: verified if any mention is, current if
    any mention is. Both tables carry `source_code`.
    """
    parts = [_own(records, kind, name) for kind, name in FIELD_OF_KIND.items()]
    parts += [_listed(identifiers, kind) for kind in FIELD_OF_KIND]
    mentions = pa.concat_tables(parts)
    grouped = mentions.group_by(["record_id", "kind_code", "value"], use_threads=False).aggregate([
        ("verified", "max"), ("valid_from", "min"), ("valid_to", "max"), ("is_open", "max"),
    ])  # fmt: skip
    grouped = grouped.sort_by([("record_id", "ascending"), ("kind_code", "ascending"), ("value", "ascending")])
    ended = pc.if_else(grouped.column("is_open_max"), pa.scalar(None, _MOMENT), grouped.column("valid_to_max"))
    columns = {name: grouped.column(name) for name in ("record_id", "kind_code", "value")}
    return pa.table({
        **columns,
        "value_hash": _hashes(ring, grouped),
        "verified": grouped.column("verified_max"),
        "valid_from": grouped.column("valid_from_min"),
        "valid_to": ended,
    })  # fmt: skip


def _own(records: pa.Table, kind: str, name: str) -> pa.Table:
    verified = _issued(records, kind)
    if kind == "phone":
        verified = pc.or_(verified, pc.fill_null(records.column("phone_verified"), False))
    return _mentions(
        kind,
        records.column("record_id"),
        normalised_column(records.column(name), KIND_NORMALISERS[kind]),
        verified,
        records.column("version_at"),
        pa.nulls(len(records), _MOMENT),
    )


def _listed(identifiers: pa.Table, kind: str) -> pa.Table:
    rows = identifiers.filter(pc.equal(identifiers.column("kind_code"), kind))
    return _mentions(
        kind,
        rows.column("record_id"),
        normalised_column(rows.column("value"), KIND_NORMALISERS[kind]),
        pc.or_(pc.fill_null(rows.column("verified"), False), _issued(rows, kind)),
        pc.coalesce(rows.column("valid_from"), rows.column("version_at")),
        rows.column("valid_to"),
    )


def _issued(table: pa.Table, kind: str) -> pa.ChunkedArray:
    issuers = [source for source, kinds in VERIFIED_BY_ISSUER.items() if kind in kinds]
    return pc.is_in(table.column("source_code"), value_set=pa.array(issuers, pa.string()))


def _mentions(
    kind: str, record_id: pa.ChunkedArray, value: pa.Array, verified: pa.ChunkedArray, since: pa.ChunkedArray, until: pa.Array
) -> pa.Table:
    table = pa.table({
        "record_id": record_id,
        "kind_code": pa.array([kind] * len(value), pa.string()),
        "value": value,
        "verified": verified,
        "valid_from": since,
        "valid_to": until,
        "is_open": pc.is_null(until),
    })  # fmt: skip
    return table.filter(pc.is_valid(table.column("value")))


def _hashes(ring: Keyring, postings: pa.Table) -> pa.Array:
    kinds = np.asarray(postings.column("kind_code").combine_chunks())
    values = postings.column("value").combine_chunks()
    hashes: npt.NDArray[np.int64] = np.zeros(len(postings), dtype=np.int64)
    for kind in FIELD_OF_KIND:
        rows = np.flatnonzero(kinds == kind)
        hashes[rows] = ring.hash_all(kind, values.take(pa.array(rows)).to_pylist())
    return pa.array(hashes)
