"""Take one customer's record the moment it comes, and say at once whose it is."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from django.db import transaction

from huitou.apps.base.bulk import rows_read
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.component import memberships_of
from huitou.apps.identity.evidence import Link, links_between
from huitou.apps.identity.marks import last_mark
from huitou.apps.identity.models import ReviewPair
from huitou.apps.identity.record_state import Told, versions_store
from huitou.apps.identity.services.arrivals_resolve import Arrived, arrivals_resolve
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.records_store import NO_BATCH
from huitou.apps.intake.services import documents_reserve
from huitou.warehouse.landing.schema import RECORD_TEXT

_PART = 20_000  # records that one can concern; more go the way of a batch


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """
    One customer as a source tells it. texts: fields of RECORD_TEXT as written; version_at (aware): when the source last
    changed it, an older version than the known one changes nothing.
    """

    source_code: str
    source_id: str
    texts: Mapping[str, str]
    version_at: datetime
    phone_verified: bool = False
    store_id: int | None = None
    registered_at: datetime | None = None


class Outcome(StrEnum):
    """What became of an upserted record."""

    JOINED = "joined"  # it belongs to a person with other records
    NEW = "new"  # a person of its own
    QUEUED = "queued"  # a person of its own until somebody answers the questions it raised


@dataclass(frozen=True, slots=True)
class Upserted:
    """Whose record it is and why: the links to the person's other records; the questions left to a person."""

    record_id: int
    person_id: int
    outcome: Outcome
    evidence: tuple[Link, ...]
    question_ids: tuple[int, ...]


@transaction.atomic
def record_upsert(record: CustomerRecord, *, now: datetime) -> Upserted:
    """
    Store the record, seek its person and write the event, all or nothing; the same record again changes nothing.

    Workers that bring records of one person at the same time wait for each other and make one person. The record's id is the
    one its source's batch will find later. Raises ValueError on a field that no record has.
    """
    return records_upsert([record], now=now)[0]


@transaction.atomic(savepoint=False)
def records_upsert(records: "list[CustomerRecord]", *, now: datetime) -> list[Upserted]:
    """Do the same for some hundred records at once: one look at the map, one transaction."""
    for record in records:
        unknown = set(record.texts) - set(RECORD_TEXT)
        if unknown:
            raise ValueError(f"no such fields of a record: {sorted(unknown)}; known are {list(RECORD_TEXT)}")
    map_lock()
    reserved = documents_reserve([(record.source_code, "customer", record.source_id) for record in records])
    opened = versions_store(keyring(), _newest(reserved.ids, records), batch_id=NO_BATCH, now=now, fresh=reserved.fresh)
    arrived = arrivals_resolve(reserved.ids, opened=opened, fresh=reserved.fresh, now=now, limit=_PART)
    if arrived is None:
        map_resolve(changed=reserved.ids, now=now, upto=last_mark())
        arrived = Arrived(memberships_of(reserved.ids), asks=True)
    return _told(reserved.ids, arrived)


def _newest(ids: Sequence[int], records: "Sequence[CustomerRecord]") -> list[Told]:
    """Return what each record is told to be; of several versions in one call the newest, of equal ones the later."""
    newest: dict[int, CustomerRecord] = {}
    for record_id, record in zip(ids, records, strict=True):
        if record_id not in newest or newest[record_id].version_at <= record.version_at:
            newest[record_id] = record
    return [Told(record_id, record.source_code, [_row(record)], ()) for record_id, record in sorted(newest.items())]


def _row(record: CustomerRecord) -> dict[str, Any]:
    """Return the record as a row of the landing's table."""
    return {
        **dict.fromkeys(RECORD_TEXT), **record.texts, "source_id": record.source_id, "version_at": _naive(record.version_at),
        "phone_verified": record.phone_verified, "store_id": record.store_id, "registered_at": _naive(record.registered_at),
    }  # fmt: skip


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _told(ids: Sequence[int], arrived: Arrived) -> list[Upserted]:
    records: dict[int, list[int]] = defaultdict(list)
    for record_id, person_id in arrived.person_of.items():
        records[person_id].append(record_id)
    own = {arrived.person_of[record_id] for record_id in ids}
    shared = [record_id for person_id in own if len(records[person_id]) > 1 for record_id in records[person_id]]
    links_of: dict[int, list[Link]] = defaultdict(list)
    for link in links_between(shared):
        links_of[link.record_a].append(link)
        links_of[link.record_b].append(link)
    asked: dict[int, set[int]] = defaultdict(set)
    for side in ("record_a", "record_b") if arrived.asks else ():
        for pk, record_id in rows_read(ReviewPair, ("pk", side), among={side: ids}):
            asked[record_id].add(pk)
    told = []
    for record_id in ids:
        person_id = arrived.person_of[record_id]
        links, questions = tuple(links_of[record_id]), tuple(sorted(asked[record_id]))
        outcome = Outcome.JOINED if len(records[person_id]) > 1 else Outcome.QUEUED if questions else Outcome.NEW
        told.append(Upserted(record_id, person_id, outcome, links, questions))
    return told
