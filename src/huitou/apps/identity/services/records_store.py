"""
Take the customers and identifiers of one batch: newest version of each record, its encrypted content, its postings.

Storing and resolving are separate: what is stored carries a `ResolveMark` until `map_resolve` has found its person. Every
transaction is short, so that nobody waits for a load; a killed run goes on where it stopped.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base.bulk import rows_read, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.content import Content
from huitou.apps.identity.landed import by_source, newest_identifiers, newest_records, postings_table
from huitou.apps.identity.marks import marks_set
from huitou.apps.identity.models import Identifier, SourceRecord
from huitou.apps.identity.record_rows import RECORD_COLUMNS, Row, moments, plain_rows
from huitou.apps.identity.record_state import POSTING_COLUMNS, RecordState, Told, record_row, state_next, versions_store
from huitou.apps.privacy.services import reimports_flag
from huitou.core.crypto import Keyring

_BLOCK = 50_000  # records prepared at once; their postings are written in order of hash, so that an index page is met once
_FEW = 500  # rows that are read one by one: columns pay from some hundred on
NO_BATCH = 0  # of a record that came by itself; one that comes again is compared, never taken for the same batch
_POSTING_KEY = ("record_id", "kind_code", "value_hash")


@dataclass(frozen=True, slots=True)
class _Block:
    """The rows of some thousand records, one per record and one per listed value; both carry `source_code`."""

    records: pa.Table
    identifiers: pa.Table

    def ids(self) -> list[int]:
        both = pa.chunked_array([*self.records.column("record_id").chunks, *self.identifiers.column("record_id").chunks])
        return sorted(pc.unique(both).to_pylist())

    def split(self) -> "tuple[pa.Table, _Block]":
        """Return the records without listed identifiers, and the others with theirs."""
        listed = pc.is_in(self.records.column("record_id"), value_set=pc.unique(self.identifiers.column("record_id")))
        return self.records.filter(pc.invert(listed)), _Block(self.records.filter(listed), self.identifiers)

    def only(self, ids: Collection[int]) -> "_Block":
        wanted = pa.array(sorted(ids), pa.int64())
        return _Block(*(table.filter(pc.is_in(table.column("record_id"), wanted)) for table in (self.records, self.identifiers)))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Where the rows come from and when."""

    source_code: str
    batch_id: int
    now: datetime
    is_bulk: bool


def records_store(
    *, records: pa.Table, identifiers: pa.Table, source_code: str, batch_id: int, now: datetime, is_bulk: bool = False
) -> int:
    """
    Write what changed and mark it to be resolved; return how many records were new or changed.

    records, identifiers: the landing tables of that name; is_bulk: of a back-fill. The same batch again changes nothing, and
    neither does an older version than the known one.
    """
    ring = keyring()
    batch = _Batch(source_code, batch_id, now, is_bulk)
    paces = {kind: Pace() for kind in ("posting", "record", "renewed")}
    changed = 0
    if len(records) + len(identifiers) <= _FEW:
        sources = [pa.array([source_code] * len(table), pa.string()) for table in (records, identifiers)]
        few = _Block(records.append_column("source_code", sources[0]), identifiers.append_column("source_code", sources[1]))
        last = dict(rows_read(SourceRecord, ("pk", "batch_id"), among={"pk": few.ids()}))
        wanted = {record_id for record_id in few.ids() if batch_id == NO_BATCH or last.get(record_id) != batch_id}
        return _renew(ring, few, batch, wanted)
    for block in _blocks(
        newest_records(by_source([(source_code, records)])), newest_identifiers(by_source([(source_code, identifiers)]))
    ):
        ids = block.ids()
        known = dict(rows_read(SourceRecord, ("pk", "batch_id"), among={"pk": ids}))
        late = [record_id for record_id, last in known.items() if batch_id == NO_BATCH or last != batch_id]
        fresh = set(ids) - known.keys()
        if fresh:
            met = _fresh_store(ring, block.only(fresh) if known else block, batch, paces)
            changed += len(fresh) - len(met)
            late += met
        for part in paces["renewed"].cut(sorted(late)):
            changed += _renew(ring, block.only(part), batch, part)
    return changed


