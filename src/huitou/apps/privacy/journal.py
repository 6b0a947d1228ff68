"""
The erasure journals: one JSON line per erasure, and one per change of a request, in files beside the key file, outside data and
backup.

A backup older than an erasure brings the person back; the journal says whom to erase again, which requests were made since, and
which were cancelled. It holds ids and keyed hashes, never personal data.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

_ERASURES, _REQUESTS = "erasures.jsonl", "erasure_requests.jsonl"


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One erasure; identifiers as (kind, keyed hash)."""

    person_id: int
    record_ids: tuple[int, ...]
    at: str
    by: int | None
    reason_code: str
    identifiers: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RequestEntry:
    """
    A request to be erased; moments as ISO texts. ended_by: of a cancelled one.

    identifiers as (kind, keyed hash); record_keys: keyed hashes of the records, by which they are known when they land again.
    """

    person_id: int
    asked_at: str
    due_at: str
    asked_by: int
    reason_code: str
    is_cancelled: bool = False
    ended_at: str | None = None
    ended_by: int | None = None
    identifiers: tuple[tuple[str, int], ...] = ()
    record_keys: tuple[int, ...] = ()


def journal_append(entry: JournalEntry) -> None:
    """
    Write one line and make it durable; call it before the erasure's transaction commits.

    An entry whose transaction then fails does no harm: erasing again ends what was begun.
    """
    _append(_ERASURES, asdict(entry))


def journal_since(moment: datetime) -> Iterator[JournalEntry]:
    """Yield the entries at or after a moment; a line that a kill cut short is passed over."""
    for values in _lines(_ERASURES):
        if datetime.fromisoformat(values["at"]) >= moment:
            identifiers = tuple((kind, value_hash) for kind, value_hash in values["identifiers"])
            yield JournalEntry(**{**values, "record_ids": tuple(values["record_ids"]), "identifiers": identifiers})


def request_append(entry: RequestEntry) -> None:
    """Write how a request stands now; call it before the request's transaction commits."""
    _append(_REQUESTS, asdict(entry))


def requests_newest() -> list[RequestEntry]:
    """Return how every request stood last, in the order in which they were made."""
    newest = {(values["person_id"], values["asked_at"]): _request(values) for values in _lines(_REQUESTS)}
    return list(newest.values())


def ids_journalled() -> tuple[int, int]:
    """Return the highest ids of a person and of a record that the journals name; 0 for none."""
    erasures = list(_lines(_ERASURES))
    persons = [values["person_id"] for values in (*erasures, *_lines(_REQUESTS))]
    return max(persons, default=0), max((one for values in erasures for one in values["record_ids"]), default=0)


def _request(values: dict[str, Any]) -> RequestEntry:
    identifiers = tuple((kind, value_hash) for kind, value_hash in values.get("identifiers", ()))
    return RequestEntry(**{**values, "identifiers": identifiers, "record_keys": tuple(values.get("record_keys", ()))})


def _append(name: str, values: dict[str, Any]) -> None:
    path = _path(name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(json.dumps(values) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = _path(name)
    for line in path.read_text().splitlines() if path.exists() else ():
        try:
            yield json.loads(line)
        except ValueError:
            continue


def _path(name: str) -> Path:
    return Path(settings.HUITOU_KEY_FILE).with_name(name)
