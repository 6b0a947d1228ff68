"""Rewrite what hangs on persons after the map or a record changed: identifiers, survivorship, search keys."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Count

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.services import persons_project
from huitou.apps.identity.component import IN_LIST, in_lists
from huitou.apps.identity.content import content_open, facts_of, postings_of
from huitou.apps.identity.corrections import corrections_of
from huitou.apps.identity.models import HubValue, Identifier, Membership, PersonIdentifier, SourceRecord
from huitou.apps.identity.person_file import EPOCH, IDENTIFIER_COLUMNS, Claim, HeldRecord, identifier_rows, person_file
from huitou.apps.identity.survivorship import rules_in_force
from huitou.core.crypto import Keyring

_CHUNK = 5_000
_READ = ("pk", "source_code", "fields", "version_at", "store_id", "registered_at")


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
    hubs = hub_hashes()
    rules = rules_in_force()
    for part in chunked(everybody, _CHUNK):
        records = _records(ring, part)
        rows_write(
            PersonIdentifier,
            IDENTIFIER_COLUMNS,
            sorted(
                (row for person in records for row in identifier_rows(person, records[person], hubs, winner)),
                key=lambda row: row[2],
            ),
        )
        corrected = corrections_of({one.facts.record_id: person for person, held in records.items() for one in held})
        files = (person_file(person, held, hubs, rules, corrected.get(person, ())) for person, held in records.items())
        persons_project(files, now=now)
    return len(everybody)


def files_rewrite(person_ids: Sequence[int], *, now: datetime) -> None:
    """Let the values of these living persons survive again, by the rules in force; whose records they are stays."""
    hubs, rules = hub_hashes(), rules_in_force()
    records = _records(keyring(), person_ids)
    persons_project((person_file(person, records[person], hubs, rules) for person in records), now=now)


def hub_hashes() -> set[int]:
    """Return the hashes of all values that identify nobody."""
    return set(HubValue.objects.values_list("value_hash", flat=True))


def _owners(person_ids: Collection[int]) -> dict[Claim, list[int]]:
    """
    Return the verified, current values that several persons claim, with the claimants, the owner first: who verified it
    last, among equals the older person.
    """
    hubs = hub_hashes()
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
                held[person] = max(held.get(person, EPOCH), since or EPOCH)
    return {
        claim: sorted(held, key=lambda person, held=held: (EPOCH - held[person], person))  # type: ignore[misc]
        for claim, held in claims.items()
        if len(held) > 1
    }


def _records(ring: Keyring, person_ids: Sequence[int]) -> dict[int, list[HeldRecord]]:
    """Return the records of each person, in order of person and record."""
    person_of: dict[int, int] = {}
    for part in chunked(person_ids, IN_LIST):
        person_of.update(Membership.objects.filter(person_id__in_list=part, valid_to=None).values_list("record_id", "person_id"))
    found: dict[int, list[HeldRecord]] = {person: [] for person in sorted(set(person_of.values()))}
    for part in chunked(sorted(person_of), IN_LIST):
        stored = SourceRecord.objects.filter(pk__in_list=part).order_by("pk").values_list(*_READ)
        for record_id, source_code, fields, version_at, store_id, registered_at in stored:
            content = content_open(ring, record_id, fields)
            held = postings_of(content, source_code=source_code, version_at=version_at)
            found[person_of[record_id]].append(
                HeldRecord(
                    facts_of(record_id, source_code, version_at or EPOCH, content),
                    [(ring.hash(posting.kind_code, posting.value), posting) for posting in held],
                    store_id,
                    registered_at,
                )
            )
    return found