def _blocks(records: pa.Table, identifiers: pa.Table) -> Iterator[_Block]:
    """Cut both tables (in order of record) by the same ranges of record ids."""
    tables = (records, identifiers)
    ids = [table.column("record_id").to_numpy() for table in tables]
    every = np.unique(np.concatenate(ids))
    for start in range(0, len(every), _BLOCK):
        low, high = every[start], every[min(start + _BLOCK, len(every)) - 1]
        cuts = [(int(np.searchsorted(part, low)), int(np.searchsorted(part, high, side="right"))) for part in ids]
        yield _Block(*(table.slice(first, last - first) for table, (first, last) in zip(tables, cuts, strict=True)))


def _fresh_store(ring: Keyring, block: _Block, batch: _Batch, paces: Mapping[str, Pace]) -> list[int]:
    """
    Store records that nobody knew; return those that somebody else stored meanwhile.

    Postings go first: a record that is there has all of them, wherever a kill strikes.
    """
    plain, told = block.split()
    rows = plain_rows(ring, plain, source_code=batch.source_code, batch_id=batch.batch_id, now=batch.now)
    rows += [
        record_row(
            ring, record_id, state_next(RecordState(Content()), record, held), source_code=batch.source_code,
            batch_id=batch.batch_id, now=batch.now,
        )
        for record_id, record, held in _by_record(told)
    ]  # fmt: skip
    rows.sort(key=itemgetter(0))
    postings = postings_table(ring, block.records, block.identifiers)
    for part in paces["posting"].cut(posting_rows(postings)):
        with transaction.atomic():
            reimports_flag([row[2] for row in part], now=batch.now)
            rows_write(Identifier, POSTING_COLUMNS, part, conflict=_POSTING_KEY)
    met: list[int] = []
    for part in paces["record"].cut(rows):
        with transaction.atomic():
            known = {pk for (pk,) in rows_read(SourceRecord, ("pk",), among={"pk": [row[0] for row in part]})}
            met += known
            new = [row for row in part if row[0] not in known]
            rows_write(SourceRecord, RECORD_COLUMNS, new)
            marks_set([row[0] for row in new], is_bulk=batch.is_bulk)
    return met


@transaction.atomic(savepoint=False)
def _renew(ring: Keyring, block: _Block, batch: _Batch, ids: Collection[int]) -> int:
    """Store newer versions of these records, or a few new ones; return how many changed."""
    map_lock()
    told = [Told(record_id, batch.source_code, rows, held) for record_id, rows, held in _by_record(block) if record_id in ids]
    changed = versions_store(ring, told, batch_id=batch.batch_id, now=batch.now)
    same = [one.record_id for one in told if one.record_id not in changed]
    SourceRecord.objects.filter(pk__in_list=same, batch_id=NO_BATCH).update(batch_id=batch.batch_id)  # the landing holds it now
    if changed:
        marks_set(list(changed), is_bulk=batch.is_bulk)
    return len(changed)


def posting_rows(postings: pa.Table) -> list[Row]:
    """Return the postings as rows of POSTING_COLUMNS in order of hash: the index grows in its own order."""
    ordered = postings.select(POSTING_COLUMNS).sort_by("value_hash")
    validity = (moments(ordered.column(name)) for name in ("valid_from", "valid_to"))
    return list(zip(*(ordered.column(name).to_pylist() for name in POSTING_COLUMNS[:4]), *validity, strict=True))


def _by_record(block: _Block) -> Iterator[tuple[int, Sequence[dict[str, Any]], Sequence[dict[str, Any]]]]:
    """Yield each record with its row, if any, and its listed identifiers."""
    versions = sorted(block.records.to_pylist(), key=lambda row: (row["version_at"] is not None, row["version_at"]))
    rows = {row["record_id"]: row for row in versions}  # the newest, of equal ones the later row
    held: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in block.identifiers.to_pylist():
        held[row["record_id"]].append(row)
    for record_id in sorted({*rows, *held}):
        yield record_id, [rows[record_id]] if record_id in rows else (), held.get(record_id, ())
