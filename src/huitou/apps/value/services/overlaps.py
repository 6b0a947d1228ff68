"""
Count how the newest frozen list and the best tiers of each scheme overlap, by home store: each night for the page that crosses
schemes, which could not join a million persons with a list in a request.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, QuerySet

from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonValue, TopListMember
from huitou.apps.value.queries.overview import best_tiers, top_lists
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.apps.value.services.counted import EVERYBODY, newest_full

Place = tuple[str, int | None]
"""Scheme code ("": any or none) and home store."""


def overlaps_keep() -> int | None:
    """
    Count living persons as of the newest full run and keep with it {"month", "schemes": {code: {"number", "rows"}}}, each row
    [home store, on the list, in the two best tiers, in both]. Return the persons on the list; None before run and list.
    """
    run, newest = newest_full(), top_lists(1).first()
    if run is None or newest is None:
        return None
    schemes = schemes_in_force()
    living = PersonValue.objects.filter(person__in=persons_in_reach(EVERYBODY))
    members = TopListMember.objects.filter(top_list=newest).values("person_id")
    everybody, listed = _best_by_home(living, schemes), _best_by_home(living.filter(person_id__in=members), schemes)
    homes = sorted({store for _code, store in everybody}, key=str)
    run.overlaps = {"month": newest.month, "schemes": {
        one.code: {"number": one.number, "rows": [
            [store, listed["", store], everybody[one.code, store], listed[one.code, store]] for store in homes
        ]}
        for one in schemes
    }}  # fmt: skip
    run.save(update_fields=["overlaps"])
    return sum(listed["", store] for store in homes)


def _best_by_home(persons: QuerySet[PersonValue], schemes: Sequence[InForce]) -> Counter[Place]:
    """Return how many of the persons stand in the two best tiers of each scheme, and how many there are, by home store."""
    found: Counter[Place] = Counter()
    best = [(one.code, [tier.code for tier in best_tiers(one.scheme)]) for one in schemes]
    rows: QuerySet[PersonValue, Any] = persons.order_by().values_list("person__home_store_id", *(one.column for one in schemes))
    for store, *tiers, count in rows.annotate(count=Count("pk")):
        found["", store] += count
        for (code, codes), tier in zip(best, tiers, strict=True):
            if tier in codes:
                found[code, store] += count
    return found
