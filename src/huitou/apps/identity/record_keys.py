"""
The keys by which records that share no identifier are compared: name with birthday, name with a phone's tail, rare names ...

Stored as keyed hashes. Who shares a key with a changed record, and not too many do, is all that the change can concern.
"""

import json
from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from huitou.apps.base.bulk import chunked, listed, rows_delete, rows_read, rows_write, sql_run
from huitou.apps.base.pace import Pace
from huitou.apps.identity.models import RecordKey, SourceRecord
from huitou.apps.identity.stored import StoredRecord, values_of
from huitou.core.crypto import Keyring
from huitou.core.identity.policy import DEFAULT_POLICY

if TYPE_CHECKING:
    from huitou.core.identity.match.crowds import Ask
    from huitou.core.identity.match.features import Features

Ints = npt.NDArray[np.int64]

COLUMNS = ("key_hash", "record_id")
_IN_LIST = 20_000
_TABLE = RecordKey._meta.db_table
# A common name's key has thousands of holders: both statements stop where they are a crowd.
_COUNTED = {
    "sqlite": f"select value, (select count(*) from (select 1 from {_TABLE} where key_hash = value limit %s)) from json_each(%s)",  # noqa: S608
    "postgresql": (
        f"select k, (select count(*) from (select 1 from {_TABLE} where key_hash = k limit %s) as held)"  # noqa: S608
        " from unnest(%s::bigint[]) as k"
    ),
}
_HELD = {
    "sqlite": (
        f"select (select json_group_array(record_id) from (select record_id from {_TABLE} where key_hash = value limit %s))"  # noqa: S608
        " from json_each(%s)"
    ),
    "postgresql": (
        f"select array(select record_id from {_TABLE} where key_hash = k limit %s) from unnest(%s::bigint[]) as k"  # noqa: S608
    ),
}


def keys_of(ring: Keyring, records: pa.Table, postings: pa.Table) -> list[tuple[int, int]]:
    """Return (keyed hash, record) of every key, in order of hash: the index grows in its own order."""
    from huitou.core.identity.match.features import gather

    return _keys_of(ring, gather({"records": records}, postings))


def keys_of_few(ring: Keyring, records: Collection[StoredRecord]) -> list[tuple[int, int]]:
    """Do the same for some hundred records."""
    from huitou.core.identity.match.few import features_of_few

    return _keys_of(ring, features_of_few([record.few() for record in records], values_of(records)))


def _keys_of(ring: Keyring, features: "Features") -> list[tuple[int, int]]:
    from huitou.core.identity.match.row_keys import weak_keys_of

    rows, kinds, keys = weak_keys_of(features)
    return sorted(zip(_hashes(ring, kinds, keys), features.ids.take(pa.array(rows)).to_pylist(), strict=True))


def crowds(ring: Keyring) -> "Ask":
    """
    Return what tells the matcher how many of all records hold a key. A key that one record of the part holds brings no pair
    and is not counted.
    """

    def held(kinds: Ints, keys: Ints) -> Ints:
        hashes = _hashes(ring, kinds, keys)
        counts: dict[int, int] = {}
        for part in chunked([value for value, times in Counter(hashes).items() if times > 1], _IN_LIST):
            counts.update(sql_run(_COUNTED[connection.vendor], [_crowd(), listed(part)]))
        return np.array([counts.get(value, 0) for value in hashes], np.int64)

    return held


def neighbours(record_ids: Collection[int]) -> set[int]:
    """Return the records that share a key with one of these, where few enough hold it."""
    keys = {
        row[0] for part in chunked(record_ids, _IN_LIST) for row in rows_read(RecordKey, ("key_hash",), among={"record_id": part})
    }
    return holders(keys)


def holders(key_hashes: Collection[int]) -> set[int]:
    """Return the records that hold one of these keys, where few enough hold it."""
    found: set[int] = set()
    crowd = _crowd()
    for part in chunked(key_hashes, _IN_LIST):
        for (held,) in sql_run(_HELD[connection.vendor], [crowd, listed(part)]):
            records = json.loads(held) if isinstance(held, str) else held
            if len(records) < crowd:
                found.update(records)
    return found


def _crowd() -> int:
    """Return how many holders of a key are too many, whatever its kind; nobody needs to count further."""
    from huitou.core.identity.match.blocks import LARGEST

    return max(LARGEST.values()) + 1


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
