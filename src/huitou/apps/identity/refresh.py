"""Rewrite what hangs on persons after the map or a record changed: identifiers, survivorship, search keys."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from datetime import datetime

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.identity.component import IN_LIST, column_among, memberships_of
from huitou.apps.identity.confirmations import confirmations_of, confirmed
from huitou.apps.identity.corrections import corrections_of
from huitou.apps.identity.holdings import holdings_of, holdings_told
from huitou.apps.identity.models import HubValue, Identifier, Membership, PersonIdentifier
from huitou.apps.identity.person_file import EPOCH, IDENTIFIER_COLUMNS, Claim, HeldRecord, identifier_rows, person_file
from huitou.apps.identity.stored import NOBODY, StoredRecord, stored_records
from huitou.apps.identity.survivorship import rules_in_force
from huitou.core.crypto import Keyring
from huitou.core.identity.survivorship import Rules

_CHUNK = 5_000


def persons_refresh(
    person_ids: Collection[int],
    *,
    now: datetime,
    known: Mapping[int, StoredRecord] = NOBODY,
    new: Collection[int] = frozenset(),
) -> int:
    """
    Rewrite these living persons and those who contest a verified value with them; return how many.

    All identifier rows go before the first comes back, so that a value can change hands inside one call. known: records that
    the caller has opened; they are not read again. new: those of the persons of whom nothing is stored yet.
    """
    if not person_ids:
        return 0
    person_of = _members(person_ids)
    owners = _owners(person_of.keys(), known)
    everybody = sorted({*person_ids, *(person for persons in owners.values() for person in persons)})
    winner = {claim: persons[0] for claim, persons in owners.items()}
    person_of |= _members(set(everybody).difference(person_ids))
    old = [person for person in everybody if person not in new]
    before, after = holdings_of(old), []
    for part in chunked(old, IN_LIST):
        rows_delete(PersonIdentifier, among={"person_id": part})
    ring = keyring()
    rules = rules_in_force()
    held_by: dict[int, list[int]] = {person: [] for person in everybody}
    for record in sorted(person_of):
        held_by[person_of[record]].append(record)
    for part in chunked(everybody, _CHUNK):
        records = _records(ring, {person: held_by[person] for person in part if held_by[person]}, known)
        hubs = hubs_among({value for held in records.values() for one in held for value, _ in one.postings})
        rows = [row for person in records for row in identifier_rows(person, records[person], hubs, winner)]
        rows_write(PersonIdentifier, IDENTIFIER_COLUMNS, sorted(rows, key=lambda row: row[2]))
        after += rows
        persons_project(_files(ring, records, hubs, rules), now=now, new=new)
    holdings_told(before, after)
    return len(everybody)


def files_rewrite(person_ids: Sequence[int], *, now: datetime) -> None:
    """Let the values of these living persons survive again, by the rules in force; whose records they are stays."""
    held_by: dict[int, list[int]] = defaultdict(list)
    for record, person in sorted(_members(person_ids).items()):
        held_by[person].append(record)
    ring = keyring()
    rules, records = rules_in_force(), _records(ring, held_by, NOBODY)
    hubs = hubs_among({value for held in records.values() for one in held for value, _ in one.postings})
    persons_project(_files(ring, records, hubs, rules), now=now)


def _files(
    ring: Keyring, records: Mapping[int, Sequence[HeldRecord]], hubs: Collection[int], rules: Rules
) -> Iterator[PersonFile]:  # fmt: skip
    """Yield the file of each person, with what stewards corrected and what was confirmed."""
    person_of = {one.facts.record_id: person for person, held in records.items() for one in held}
    corrected, said = corrections_of(person_of), confirmations_of(list(person_of))
    for person, held in records.items():
        yield confirmed(person_file(person, held, hubs, rules, corrected.get(person, ())), said, ring)


def hubs_among(value_hashes: Collection[int]) -> set[int]:
    """Return those of the values that identify nobody."""
    return column_among(HubValue, "value_hash", "value_hash", value_hashes)


def _owners(records: Set[int], known: Mapping[int, StoredRecord]) -> dict[Claim, list[int]]:
    """
    Return the verified, current values of these records that several persons claim, with the claimants, the owner first: who
    verified it last, among equals the older person.
    """
    values = {
        value
        for record in records & known.keys()
        for value, posting in known[record].postings
        if posting.verified and posting.valid_to is None
    }
    for part in chunked(records - known.keys(), IN_LIST):
        rows = rows_read(Identifier, ("value_hash",), among={"record_id": part}, null=("valid_to",), equal={"verified": True})
        values.update(value for (value,) in rows)
    values -= hubs_among(values)
    holders: dict[int, list[tuple[int, str, int, datetime | None]]] = defaultdict(list)
    for part in chunked(values, IN_LIST):
        columns = ("record_id", "kind_code", "value_hash", "valid_from")
        for row in rows_read(Identifier, columns, among={"value_hash": part}, null=("valid_to",), equal={"verified": True}):
            holders[row[2]].append(row)
    several = [row for rows in holders.values() if len(rows) > 1 for row in rows]
    person_of = memberships_of({row[0] for row in several})
    claims: dict[Claim, dict[int, datetime]] = defaultdict(dict)
    for record_id, kind, value_hash, since in several:
        if record_id in person_of:
            held = claims[kind, value_hash]
            person = person_of[record_id]
            held[person] = max(held.get(person, EPOCH), since or EPOCH)
    return {
        claim: sorted(held, key=lambda person, held=held: (EPOCH - held[person], person))  # type: ignore[misc]
        for claim, held in claims.items()
        if len(held) > 1
    }


def _members(person_ids: Collection[int]) -> dict[int, int]:
    """Return the records of these persons, each with its person."""
    found: dict[int, int] = {}
    for part in chunked(person_ids, IN_LIST):
        found.update(rows_read(Membership, ("record_id", "person_id"), among={"person_id": part}, null=("valid_to",)))
    return found


def _records(
    ring: Keyring, held_by: Mapping[int, Collection[int]], known: Mapping[int, StoredRecord]
) -> dict[int, list[HeldRecord]]:
    """Return the records of each person, opened."""
    read = stored_records(ring, {record for records in held_by.values() for record in records} - known.keys())
    opened = {**read, **known} if read else known
    return {
        person: [opened[record].held() for record in records if record in opened] for person, records in sorted(held_by.items())
    }
