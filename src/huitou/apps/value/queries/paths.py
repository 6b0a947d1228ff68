"""What persons in reach did before they first bought, and what they say they bought for."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet

from huitou.apps.attributes.queries import stated_titles
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.behaviour.queries import touches_until
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import ValueRun
from huitou.core.value.paths import MOTIVE_IN, TOUCHES, PathLine, Paths, Step, steps_of, top_paths
from huitou.warehouse.queries.cohorts import newest_buyers
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.scope import CHAIN

MOST_BUYERS = 5_000  # looked at: those who first bought last
TOP = 15
CANDIDATES = 2  # times as many: some are not in reach any more, or moved their first day since


def first_paths(viewer: Viewer) -> Paths:
    """Return the most trodden paths of the persons in reach who first bought last."""
    first = _newest_buyers(viewer)
    return top_paths(touches_until(first, types=TOUCHES), buyers=len(first), most=TOP)


@dataclass(frozen=True, slots=True)
class CountedPaths:
    """The paths of the whole chain as counted after a night's run, as of its day."""

    as_of: date
    paths: Paths


def counted_paths(viewer: Viewer) -> CountedPaths | None:
    """Return what was counted of the whole chain; None for who sees some stores, whose newest buyers are others, and before."""
    run = ValueRun.objects.filter(paths__isnull=False).order_by("-pk").values("as_of", "paths").first()
    if viewer.store_ids is not None or run is None:
        return None
    stored: dict[str, Any] = run["paths"] or {}
    lines = tuple(PathLine(tuple(line["kinds"]), line["persons"], line["share"]) for line in stored["lines"])
    return CountedPaths(run["as_of"], Paths(stored["buyers"], lines, stored["untouched"], stored["others"]))


def person_path(viewer: Viewer, person_id: int) -> tuple[Step, ...] | None:
    """Return the steps before the first purchase of a person in reach; None for a stranger and before any purchase."""
    bought = persons_in_reach(viewer).filter(pk=person_id, facts__first_date__isnull=False)
    first = _first_days(bought)
    return steps_of(touches_until(first, types=TOUCHES).get(person_id, ())) if first else None


def _newest_buyers(viewer: Viewer) -> dict[int, date]:
    """
    Return MOST_BUYERS persons in reach who first bought last, with the day.

    Ordering a million buyers takes the operations database a second, so of the whole chain the analytical store names candidates;
    where too few of them are left, all buyers are ordered after all. Of some stores it cannot name them: it knows where people
    buy, and reach is about where they belong.
    """
    buyers = persons_in_reach(viewer).filter(facts__first_date__isnull=False).order_by("-facts__first_date", "-pk")
    candidates = _candidates() if viewer.store_ids is None else []
    found = _first_days(buyers.filter(pk__in_list=candidates)[:MOST_BUYERS]) if candidates else {}
    return found if len(found) == MOST_BUYERS else _first_days(buyers[:MOST_BUYERS])


def _candidates() -> list[int]:
    try:
        with warehouse().read() as reading:
            return newest_buyers(reading.cursor, scope=CHAIN, most=CANDIDATES * MOST_BUYERS)
    except NothingPublished:
        return []


def _first_days(persons: QuerySet[Any]) -> dict[int, date]:
    return {person: day for person, day in persons.values_list("pk", "facts__first_date") if day is not None}


@dataclass(frozen=True, slots=True)
class Motives:
    """Titles of the stated motives with the persons in reach, most first, as counted after a night's run, as of its day."""

    as_of: date
    lines: list[tuple[str, int]]


def motives(viewer: Viewer, *, today: date) -> Motives | None:
    """Return the stated motives of persons in reach; None before they were counted, and while the attribute is not there."""
    titles = stated_titles(MOTIVE_IN, today=today)
    run = ValueRun.objects.filter(motives__isnull=False).order_by("-pk").values("as_of", "motives").first()
    if titles is None or run is None:
        return None
    counts: Counter[str] = Counter()
    for store_id, code, persons in run["motives"] or ():
        if viewer.store_ids is None or store_id in viewer.store_ids:
            counts[titles.get(code, code)] += persons
    return Motives(run["as_of"], sorted(counts.items(), key=lambda one: (-one[1], one[0])))
