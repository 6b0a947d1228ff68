"""All source records as the landing has them: what resolving everything reads instead of decrypting row by row."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.identity.content import Content, HeldValue, Posting, facts_of
from huitou.apps.identity.landed import by_source, newest_identifiers, newest_records, postings_table
from huitou.apps.identity.matcher_tables import tables_of_landing
from huitou.apps.identity.models import SourceRecord
from huitou.apps.identity.person_file import EPOCH, HeldRecord
from huitou.apps.intake.backlog import handed_batches, landed_batch_ids
from huitou.warehouse.landing.read import read_table
from huitou.warehouse.landing.schema import RECORD_TEXT

_UTC = pa.timestamp("us", "UTC")


@dataclass(frozen=True)
class LandedView:
    """records: the newest version of each; identifiers: of each listed value; postings: what they hold, in order of record."""

    records: pa.Table
    identifiers: pa.Table
    postings: pa.Table

    def matcher_tables(self) -> tuple[pa.Table, pa.Table]:
        """Return records and identifiers as the matcher takes them."""
        return tables_of_landing(self.records, self.postings)

    @cached_property
    def _record_ids(self) -> Any:
        return self.records.column("record_id").to_numpy()

    @cached_property
    def _posting_ids(self) -> Any:
        return self.postings.column("record_id").to_numpy()

    @cached_property
    def _listed_ids(self) -> Any:
        return self.identifiers.column("record_id").to_numpy()

    def held(self, clusters: Sequence[Sequence[int]]) -> list[list[HeldRecord]]:
        """Return the records of each cluster, read once for everything that is derived from them."""
        wanted = np.sort(np.array([record for cluster in clusters for record in cluster], dtype=np.int64))
        rows = {row["record_id"]: row for row in _rows_of(self.records, self._record_ids, wanted)}
        listed: dict[int, list[HeldValue]] = defaultdict(list)
        for row in _rows_of(self.identifiers, self._listed_ids, wanted):
            listed[row["record_id"]].append(_held_value(row))
        postings: dict[int, list[tuple[int, Posting]]] = defaultdict(list)
        for row in _rows_of(self.postings, self._posting_ids, wanted):
            posting = Posting(row["kind_code"], row["value"], row["verified"], row["valid_from"], row["valid_to"])
            postings[row["record_id"]].append((row["value_hash"], posting))
        return [
            [_held(record, rows.get(record), listed.get(record, []), postings.get(record, [])) for record in cluster]
            for cluster in clusters
        ]


def landed_view() -> LandedView | None:
    """
    Return the landing's view of all stored records; None when the operations database knows more or less than that (records
    that came one by one, erased or withdrawn ones): then only decrypting tells.

    Batches that are handed over meanwhile are not in it: their records carry marks of their own.
    """
    ring, where = keyring(), layout()
    batches = handed_batches()
    seen = {batch_id for batch_id, _ in batches}
    if not _covers(seen):
        return None

    def tables(name: str) -> pa.Table:
        return by_source((source, read_table(where, source, batch_id, name, ring)) for batch_id, source in batches)

    records, identifiers = newest_records(tables("records")), newest_identifiers(tables("identifiers"))
    if records.column("version_at").null_count:
        return None
    known = pc.unique(pa.chunked_array([*records.column("record_id").chunks, *identifiers.column("record_id").chunks]))
    if not _is_all(set(known.to_pylist()), seen):
        return None
    return LandedView(records, identifiers, postings_table(ring, records, identifiers))


def _covers(seen: set[int]) -> bool:
    """Did every stored record come in one of these batches, or in one that landed since?"""
    if not seen or SourceRecord.objects.filter(fields=None).exists():
        return False
    return _stored_by() <= seen | landed_batch_ids()


def _is_all(known: set[int], seen: set[int]) -> bool:
    """Do the records of these batches make up everything stored, save what was handed over since?"""
    others = _stored_by() - seen
    later = set(SourceRecord.objects.filter(batch_id__in=others).values_list("pk", flat=True)) if others else set()
    return len(known | later) == SourceRecord.objects.count()


def _stored_by() -> set[int]:
    return set(SourceRecord.objects.order_by().values_list("batch_id", flat=True).distinct())


def _rows_of(table: pa.Table, ids: Any, wanted: Any) -> list[dict[str, Any]]:
    """Return the rows of these records (ascending); the table is in order of record."""
    first, last = np.searchsorted(ids, wanted), np.searchsorted(ids, wanted, side="right")
    counts = last - first
    places = np.repeat(first - np.concatenate([[0], np.cumsum(counts)[:-1]]), counts) + np.arange(counts.sum())
    part = table.take(pa.array(places))
    for index, field in enumerate(part.schema):
        if pa.types.is_timestamp(field.type):
            part = part.set_column(index, field.name, part.column(index).cast(_UTC))
    rows: list[dict[str, Any]] = part.to_pylist()
    return rows


def _held(record_id: int, row: dict[str, Any] | None, listed: list[HeldValue], postings: list[tuple[int, Posting]]) -> HeldRecord:
    source_code = "" if row is None else row["source_code"]
    texts = {} if row is None else {name: row[name] for name in RECORD_TEXT if row[name]}
    verified = ("phone",) if row is not None and row["phone_verified"] and "phone" in texts else ()
    version_at: datetime = EPOCH if row is None else row["version_at"]
    content = Content(None, texts, verified, tuple(listed))
    return HeldRecord(
        facts_of(record_id, source_code, version_at, content),
        postings,
        None if row is None else row["store_id"],
        None if row is None else row["registered_at"],
    )


def _held_value(row: dict[str, Any]) -> HeldValue:
    ended = None if row["valid_to"] is None else row["valid_to"].astimezone(UTC).isoformat()
    return HeldValue(row["kind_code"], row["value"], bool(row["verified"]), None, ended, "")
