"""Who lives where, by the keyed hash that stands beside the file. For jobs, no screen."""

from collections.abc import Collection

from django.db.models import Count

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.customers.models import Person
from huitou.core.identity.household import MOST_PERSONS

_CHUNK = 5_000


def homes_held(home_hashes: Collection[int]) -> list[tuple[int, int]]:
    """Return (living person, home) for these homes."""
    return [
        row
        for part in chunked(home_hashes, _CHUNK)
        for row in rows_read(Person, ("pk", "home_hash"), among={"home_hash": part}, equal={"is_live": True})
    ]


def homes_shared() -> set[int]:
    """Return the homes of several living persons, no more than may be a household."""
    held = Person.objects.filter(home_hash__isnull=False, is_live=True).order_by().values("home_hash")
    counted = held.annotate(holders=Count("pk")).filter(holders__gt=1, holders__lte=MOST_PERSONS)
    return {home for home in counted.values_list("home_hash", flat=True) if home is not None}
