"""Take the customers and identifiers of one batch: newest version of each record, its encrypted content, its postings."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from huitou.apps.base.bulk import rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.content import Content, HeldValue, content_open, content_seal, postings_of
from huitou.apps.identity.models import Identifier, SourceRecord
from huitou.apps.privacy.services import reimports_flag
from huitou.core.crypto import Keyring
from huitou.warehouse.landing.schema import RECORD_TEXT

_CHUNK = 20_000
_RECORD_COLUMNS = (
    "id", "source_code", "source_id_hash", "fields", "content_hash", "version_at", "store_id", "registered_at", "batch_id",
    "received_at", "erased_at",
)  # fmt: skip
_POSTING_COLUMNS = ("record_id", "kind_code", "value_hash", "verified", "valid_from", "valid_to")


@dataclass(frozen=True, slots=True)
class _State:
    """A record between two versions."""

    content: Content
    version_at: datetime | None = None
    store_id: int | None = None
    registered_at: datetime | None = None
    content_hash: int | None = None
    exists: bool = False


def records_store(*, records: pa.Table, identifiers: pa.Table, source_code: str, batch_id: int, now: datetime) -> list[int]:
    """
    Write what changed; return the ids of new and changed records, ascending. The same batch again returns none.

    records, identifiers: the landing tables of that name. An older version than the known one changes nothing.
    """
    changed: list[int] = []
    ring = keyring()
    for record_rows, identifier_rows in _chunks(records, identifiers):
        known = _known(ring, {*record_rows, *identifier_rows})
        rows, postings, renewed = [], [], []
        for record_id in sorted({*record_rows, *identifier_rows}):
            old = known.get(record_id, _State(Content()))
            new = _next(old, record_rows.get(record_id, ()), identifier_rows.get(record_id, ()))
            text = new.content.to_json()
            mark = ring.hash("identity.content", f"{text}|{new.version_at}|{new.store_id}|{new.registered_at}")
            if old.exists and mark == old.content_hash:
                continue
            changed.append(record_id)
            if old.exists:
                renewed.append(record_id)
            source_id = new.content.source_id
            rows.append((
                record_id, source_code, None if source_id is None else ring.hash(f"source:{source_code}"[:16], source_id),
                content_seal(ring, record_id, text), mark, new.version_at, new.store_id, new.registered_at, batch_id, now, None,
            ))  # fmt: skip
            postings += [
                (record_id, held.kind_code, ring.hash(held.kind_code, held.value), held.verified, held.valid_from, held.valid_to)
                for held in postings_of(new.content, source_code=source_code, version_at=new.version_at)
            ]
        reimports_flag([row[2] for row in postings], now=now)
        Identifier.objects.filter(record_id__in_list=renewed).delete()
        rows_write(SourceRecord, _RECORD_COLUMNS, rows, conflict=("id",), update=_RECORD_COLUMNS[1:])
        rows_write(Identifier, _POSTING_COLUMNS, sorted(postings, key=lambda row: row[2]))
    return changed


def _chunks(records: pa.Table, identifiers: pa.Table) -> Iterator[tuple[dict[int, list[Any]], dict[int, list[Any]]]]:
    """Cut both tables by the same ranges of record ids; yields rows by record id."""
    parts = [table.sort_by([("record_id", "ascending"), ("version_at", "ascending")]) for table in (records, identifiers)]
    ids = [part.column("record_id").to_numpy() for part in parts]
    every = np.unique(np.concatenate(ids))
    for start in range(0, len(every), _CHUNK):
        low, high = every[start], every[min(start + _CHUNK, len(every)) - 1]
        yield _rows_between(parts[0], ids[0], low, high), _rows_between(parts[1], ids[1], low, high)


def _rows_between(table: pa.Table, ids: Any, low: int, high: int) -> dict[int, list[Any]]:
    first, last = int(np.searchsorted(ids, low, side="left")), int(np.searchsorted(ids, high, side="right"))
    rows: dict[int, list[Any]] = defaultdict(list)
    for row in table.slice(first, last - first).to_pylist():
        rows[row["record_id"]].append(row)
    return rows


def _known(ring: Keyring, ids: Iterable[int]) -> dict[int, _State]:
    stored = SourceRecord.objects.filter(pk__in_list=list(ids)).iterator(chunk_size=_CHUNK)
    return {
        record.pk: _State(
            content_open(ring, record.pk, record.fields), record.version_at, record.store_id, record.registered_at,
            record.content_hash, exists=True,
        )
        for record in stored
    }  # fmt: skip


def _next(old: _State, record_rows: Sequence[dict[str, Any]], identifier_rows: Sequence[dict[str, Any]]) -> _State:
    """Return the record after these rows (oldest first)."""
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
