"""
Count how every two schemes in force cross, by home store: each night for the page that crosses them, which could not group a
million persons in a request.
"""

from collections import Counter
from datetime import datetime
from itertools import combinations_with_replacement
from typing import Any

from django.db import transaction
from django.db.models import Count, QuerySet

from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonValue, TierCross
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services.counted import EVERYBODY, newest_full


def crosses_keep(*, now: datetime) -> int | None:
    """
    Count living persons as of the newest full run and replace what was counted before; return the pairs of schemes, None before
    the first run. A scheme that was changed since the run keeps its counts: nobody was placed by the new version yet.
    """
    run = newest_full()
    if run is None:
        return None
    in_force = schemes_in_force()
    placed = run.rules.get("schemes", {})
    schemes = [one for one in in_force if placed.get(one.code) == [one.slot, one.number]]
    living = PersonValue.objects.filter(person__in=persons_in_reach(EVERYBODY))
    columns = [one.column for one in schemes]
    rows: QuerySet[PersonValue, Any] = living.order_by().values_list("person__home_store_id", *columns)
    pairs = list(combinations_with_replacement(range(len(schemes)), 2))
    counts: dict[tuple[int, int], Counter[tuple[int | None, str, str]]] = {pair: Counter() for pair in pairs}
    for store, *tiers, persons in rows.annotate(count=Count("pk")):
        for one, two in pairs:
            counts[one, two][store, tiers[one] or "", tiers[two] or ""] += persons
    made = [
        TierCross(
            down_id=schemes[one].scheme_id, across_id=schemes[two].scheme_id, down_number=schemes[one].number,
            across_number=schemes[two].number, as_of=run.as_of, counted_at=now,
            rows=[[*place, persons] for place, persons in sorted(counts[one, two].items(), key=str)],
        )
        for one, two in pairs
    ]  # fmt: skip
    with transaction.atomic():
        known = [one.scheme_id for one in in_force]
        TierCross.objects.exclude(down__in=known, across__in=known).delete()
        anew = [one.scheme_id for one in schemes]
        TierCross.objects.filter(down__in=anew, across__in=anew).delete()
        TierCross.objects.bulk_create(made)
    return len(made)
