"""What the matcher is given of records: their texts, and the values they hold; from decrypted contents or from the landing."""

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.identity.content import Content, postings_of

TEXTS = ("name", "gender", "birthday", "address", "phone", "member_card", "email")  # masked values are in no posting
RECORD_SCHEMA = pa.schema([
    ("record_id", pa.int64()), *((name, pa.string()) for name in TEXTS), ("store_id", pa.string()),
])  # fmt: skip
POSTING_SCHEMA = pa.schema([
    ("record_id", pa.int64()), ("kind_code", pa.string()), ("value", pa.string()), ("verified", pa.string()),
    ("valid_to", pa.string()),
])  # fmt: skip


def tables_of_contents(records: Iterable[tuple[int, str, Content, int | None]]) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Return both tables of records given as id, source, content and store."""
    rows, held = [], []
    for record_id, source_code, content, store_id in records:
        texts = content.texts
        rows.append((record_id, *(texts.get(name) for name in TEXTS), None if store_id is None else str(store_id)))
        for posting in postings_of(content, source_code=source_code, version_at=None):
            verified, ended = "1" if posting.verified else None, None if posting.valid_to is None else "1"
            held.append((record_id, posting.kind_code, posting.value, verified, ended))
    return _batch(rows, RECORD_SCHEMA), _batch(held, POSTING_SCHEMA)


def _batch(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.RecordBatch:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.record_batch([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def tables_of_landing(records: pa.Table, postings: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Return both tables of landed records (newest versions) and of what they hold, as `landed.postings_table` gives it."""
    ids = pa.chunked_array([*records.column("record_id").chunks, *postings.column("record_id").chunks], pa.int64())
    bare = pc.unique(ids).filter(pc.invert(pc.is_in(pc.unique(ids), records.column("record_id").combine_chunks())))
    table = pa.table({
        "record_id": pa.chunked_array([*records.column("record_id").chunks, bare]),
        **{name: _padded(records.column(name), len(bare)) for name in TEXTS},
        "store_id": _padded(records.column("store_id").cast(pa.string()), len(bare)),
    })  # fmt: skip
    yes = pa.scalar("1", pa.string())
    return table, pa.table({
        "record_id": postings.column("record_id"),
        "kind_code": postings.column("kind_code"),
        "value": postings.column("value"),
        "verified": pc.if_else(postings.column("verified"), yes, pa.scalar(None, pa.string())),
        "valid_to": pc.if_else(pc.is_valid(postings.column("valid_to")), yes, pa.scalar(None, pa.string())),
    })  # fmt: skip


def _padded(column: pa.ChunkedArray, missing: int) -> pa.ChunkedArray:
    return pa.chunked_array([*column.chunks, pa.nulls(missing, column.type)])
