"""Work out again what filters ask of a person's relations."""

from collections import defaultdict
from collections.abc import Collection

from huitou.apps.base.bulk import chunked, rows_delete, rows_read, rows_write
from huitou.apps.relations.models import HouseholdTie, RelationFacts

_CHUNK = 5_000
_FACTS = ("household_size",)


def facts_refresh(person_ids: Collection[int]) -> None:
    """Write the facts of these persons; whoever has no relation has no row."""
    for part in chunked(sorted(person_ids), _CHUNK):
        others: dict[int, set[int]] = defaultdict(set)
        for person, other in rows_read(HouseholdTie, ("person", "other"), among={"person": part}, null=("valid_to",)):
            others[person].add(other)
        rows_delete(RelationFacts, among={"person": [person for person in part if person not in others]})
        rows = [(person, 1 + len(others[person])) for person in sorted(others)]
        rows_write(RelationFacts, ("person", *_FACTS), rows, conflict=("person",), update=_FACTS)
