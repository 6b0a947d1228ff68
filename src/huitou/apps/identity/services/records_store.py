"""
Take the customers and identifiers of one batch: newest version of each record, its encrypted content, its postings.

Storing and resolving are separate: what is stored carries a `ResolveMark` until `map_resolve` has found its person. Every
transaction is short, so that nobody waits for a load; a killed run goes on where it stopped.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.census import record_bits
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.content import Content, HeldValue, content_open, content_seal, postings_of
from huitou.apps.identity.landed import by_source, newest_identifiers, newest_records, postings_table
from huitou.apps.identity.marks import marks_set
from huitou.apps.identity.matcher_tables import tables_of_contents
from huitou.apps.identity.models import Identifier, SourceRecord
from huitou.apps.identity.record_keys import keys_forget, keys_of, keys_write
from huitou.apps.identity.record_rows import RECORD_COLUMNS, Row, moments, plain_rows
from huitou.apps.privacy.services import reimports_flag
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.schema import RECORD_TEXT

_BLOCK = 50_000  # records prepared at once; their postings are written in order of hash, so that an index page is met once
_FEW = 500  # rows that are read one by one: columns pay from some hundred on
NO_BATCH = 0  # of a record that came by itself; one that comes again is compared, never taken for the same batch
POSTING_COLUMNS = ("record_id", "kind_code", "value_hash", "verified", "valid_from", "valid_to")
_POSTING_KEY = ("record_id", "kind_code", "value_hash")


@dataclass(frozen=True, slots=True)
class _State:
    """A record between two versions."""

    content: Content
    version_at: datetime | None = None
    store_id: int | None = None
    registered_at: datetime | None = None
    content_hash: int | None = None


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
        _record_row(ring, record_id, _next(_State(Content()), record, held), batch)
        for record_id, record, held in _by_record(told)
    ]
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
    known = _known(ring, ids)
    rows: list[Row] = []
    postings: list[Row] = []
    contents: list[tuple[int, str, Content, int | None]] = []
    for record_id, record, held in _by_record(block):
        if record_id not in ids:
            continue
        old = known.get(record_id, _State(Content()))
        new = _next(old, record, held)
        row = _record_row(ring, record_id, new, batch)
        if row[RECORD_COLUMNS.index("content_hash")] == old.content_hash:
            continue
        rows.append(row)
        contents.append((record_id, batch.source_code, new.content, new.store_id))
        postings += [
            (record_id, said.kind_code, ring.hash(said.kind_code, said.value), said.verified, said.valid_from, said.valid_to)
            for said in postings_of(new.content, source_code=batch.source_code, version_at=new.version_at)
        ]
    changed = [row[0] for row in rows]
    if changed:
        reimports_flag([row[2] for row in postings], now=batch.now)
        again = [record_id for record_id in changed if record_id in known]
        rows_delete(Identifier, among={"record_id": again})
        keys_forget(again)
        keys_write(keys_of(ring, *map(pa.Table.from_batches, ([part] for part in tables_of_contents(contents)))))
        rows_write(SourceRecord, RECORD_COLUMNS, rows, conflict=("id",), update=RECORD_COLUMNS[1:])
        rows_write(Identifier, POSTING_COLUMNS, sorted(postings, key=lambda row: row[2]))
        marks_set(changed, is_bulk=batch.is_bulk)
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


def _record_row(ring: Keyring, record_id: int, state: _State, batch: _Batch) -> Row:
    text, source_id = state.content.to_json(), state.content.source_id
    mark = ring.hash("identity.content", f"{text}|{state.version_at}|{state.store_id}|{state.registered_at}")
    return (
        record_id, batch.source_code,
        None if source_id is None else ring.hash(f"source:{batch.source_code}"[:16], source_id),
        content_seal(ring, record_id, text), mark, state.version_at, state.store_id, state.registered_at, batch.batch_id,
        batch.now, None, record_bits(record_id, batch.source_code, state.content, state.store_id),
    )  # fmt: skip


def _known(ring: Keyring, ids: Iterable[int]) -> dict[int, _State]:
    columns = ("pk", "fields", "version_at", "store_id", "registered_at", "content_hash")
    return {
        record_id: _State(content_open(ring, record_id, fields), *rest)
        for part in chunked(ids, _BLOCK)
        for record_id, fields, *rest in rows_read(SourceRecord, columns, among={"pk": part})
    }


def _next(old: _State, record_rows: Sequence[dict[str, Any]], identifier_rows: Sequence[dict[str, Any]]) -> _State:
    """Return the record after these rows."""
    state = old
    for row in record_rows:
        version_at = _aware(row["version_at"])
        if state.version_at is not None and version_at is not None and version_at < state.version_at:
            continue
        texts = {name: row[name] for name in RECORD_TEXT if row[name]}
        verified = ("phone",) if row["phone_verified"] and "phone" in texts else ()
        state = _State(
            Content(row["source_id"], texts, verified, state.content.identifiers),
            version_at, row["store_id"], _aware(row["registered_at"]),
        )  # fmt: skip
    if identifier_rows:
        content = state.content.with_identifiers(_held(row) for row in identifier_rows)
        state = _State(content, state.version_at, state.store_id, state.registered_at)
    return state


def _held(row: dict[str, Any]) -> HeldValue:
    return HeldValue(
        row["kind_code"], row["value"], bool(row["verified"]), _text(row["valid_from"]), _text(row["valid_to"]),
        _text(row["version_at"]) or "",
    )  # fmt: skip


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _text(moment: datetime | None) -> str | None:
    aware = _aware(moment)
    return None if aware is None else aware.isoformat()
