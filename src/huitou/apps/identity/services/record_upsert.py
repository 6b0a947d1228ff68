"""Take one customer's record the moment it comes, and say at once whose it is."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import pyarrow as pa
from django.db import transaction

from huitou.apps.base.bulk import rows_read
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.component import memberships_of
from huitou.apps.identity.evidence import Link, links_between
from huitou.apps.identity.marks import last_mark
from huitou.apps.identity.models import Membership, ReviewPair
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.apps.identity.services.records_store import NO_BATCH, records_store
from huitou.apps.intake.services import documents_reserve
from huitou.warehouse.landing.schema import RECORD_TEXT, TABLES


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
    ids = documents_reserve([(record.source_code, "customer", record.source_id) for record in records])
    for source_code in sorted({record.source_code for record in records}):
        own = [(at, record) for at, record in zip(ids, records, strict=True) if record.source_code == source_code]
        records_store(
            records=_table(own), identifiers=TABLES["identifiers"].empty_table(), source_code=source_code, batch_id=NO_BATCH,
            now=now,
        )  # fmt: skip
    map_resolve(changed=ids, now=now, upto=last_mark())
    return _told(ids)


def _table(rows: "list[tuple[int, CustomerRecord]]") -> pa.Table:
    schema = TABLES["records"]
    return pa.Table.from_pylist(
        [
            {
                "record_id": record_id, "source_id": record.source_id, "version_at": _naive(record.version_at),
                **record.texts, "phone_verified": record.phone_verified, "store_id": record.store_id,
                "registered_at": _naive(record.registered_at), "page_no": 0, "row_no": 0,
            }
            for record_id, record in rows
        ],
        schema=schema,
    )  # fmt: skip


def _naive(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC).replace(tzinfo=None)


def _told(ids: list[int]) -> list[Upserted]:
    persons = memberships_of(ids)
    records: dict[int, list[int]] = defaultdict(list)
    own = set(persons.values())
    for record_id, person_id in rows_read(Membership, ("record_id", "person_id"), among={"person_id": own}, null=("valid_to",)):
        records[person_id].append(record_id)
    links_of: dict[int, list[Link]] = defaultdict(list)
    for link in links_between([record_id for person_id in own for record_id in records[person_id]]):
        links_of[link.record_a].append(link)
        links_of[link.record_b].append(link)
    asked: dict[int, set[int]] = defaultdict(set)
    for side in ("record_a", "record_b"):
        for pk, record_id in rows_read(ReviewPair, ("pk", side), among={side: ids}):
            asked[record_id].add(pk)
    told = []
    for record_id in ids:
        person_id = persons[record_id]
        links, questions = tuple(links_of[record_id]), tuple(sorted(asked[record_id]))
        outcome = Outcome.JOINED if len(records[person_id]) > 1 else Outcome.QUEUED if questions else Outcome.NEW
        told.append(Upserted(record_id, person_id, outcome, links, questions))
    return told
