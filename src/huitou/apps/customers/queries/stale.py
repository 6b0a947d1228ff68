"""Which values of the files nobody told again for long."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import PersonField, persons_in_reach, shown_fields
from huitou.core.periods import business_date

COUNTED_AT_MOST = 10_000


@dataclass(frozen=True, slots=True)
class Counted:
    """A count; is_more: there are more than that."""

    number: int
    is_more: bool


def persons_stale(viewer: Viewer, *, before: date, after: int = 0, limit: int) -> list[int]:
    """Return persons in reach with a value that was last told before a day, by rising id, those after an id."""
    rows = persons_in_reach(viewer).filter(oldest_value_on__lt=before, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:limit])


def persons_stale_count(viewer: Viewer, *, before: date) -> Counted:
    """
    Return how many persons in reach have a value that was last told before a day, counted up to COUNTED_AT_MOST.

    Nobody asks so many people again by hand, and counting a million takes as long as the rest of the page.
    """
    rows = persons_in_reach(viewer).filter(oldest_value_on__lt=before).order_by()
    found = rows.values("pk")[: COUNTED_AT_MOST + 1].count()
    return Counted(min(found, COUNTED_AT_MOST), is_more=found > COUNTED_AT_MOST)


def stale_fields(viewer: Viewer, person_ids: Collection[int], *, before: date) -> dict[int, list[PersonField]]:
    """Return by person the values last told before a day, as the viewer may see them; only of persons in reach."""
    found = {}
    for person in persons_in_reach(viewer).filter(pk__in_list=sorted(person_ids), oldest_value_on__lt=before):
        seen.note(person.pk)
        fields = shown_fields(viewer, profile_open(keyring(), person.pk, person.profile))
        found[person.pk] = [field for field in fields.values() if business_date(field.observed_at) < before]
    return found
