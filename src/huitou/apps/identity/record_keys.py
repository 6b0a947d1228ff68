"""
The keys by which records that share no identifier are compared: name with birthday, name with a phone's tail, rare names ...

Stored as keyed hashes. Who shares a key with a changed record, and not too many do, is all that the change can concern.
"""

import json
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.identity.models import RecordKey, SourceRecord
from huitou.core.crypto import Keyring
from huitou.core.identity.policy import DEFAULT_POLICY

if TYPE_CHECKING:
    from huitou.core.identity.match.blocks import Ask

Ints = npt.NDArray[np.int64]

COLUMNS = ("key_hash", "record_id")
_IN_LIST = 20_000
_FEWEST = 2  # a key that nobody else holds is of no use


def keys_of(ring: Keyring, records: pa.Table, postings: pa.Table) -> list[tuple[int, int]]:
    """Return (keyed hash, record) of every key, in order of hash: the index grows in its own order."""
    from huitou.core.identity.match.blocks import weak_keys_of
    from huitou.core.identity.match.features import gather

    features = gather({"records": records}, postings)
    rows, kinds, keys = weak_keys_of(features)
    return sorted(zip(_hashes(ring, kinds, keys), features.ids.take(pa.array(rows)).to_pylist(), strict=True))


def crowds(ring: Keyring) -> "Ask":
    """Return what tells the matcher how many of all records hold a key."""

    def held(kinds: Ints, keys: Ints) -> Ints:
        hashes = _hashes(ring, kinds, keys)
        counts: dict[int, int] = {}
        for part in chunked(set(hashes), _IN_LIST):
            counts.update(_counted(part))
        return np.array([counts.get(value, 0) for value in hashes], np.int64)

    return held


def neighbours(record_ids: Collection[int]) -> set[int]:
    """Return the records that share a key with one of these, where few enough hold it."""
    from huitou.core.identity.match.blocks import LARGEST

    most = max(LARGEST.values())
    keys = {
        row[0] for part in chunked(record_ids, _IN_LIST) for row in rows_read(RecordKey, ("key_hash",), among={"record_id": part})
    }
    few = [key for part in chunked(keys, _IN_LIST) for key, records in _counted(part) if _FEWEST <= records <= most]
    return {row[0] for part in chunked(few, _IN_LIST) for row in rows_read(RecordKey, ("record_id",), among={"key_hash": part})}


def _counted(key_hashes: Collection[int]) -> list[tuple[int, int]]:
    """Return each key that somebody holds, and how many records do."""
    member = "= any(%s)" if connection.vendor == "postgresql" else "in (select value from json_each(%s))"
    statement = f"select key_hash, count(*) from {RecordKey._meta.db_table} where key_hash {member} group by key_hash"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [list(key_hashes) if connection.vendor == "postgresql" else json.dumps(list(key_hashes))])
        rows: list[tuple[int, int]] = cursor.fetchall()
    return rows


def keys_write(rows: Collection[tuple[int, int]]) -> None:
    """Store keys; one that is there stays."""
    rows_write(RecordKey, COLUMNS, rows, conflict=COLUMNS)


def keys_forget(record_ids: Collection[int]) -> None:
    """Drop all keys of these records."""
    rows_delete(RecordKey, among={"record_id": record_ids})


def keyless(record_ids: Collection[int]) -> set[int]:
    """Return those of these records that have no key: stored in bulk and not resolved yet, or with nothing to make one of."""
    if len(record_ids) <= _IN_LIST:
        return set(record_ids) - {row[0] for row in rows_read(RecordKey, ("record_id",), among={"record_id": record_ids})}
    return set(record_ids) - set(RecordKey.objects.values_list("record_id", flat=True).distinct())


def keys_fill(ring: Keyring, records: pa.Table, postings: pa.Table) -> None:
    """Store the keys of those of these records that have none; a fill that was cut short goes on where records have none."""
    lacking = keyless(records.column("record_id").to_pylist())
    if not lacking:
        return
    wanted = pa.array(sorted(lacking), pa.int64())
    parts = (table.filter(pc.is_in(table.column("record_id"), wanted)) for table in (records, postings))
    for part in Pace().cut(keys_of(ring, *parts)):
        with transaction.atomic():
            keys_write(part)
    for ids in chunked(sorted(lacking), _IN_LIST):  # whoever was erased meanwhile must leave no key behind
        keys_forget(list(SourceRecord.objects.filter(pk__in_list=ids, fields=None).values_list("pk", flat=True)))


def _hashes(ring: Keyring, kinds: Ints, keys: Ints) -> list[int]:
    texts = (f"{kind}:{key}" for kind, key in zip(kinds.tolist(), keys.tolist(), strict=True))
    return ring.hash_all(f"key:{DEFAULT_POLICY.version}", texts)
