"""What persons in reach did before they first bought, and what they say they bought for."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import QuerySet

from huitou.apps.attributes.queries import choice_titles, choices_stated
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import touches_until
from huitou.apps.customers.queries import persons_in_reach
from huitou.core.value.paths import MOTIVE_IN, TOUCHES, Paths, Step, steps_of, top_paths

MOST_BUYERS = 5_000  # looked at: those who first bought last
TOP = 15


def first_paths(viewer: Viewer) -> Paths:
    """Return the most trodden paths of the persons in reach who first bought last."""
    buyers = persons_in_reach(viewer).filter(facts__first_date__isnull=False).order_by("-facts__first_date", "-pk")
    first = _first_days(buyers[:MOST_BUYERS])
    return top_paths(touches_until(first, types=TOUCHES), buyers=len(first), most=TOP)


def person_path(viewer: Viewer, person_id: int) -> tuple[Step, ...] | None:
    """Return the steps before the first purchase of a person in reach; None for a stranger and before any purchase."""
    bought = persons_in_reach(viewer).filter(pk=person_id, facts__first_date__isnull=False)
    first = _first_days(bought)
    return steps_of(touches_until(first, types=TOUCHES).get(person_id, ())) if first else None


def _first_days(persons: QuerySet[Any]) -> dict[int, date]:
    return {person: day for person, day in persons.values_list("pk", "facts__first_date") if day is not None}


def motives(viewer: Viewer, *, today: date) -> list[tuple[str, int]]:
    """Return the stated motives of persons in reach, most persons first; nothing while the attribute is not there."""
    stated = choices_stated(MOTIVE_IN, today=today)
    if stated is None:
        return []
    near = set(persons_in_reach(viewer).filter(pk__in_list=list(stated.of_person)).values_list("pk", flat=True))
    counts = Counter(code for person, code in stated.of_person.items() if person in near)
    titles = choice_titles(stated.attribute)
    return [(titles.get(code, code), persons) for code, persons in counts.most_common()]
