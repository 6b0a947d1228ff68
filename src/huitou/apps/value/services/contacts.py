"""
Count how often each tier was contacted over 12 months, by main store and channel: each night for the page of cost to serve, which
could not look for the tier of every message in a request.
"""

from collections import Counter

from django.db.models import OuterRef, Subquery

from huitou.apps.behaviour.queries import touches_grouped
from huitou.apps.value.models import PersonValue
from huitou.apps.value.schemes import schemes_in_force
from huitou.apps.value.services.counted import newest_full
from huitou.core.periods import Period
from huitou.core.value.serving import SERVING_DAYS


def contacts_keep() -> int | None:
    """Count as of the newest full run and keep it with the run; return the contacts, None before the first run."""
    run = newest_full()
    if run is None:
        return None
    schemes = schemes_in_force()
    of_person = PersonValue.objects.filter(pk=OuterRef("person_id"))
    names = ("store_id", *(one.column for one in schemes))
    by = {f"of_{name}": Subquery(of_person.values(name)[:1]) for name in names}  # an event has a store of its own
    counts: Counter[tuple[str, int | None, str, str]] = Counter()
    total = 0
    for store, *tiers, kind, number in touches_grouped(by, Period.last_days(SERVING_DAYS, as_of=run.as_of)):
        total += number
        for one, tier in zip(schemes, tiers, strict=True):
            if tier is not None:
                counts[one.code, store, tier, kind] += number
    run.contacts = [[*place, number] for place, number in sorted(counts.items(), key=str)]
    run.save(update_fields=["contacts"])
    return total
