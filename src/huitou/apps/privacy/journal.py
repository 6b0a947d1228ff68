"""
The erasure journal: one JSON line per erasure in a file beside the key file, outside data and backup.

A backup older than an erasure brings the person back; the journal says whom to erase again. It holds ids and keyed hashes,
never personal data.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One erasure; identifiers as (kind, keyed hash)."""

    person_id: int
    record_ids: tuple[int, ...]
    at: str
    by: int | None
    reason_code: str
    identifiers: tuple[tuple[str, int], ...]


def journal_append(entry: JournalEntry) -> None:
    """
    Write one line and make it durable; call it before the erasure's transaction commits.

    An entry whose transaction then fails does no harm: erasing again ends what was begun.
    """
    path = _path()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(json.dumps(asdict(entry)) + "\n")
        handle.flush()
        os.fsync(handle.fileno())


def journal_since(moment: datetime) -> Iterator[JournalEntry]:
    """Yield the entries at or after a moment; a line that a kill cut short is passed over."""
    path = _path()
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if datetime.fromisoformat(values["at"]) >= moment:
            identifiers = tuple((kind, value_hash) for kind, value_hash in values["identifiers"])
            yield JournalEntry(**{**values, "record_ids": tuple(values["record_ids"]), "identifiers": identifiers})


def _path() -> Path:
    return Path(settings.HUITOU_KEY_FILE).with_name("erasures.jsonl")
