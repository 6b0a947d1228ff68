"""Work out again what filters ask of a person's relations."""

from collections import defaultdict
from collections.abc import Collection

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.relations.models import HouseholdTie, Referral, RelationFacts

_CHUNK = 5_000
_FACTS = ("household_size", "referred_count")


def facts_refresh(person_ids: Collection[int]) -> None:
    """Write the facts of these persons; whoever has no relation has no row."""
    for part in chunked(sorted(person_ids), _CHUNK):
        tied: dict[int, set[int]] = defaultdict(set)
        for person, other in rows_read(HouseholdTie, ("person", "other"), among={"person": part}, null=("valid_to",)):
            tied[person].add(other)
        won: dict[int, set[int]] = defaultdict(set)
        for person, referred in rows_read(
            Referral, ("referrer", "person_id"), among={"referrer": part}, equal={"is_current": True}
        ):
            won[person].add(referred)
        related = tied.keys() | won.keys()
        rows_delete(RelationFacts, among={"person": [person for person in part if person not in related]})
        rows = [
            (person, 1 + len(tied[person]) if person in tied else None, len(won[person]) if person in won else None)
            for person in sorted(related)
        ]
        rows_write(RelationFacts, ("person", *_FACTS), rows, conflict=("person",), update=_FACTS)
