"""A record between two versions, and how a newer version of some records is stored with all that is kept beside it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.identity.census import record_bits
from huitou.apps.identity.content import Content, HeldValue, content_open, content_seal
from huitou.apps.identity.models import Identifier, SourceRecord
from huitou.apps.identity.record_keys import keys_forget, keys_of_few, keys_write
from huitou.apps.identity.record_rows import RECORD_COLUMNS, Row
from huitou.apps.identity.stored import StoredRecord
from huitou.apps.privacy.services import reimports_flag
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.schema import RECORD_TEXT

POSTING_COLUMNS = ("record_id", "kind_code", "value_hash", "verified", "valid_from", "valid_to")
_LIST = 50_000
_MARK = RECORD_COLUMNS.index("content_hash")


@dataclass(frozen=True, slots=True)
class RecordState:
    """What is known of a record."""

    content: Content
    version_at: datetime | None = None
    store_id: int | None = None
    registered_at: datetime | None = None
    content_hash: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """What a source says of a record now: its row of the landing's table, none or one, and its listed identifiers."""

    record_id: int
    source_code: str
    rows: Sequence[dict[str, Any]]
    identifiers: Sequence[dict[str, Any]]


def versions_store(
    ring: Keyring, told: Iterable[Told], *, batch_id: int, now: datetime, fresh: Collection[int] = ()
) -> dict[int, StoredRecord]:
    """
    Store what is newer than the known versions, with the values and keys of each record; return the records that changed.

    fresh: records of which it is certain that nobody knows them. Call it in a transaction that holds the map's lock.
    """
    given = list(told)
    known = _known(ring, [one.record_id for one in given if one.record_id not in fresh])
    rows: list[Row] = []
    changed: dict[int, StoredRecord] = {}
    for one in given:
        old = known.get(one.record_id, RecordState(Content()))
        new = state_next(old, one.rows, one.identifiers)
        row = record_row(ring, one.record_id, new, source_code=one.source_code, batch_id=batch_id, now=now)
        if row[_MARK] != old.content_hash:
            rows.append(row)
            changed[one.record_id] = StoredRecord.read(
                ring, one.record_id, one.source_code, new.content, new.version_at, new.store_id, new.registered_at
            )
    if changed:
        _write(ring, rows, changed, [record_id for record_id in changed if record_id in known], now)
    return changed


def _write(ring: Keyring, rows: list[Row], changed: Mapping[int, StoredRecord], again: list[int], now: datetime) -> None:
    postings = [
        (record.record_id, said.kind_code, value_hash, said.verified, said.valid_from, said.valid_to)
        for record in changed.values()
        for value_hash, said in record.postings
    ]
    reimports_flag([row[2] for row in postings], now=now)
    if again:
        rows_delete(Identifier, among={"record_id": again})
        keys_forget(again)
    keys_write(keys_of_few(ring, list(changed.values())))
    rows_write(SourceRecord, RECORD_COLUMNS, rows, conflict=("id",), update=RECORD_COLUMNS[1:])
    rows_write(Identifier, POSTING_COLUMNS, sorted(postings, key=itemgetter(2)))


def record_row(ring: Keyring, record_id: int, state: RecordState, *, source_code: str, batch_id: int, now: datetime) -> Row:
    """Return a row of RECORD_COLUMNS."""
    text, source_id = state.content.to_json(), state.content.source_id
    mark = ring.hash("identity.content", f"{text}|{state.version_at}|{state.store_id}|{state.registered_at}")
    return (
        record_id, source_code,
        None if source_id is None else ring.hash(f"source:{source_code}"[:16], source_id),
        content_seal(ring, record_id, text), mark, state.version_at, state.store_id, state.registered_at, batch_id,
        now, None, record_bits(record_id, source_code, state.content, state.store_id),
    )  # fmt: skip


def _known(ring: Keyring, ids: Iterable[int]) -> dict[int, RecordState]:
    columns = ("pk", "fields", "version_at", "store_id", "registered_at", "content_hash")
    return {
        record_id: RecordState(content_open(ring, record_id, fields), *rest)
        for part in chunked(ids, _LIST)
        for record_id, fields, *rest in rows_read(SourceRecord, columns, among={"pk": part})
    }


def state_next(old: RecordState, record_rows: Sequence[dict[str, Any]], identifier_rows: Sequence[dict[str, Any]]) -> RecordState:
    """Return the record after these rows."""
    state = old
    for row in record_rows:
        version_at = _aware(row["version_at"])
        if state.version_at is not None and version_at is not None and version_at < state.version_at:
            continue
        texts = {name: row[name] for name in RECORD_TEXT if row[name]}
        verified = ("phone",) if row["phone_verified"] and "phone" in texts else ()
        state = RecordState(
            Content(row["source_id"], texts, verified, state.content.identifiers),
            version_at, row["store_id"], _aware(row["registered_at"]),
        )  # fmt: skip
    if identifier_rows:
        content = state.content.with_identifiers(_held(row) for row in identifier_rows)
        state = RecordState(content, state.version_at, state.store_id, state.registered_at)
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
