"""What persons in reach did before they first bought, and what they say they bought for."""

from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from huitou.apps.attributes.queries import choices_counted
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import touches_until
from huitou.apps.customers.queries import persons_in_reach
from huitou.core.value.paths import MOTIVE_IN, TOUCHES, Paths, Step, steps_of, top_paths

MOST_BUYERS = 5_000  # looked at: those who first bought last
TOP = 15
_WINDOWS_DAYS = (7, 30, 120)  # tried for the whole chain before all of its buyers are ordered


def first_paths(viewer: Viewer) -> Paths:
    """Return the most trodden paths of the persons in reach who first bought last."""
    first = _newest_buyers(viewer)
    return top_paths(touches_until(first, types=TOUCHES), buyers=len(first), most=TOP)


def person_path(viewer: Viewer, person_id: int) -> tuple[Step, ...] | None:
    """Return the steps before the first purchase of a person in reach; None for a stranger and before any purchase."""
    bought = persons_in_reach(viewer).filter(pk=person_id, facts__first_date__isnull=False)
    first = _first_days(bought)
    return steps_of(touches_until(first, types=TOUCHES).get(person_id, ())) if first else None


def _newest_buyers(viewer: Viewer) -> dict[int, date]:
    """
    Return MOST_BUYERS persons in reach who first bought last, with the day.

    Ordering a million buyers takes a second. Who first bought within a window also last bought in it, so the index of last days
    finds them; a viewer of some stores is served by the index of home stores.
    """
    buyers = persons_in_reach(viewer).filter(facts__first_date__isnull=False).order_by("-facts__first_date", "-pk")
    newest = buyers.order_by("-facts__last_date").values_list("facts__last_date", flat=True)
    last = newest.first() if viewer.store_ids is None else None
    windows = [] if last is None else [last - timedelta(days=days) for days in _WINDOWS_DAYS]
    for since in windows:
        found = _first_days(buyers.filter(facts__first_date__gt=since, facts__last_date__gt=since)[:MOST_BUYERS])
        if len(found) == MOST_BUYERS:
            return found
    return _first_days(buyers[:MOST_BUYERS])


def _first_days(persons: QuerySet[Any]) -> dict[int, date]:
    return {person: day for person, day in persons.values_list("pk", "facts__first_date") if day is not None}


def motives(viewer: Viewer, *, today: date) -> list[tuple[str, int]]:
    """Return the stated motives of persons in reach, most persons first; nothing while the attribute is not there."""
    return choices_counted(viewer, MOTIVE_IN, today=today)
