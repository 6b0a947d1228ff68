"""The events by which sources tell of relations, read from the landing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.core.periods import business_date
from huitou.core.relations import RELATION, UNDATED
from huitou.warehouse.landing.read import read_table


@dataclass(frozen=True, slots=True)
class Told:
    """One event. at: None where the source does not say when."""

    event_id: int
    type_code: str
    record_id: int
    at: datetime | None
    store_id: int | None
    text: str


def relations_told(source_code: str, batch_id: int) -> list[Told]:
    """Return the events of a batch that tell of relations and name a record."""
    rows = [row for row in _events(source_code, batch_id) if row["record_id"] is not None]
    if not rows:
        return []
    texts = read_table(layout(), source_code, batch_id, "texts", keyring()).to_pylist()
    said = {row["subject_id"]: row["text"] for row in texts if row["subject_kind"] == "event"}
    return [
        Told(
            row["event_id"], row["type_code"], row["record_id"], _moment(row["occurred_at"]), row["store_id"],
            said.get(row["event_id"], ""),
        )
        for row in rows
    ]  # fmt: skip


def events_told(source_code: str, batch_id: int) -> list[int]:
    """Return the ids of the events of a batch that tell of relations."""
    return [row["event_id"] for row in _events(source_code, batch_id)]


def _events(source_code: str, batch_id: int) -> Iterator[dict[str, Any]]:
    rows = read_table(layout(), source_code, batch_id, "events", keyring()).to_pylist()
    return (row for row in rows if row["type_code"].startswith(RELATION))


def _moment(occurred_at: datetime) -> datetime | None:
    moment = occurred_at.replace(tzinfo=UTC)
    return None if business_date(moment) == UNDATED else moment
