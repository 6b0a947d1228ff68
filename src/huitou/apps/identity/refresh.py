"""Rewrite what hangs on persons after the map or a record changed: identifiers, survivorship, search keys."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
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


def persons_refresh(person_ids: Collection[int], *, now: datetime, known: Mapping[int, StoredRecord] = NOBODY) -> int:
    """
    Rewrite these living persons and those who contest a verified value with them; return how many.

    All identifier rows go before the first comes back, so that a value can change hands inside one call. known: records that
    the caller has opened; they are not read again.
    """
    if not person_ids:
        return 0
    owners = _owners(person_ids, known)
    everybody = sorted({*person_ids, *(person for persons in owners.values() for person in persons)})
    winner = {claim: persons[0] for claim, persons in owners.items()}
    before, after = holdings_of(everybody), []
    for part in chunked(everybody, IN_LIST):
        rows_delete(PersonIdentifier, among={"person_id": part})
    ring = keyring()
    rules = rules_in_force()
    for part in chunked(everybody, _CHUNK):
        records = _records(ring, part, known)
        hubs = hubs_among({value for held in records.values() for one in held for value, _ in one.postings})
        rows = [row for person in records for row in identifier_rows(person, records[person], hubs, winner)]
        rows_write(PersonIdentifier, IDENTIFIER_COLUMNS, sorted(rows, key=lambda row: row[2]))
        after += rows
        persons_project(_files(ring, records, hubs, rules), now=now)
    holdings_told(before, after)
    return len(everybody)


def files_rewrite(person_ids: Sequence[int], *, now: datetime) -> None:
    """Let the values of these living persons survive again, by the rules in force; whose records they are stays."""
    ring = keyring()
    rules, records = rules_in_force(), _records(ring, person_ids, NOBODY)
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


def _owners(person_ids: Collection[int], known: Mapping[int, StoredRecord]) -> dict[Claim, list[int]]:
    """
    Return the verified, current values that several persons claim, with the claimants, the owner first: who verified it
    last, among equals the older person.
    """
    records = column_among(Membership, "record_id", "person_id", person_ids, null=("valid_to",))
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


def _records(ring: Keyring, person_ids: Sequence[int], known: Mapping[int, StoredRecord]) -> dict[int, list[HeldRecord]]:
    """Return the records of each person, in order of person and record."""
    person_of: dict[int, int] = {}
    for part in chunked(person_ids, IN_LIST):
        person_of.update(rows_read(Membership, ("record_id", "person_id"), among={"person_id": part}, null=("valid_to",)))
    found: dict[int, list[HeldRecord]] = {person: [] for person in sorted(set(person_of.values()))}
    read = stored_records(ring, person_of.keys() - known.keys())
    for record_id in sorted(person_of):
        record = known.get(record_id) or read.get(record_id)
        if record is not None:
            found[person_of[record_id]].append(record.held())
    return found
