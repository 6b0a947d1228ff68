"""Look up and write documents in bulk: hundreds of thousands per batch, so neither model objects nor single rows."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
from django.db import connection, transaction

from huitou.apps.base.bulk import rows_read, rows_write, sql_run
from huitou.apps.intake.models import Document, DocumentSequence

_LOOKUP_CHUNK = 10_000
_KNOWN = ("key_hash", "id", "content_hash", "version_at")
_WRITE_CHUNK = 20_000
_CHANGED = ("document_id", "key_hash", "content_hash", "version_at", "state", "is_new")

_INSERT = "insert into intake_document (id, key_hash, content_hash, version_at, batch_id) values (%s, %s, %s, %s, %s)"
_ACCEPT = "update intake_document set content_hash = %s, version_at = %s, batch_id = %s where id = %s"
_TAKE = "update intake_documentsequence set next_id = next_id + %s where id = 1 returning next_id"
_CONFIRM = "update intake_document set version_at = %s where id = %s"


def documents_known(keys: pa.Table) -> pa.Table:
    """
    Return the keys (document_key, key_hash) with document_id, content_hash and version_at (UTC without zone) as known;
    the three are null where the document is new.
    """
    hashes: list[int] = keys["key_hash"].to_pylist()
    known: dict[int, tuple[int, int | None, datetime | None]] = {}
    for start in range(0, len(hashes), _LOOKUP_CHUNK):
        rows = rows_read(Document, _KNOWN, among={"key_hash": hashes[start : start + _LOOKUP_CHUNK]})
        for key_hash, document_id, content_hash, version_at in rows:
            known[key_hash] = (document_id, content_hash, version_at and version_at.astimezone(UTC).replace(tzinfo=None))
    nobody = (None, None, None)
    found = [known.get(key_hash, nobody) for key_hash in hashes]
    return (
        keys.append_column("document_id", pa.array([row[0] for row in found], pa.int64()))
        .append_column("content_hash", pa.array([row[1] for row in found], pa.int64()))
        .append_column("version_at", pa.array([row[2] for row in found], pa.timestamp("us")))
    )


@transaction.atomic(savepoint=False)
def document_ids_take(count: int) -> range:
    """Take a block of ids that nobody else gets; a crash afterwards leaves a gap, nothing else."""
    rows = sql_run(_TAKE, [count])
    if not rows:
        DocumentSequence.objects.get_or_create(pk=1)
        rows = sql_run(_TAKE, [count])
    after = int(rows[0][0])
    return range(after - count, after)


def document_ids_skip(*, last_id: int) -> None:
    """Never give an id up to this one again: it stood for something in a later time than that of a restored backup."""
    DocumentSequence.objects.get_or_create(pk=1)
    DocumentSequence.objects.filter(pk=1, next_id__lte=last_id).update(next_id=last_id + 1)


def document_hashes(ids: Collection[int]) -> list[int]:
    """Return the keyed hashes of documents, ascending."""
    return sorted(Document.objects.filter(pk__in_list=sorted(ids)).values_list("key_hash", flat=True))


def documents_hashed(key_hashes: Collection[int]) -> list[int]:
    """Return the ids of the documents that have one of these keyed hashes."""
    return list(Document.objects.filter(key_hash__in_list=sorted(key_hashes)).values_list("pk", flat=True))


def document_keys_write(ids: Iterable[int], key_hashes: Iterable[int]) -> None:
    """Write documents of which only the key is known (a load that brings no content hashes)."""
    rows_write(Document, ("id", "key_hash"), zip(ids, key_hashes, strict=True))


def documents_write(changed: pa.Table, *, batch_id: int) -> None:
    """
    Write what a batch brought, confirmed or reserved, in the caller's transaction.

    changed: document_id, key_hash, content_hash, version_at, state ("accepted", "confirmed", "reserved"), is_new.
    """
    inserts: list[tuple[Any, ...]] = []
    accepts: list[tuple[Any, ...]] = []
    confirms: list[tuple[Any, ...]] = []
    columns = (changed.column(name).to_pylist() for name in _CHANGED)
    for document_id, key_hash, content_hash, version, state, is_new in zip(*columns, strict=True):
        version_at = _stored_moment(version)
        if is_new:
            inserts.append((document_id, key_hash, content_hash, version_at, batch_id if state == "accepted" else None))
        elif state == "accepted":
            accepts.append((content_hash, version_at, batch_id, document_id))
        else:
            confirms.append((version_at, document_id))
    with connection.cursor() as cursor:
        for statement, rows in ((_INSERT, inserts), (_ACCEPT, accepts), (_CONFIRM, confirms)):
            for start in range(0, len(rows), _WRITE_CHUNK):
                cursor.executemany(statement, rows[start : start + _WRITE_CHUNK])


@lru_cache(maxsize=4_096)  # the rows of a file share their version
def _stored_moment(moment: datetime | None) -> Any:
    """Return a moment (UTC without zone) as this database's raw cursor takes it."""
    if moment is None:
        return None
    return connection.ops.adapt_datetimefield_value(moment.replace(tzinfo=UTC))
