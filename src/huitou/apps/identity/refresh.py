"""Rewrite what hangs on persons after the map or a record changed: identifiers, survivorship, search keys."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Count

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.identity.component import IN_LIST, in_lists
from huitou.apps.identity.content import FIELD_OF_KIND, Posting, content_open, facts_of, postings_of
from huitou.apps.identity.models import HubValue, Identifier, Membership, PersonIdentifier, SourceRecord
from huitou.core.crypto import Keyring
from huitou.core.identity.names import name_core
from huitou.core.identity.survivorship import RecordFacts, surviving_values

_CHUNK = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = ("person_id", "kind_code", "value_hash", "verified", "valid_from", "valid_to", "is_hub")
_READ = ("pk", "source_code", "fields", "version_at", "store_id", "registered_at")
Claim = tuple[str, int]  # kind, value hash


@dataclass(frozen=True, slots=True)
class _Record:
    """One record of a person, read once for everything that is derived from it."""

    facts: RecordFacts
    postings: Sequence[tuple[int, Posting]]  # with the value's hash
    store_id: int | None
    registered_at: datetime | None


def persons_refresh(person_ids: Collection[int], *, now: datetime) -> int:
    """
    Rewrite these living persons and those who contest a verified value with them; return how many.

    All identifier rows go before the first comes back, so that a value can change hands inside one call.
    """
    if not person_ids:
        return 0
    owners = _owners(person_ids)
    everybody = sorted({*person_ids, *(person for persons in owners.values() for person in persons)})
    winner = {claim: persons[0] for claim, persons in owners.items()}
    for part in chunked(everybody, IN_LIST):
        PersonIdentifier.objects.filter(person_id__in_list=part).delete()
    ring = keyring()
    hubs = set(HubValue.objects.values_list("value_hash", flat=True))
    for part in chunked(everybody, _CHUNK):
        records = _records(ring, part)
        rows_write(
            PersonIdentifier,
            _COLUMNS,
            sorted(
                (row for person in records for row in _identifier_rows(person, records[person], hubs, winner)),
                key=lambda row: row[2],
            ),
        )
        persons_project((_file(person, records[person], hubs) for person in records), now=now)
    return len(everybody)


def _owners(person_ids: Collection[int]) -> dict[Claim, list[int]]:
    """
    Return the verified, current values that several persons claim, with the claimants, the owner first: who verified it
    last, among equals the older person.
    """
    hubs = set(HubValue.objects.values_list("value_hash", flat=True))
    verified = Identifier.objects.filter(verified=True, valid_to=None)
    records = in_lists(
        person_ids,
        lambda part: Membership.objects.filter(person_id__in_list=part, valid_to=None).values_list("record_id", flat=True),
    )
    values = in_lists(records, lambda part: verified.filter(record_id__in_list=part).values_list("value_hash", flat=True)) - hubs
    shared = in_lists(
        values,
        lambda part: (
            verified.filter(value_hash__in_list=part)
            .values("value_hash")
            .annotate(holders=Count("record_id"))
            .filter(holders__gt=1)
            .values_list("value_hash", flat=True)
        ),
    )
    claims: dict[Claim, dict[int, datetime]] = defaultdict(dict)
    for part in chunked(sorted(shared), IN_LIST):
        rows = list(verified.filter(value_hash__in_list=part).values_list("record_id", "kind_code", "value_hash", "valid_from"))
        person_of: dict[int, int] = {}
        for ids in chunked({row[0] for row in rows}, IN_LIST):
            person_of.update(
                Membership.objects.filter(record_id__in_list=ids, valid_to=None).values_list("record_id", "person_id")
            )
        for record_id, kind, value_hash, since in rows:
            if record_id in person_of:
                held = claims[kind, value_hash]
                person = person_of[record_id]
                held[person] = max(held.get(person, _EPOCH), since or _EPOCH)
    return {
        claim: sorted(held, key=lambda person, held=held: (_EPOCH - held[person], person))  # type: ignore[misc]
        for claim, held in claims.items()
        if len(held) > 1
    }


def _records(ring: Keyring, person_ids: Sequence[int]) -> dict[int, list[_Record]]:
    """Return the records of each person, in order of person and record."""
    person_of: dict[int, int] = {}
    for part in chunked(person_ids, IN_LIST):
        person_of.update(Membership.objects.filter(person_id__in_list=part, valid_to=None).values_list("record_id", "person_id"))
    found: dict[int, list[_Record]] = {person: [] for person in sorted(set(person_of.values()))}
    for part in chunked(sorted(person_of), IN_LIST):
        stored = SourceRecord.objects.filter(pk__in_list=part).order_by("pk").values_list(*_READ)
        for record_id, source_code, fields, version_at, store_id, registered_at in stored:
            content = content_open(ring, record_id, fields)
            held = postings_of(content, source_code=source_code, version_at=version_at)
            found[person_of[record_id]].append(
                _Record(
                    facts_of(record_id, source_code, version_at or _EPOCH, content),
                    [(ring.hash(posting.kind_code, posting.value), posting) for posting in held],
                    store_id,
                    registered_at,
                )
            )
    return found


def _identifier_rows(
    person_id: int, records: Iterable[_Record], hubs: Collection[int], winner: Mapping[Claim, int]
) -> Iterator[tuple[int, str, int, bool, datetime | None, datetime | None, bool]]:
    """Yield one row per value of the person: current if any record still holds it, verified if a current one checked it."""
    held: dict[Claim, list[Posting]] = defaultdict(list)
    for record in records:
        for value_hash, posting in record.postings:
            held[posting.kind_code, value_hash].append(posting)
    for (kind, value_hash), postings in held.items():
        current = [posting for posting in postings if posting.valid_to is None]
        is_hub = value_hash in hubs
        mine = winner.get((kind, value_hash), person_id) == person_id
        verified = mine and not is_hub and any(posting.verified for posting in current or postings)
        starts = [posting.valid_from for posting in postings if posting.valid_from is not None]
        ends = [posting.valid_to for posting in postings if posting.valid_to is not None]
        yield person_id, kind, value_hash, verified, min(starts, default=None), None if current else max(ends), is_hub


def _file(person_id: int, records: Sequence[_Record], hubs: Collection[int]) -> PersonFile:
    """Let the values survive; hub values neither survive nor lead to the person."""
    excluded: dict[str, set[str]] = defaultdict(set)
    searched: dict[str, set[str]] = defaultdict(set)
    for record in records:
        for value_hash, posting in record.postings:
            if value_hash in hubs:
                excluded[FIELD_OF_KIND[posting.kind_code]].add(posting.value)
            elif posting.kind_code in ("phone", "card", "email"):
                searched[posting.kind_code].add(posting.value)
        name = name_core(record.facts.fields.get("name"))
        if name is not None:
            searched["name"].add(name)
    registered = [
        (record.registered_at, record.facts.record_id, record) for record in records if record.registered_at is not None
    ]
    first = min(registered)[2] if registered else None
    stores = [record.store_id for record in records if record.store_id is not None]
    values = surviving_values((record.facts for record in records), excluded=excluded)
    return PersonFile(
        person_id=person_id,
        values=values,
        searched=searched,
        record_count=len(records),
        source_count=len({record.facts.source_code for record in records}),
        is_member="member_card" in values,
        store_id=first.store_id if first is not None and first.store_id is not None else min(stores, default=None),
        registered_at=first.registered_at if first is not None else None,
    )
