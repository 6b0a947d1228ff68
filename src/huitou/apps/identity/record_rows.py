"""
The stored rows of records that nobody knew, from the landing's columns: a load of a million never becomes a million objects.

What comes out is, byte for byte, what the way over `Content` gives; only records without listed identifiers go this way.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.identity.content import content_context
from huitou.core.crypto import Keyring
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.warehouse.landing.schema import RECORD_TEXT

RECORD_COLUMNS = (
    "id", "source_code", "source_id_hash", "fields", "content_hash", "version_at", "store_id", "registered_at", "batch_id",
    "received_at", "erased_at", "filled_bits",
)  # fmt: skip
_NEEDS_ESCAPE = r'["\\\x00-\x1f]'

Row = tuple[Any, ...]


def plain_rows(ring: Keyring, records: pa.Table, *, source_code: str, batch_id: int, now: datetime) -> list[Row]:
    """Return rows of RECORD_COLUMNS in the order of `records`, the landing's table, one row per record; none give none."""
    count = len(records)
    if not count:
        return []
    ids = records.column("record_id").to_pylist()
    source_ids = records.column("source_id").combine_chunks()
    stores = records.column("store_id").to_pylist()
    version_at, registered_at = (moments(records.column(name)) for name in ("version_at", "registered_at"))
    texts = content_texts(records).to_pylist()
    said = [f"{text}|{version}|{store}|{since}" for text, version, store, since in zip(
        texts, _shown(version_at), stores, _shown(registered_at), strict=True
    )]  # fmt: skip
    sealed = ring.encrypt_all([text.encode() for text in texts], contexts=map(content_context, ids))
    return list(zip(
        ids, [source_code] * count, source_hashes(ring, source_code, source_ids), sealed,
        ring.hash_all("identity.content", said), version_at, stores, registered_at, [batch_id] * count, [now] * count,
        [None] * count, _bits(records).tolist(), strict=True,
    ))  # fmt: skip


def content_texts(records: pa.Table) -> pa.Array:
    """Return `Content.to_json` of each record, as Arrow text."""
    named = [_member(records.column(name).combine_chunks(), name) for name in sorted(RECORD_TEXT)]
    anchor = pa.repeat("", len(records))  # where every column is null, Arrow 26 returns no row at all
    texts = pc.utf8_slice_codeunits(pc.binary_join_element_wise(anchor, *named, ", ", null_handling="skip"), len(", "))
    source_id = pc.fill_null(_quoted(records.column("source_id").combine_chunks()), "null")
    checked = pc.and_(pc.fill_null(records.column("phone_verified").combine_chunks(), False), _filled(records, "phone"))
    verified = pc.if_else(checked, '["phone"]', "[]")
    parts = ('{"identifiers": [], "source_id": ', source_id, ', "texts": {', texts, '}, "verified": ', verified, "}")
    return pc.binary_join_element_wise(*parts, "")


def source_hashes(ring: Keyring, source_code: str, source_ids: pa.Array) -> list[int | None]:
    """Return the keyed hash of each record's own id; None where its source has told none."""
    kind = f"source:{source_code}"[:16]
    if source_ids.null_count == 0:
        return list(ring.hash_all(kind, source_ids.to_pylist()))
    return [None if source_id is None else ring.hash(kind, source_id) for source_id in source_ids.to_pylist()]


def moments(column: pa.ChunkedArray) -> list[datetime | None]:
    """Return moments (UTC) as aware ones; equal ones are one object, for a file's rows share few."""
    coded = column.combine_chunks().dictionary_encode()
    known = [moment.replace(tzinfo=UTC) for moment in coded.dictionary.to_pylist()]
    return [None if place is None else known[place] for place in coded.indices.to_pylist()]


def _shown(values: Sequence[datetime | None]) -> list[str]:
    known = {moment: str(moment) for moment in set(values)}
    return [known[moment] for moment in values]


def _member(texts: pa.Array, name: str) -> pa.Array:
    """Return `"name": "text"`, null where there is no text."""
    filled = pc.if_else(pc.equal(texts, ""), pa.scalar(None, pa.string()), texts)
    return pc.binary_join_element_wise(f'"{name}": ', _quoted(filled), "")


def _quoted(texts: pa.Array) -> pa.Array:
    """Return texts as JSON strings; null stays null."""
    if pc.any(pc.match_substring_regex(texts, _NEEDS_ESCAPE)).as_py():
        return pa.array([None if text is None else encode_basestring(text) for text in texts.to_pylist()], pa.string())
    return pc.binary_join_element_wise('"', texts, '"', "")


def _filled(records: pa.Table, name: str) -> pa.Array:
    return pc.fill_null(pc.not_equal(records.column(name).combine_chunks(), ""), False)


def _bits(records: pa.Table) -> npt.NDArray[np.int64]:
    """Return which key fields each record fills, as `completeness.filled_bits` packs them."""
    bits = np.zeros(len(records), dtype=np.int64)
    for place, name in enumerate(COMPLETENESS_WEIGHTS):
        filled = pc.is_valid(records.column("store_id").combine_chunks()) if name == "store" else _filled(records, name)
        bits |= np.asarray(filled).astype(np.int64) << place
    return bits
