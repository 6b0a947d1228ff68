"""What is written of one person, derived from the person's records: identifiers and the file with its search values."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from huitou.apps.customers.services import PersonFile
from huitou.apps.identity.content import FIELD_OF_KIND, Posting
from huitou.core.identity.names import name_core
from huitou.core.identity.normalise import NORMALISERS
from huitou.core.identity.survivorship import RecordFacts, Rules, surviving_values

IDENTIFIER_COLUMNS = ("person_id", "kind_code", "value_hash", "verified", "valid_from", "valid_to", "is_hub")
_SEARCHED = {"phone": "phone", "member_card": "card", "email": "email", "name": "name"}  # field -> kind of search key
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Claim = tuple[str, int]  # kind, value hash


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """One record of a person, read once for everything that is derived from it."""

    facts: RecordFacts
    postings: Sequence[tuple[int, Posting]]  # with the value's hash
    store_id: int | None
    registered_at: datetime | None


def identifier_rows(
    person_id: int, records: Iterable[HeldRecord], hubs: Collection[int], winner: Mapping[Claim, int]
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


def person_file(
    person_id: int,
    records: Sequence[HeldRecord],
    hubs: Collection[int],
    rules: Rules,
    corrections: Sequence[RecordFacts] = (),
) -> PersonFile:
    """
    Let the values survive by the rules; hub values neither survive nor lead to the person. corrections win over what the
    records say, and the person is found under them, too.
    """
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
    for correction in corrections:
        for field, text in correction.fields.items():
            value = NORMALISERS[field](text)
            if field in _SEARCHED and value is not None:
                searched[_SEARCHED[field]].add(value)
    registered = [
        (record.registered_at, record.facts.record_id, record) for record in records if record.registered_at is not None
    ]
    first = min(registered)[2] if registered else None
    stores = [record.store_id for record in records if record.store_id is not None]
    values = surviving_values([*(record.facts for record in records), *corrections], excluded=excluded, rules=rules)
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
