"""
Count how often each tier was contacted over 12 months, by main store and channel: each night for the page of cost to serve, which
could not look for the tier of every message in a request.
"""

from collections import Counter

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

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
    schemes = [one for one in schemes_in_force() if one.code in run.rules["schemes"]]  # the tiers of others are not sorted yet
    # One look-up of a person's row for each touch, whatever the number of schemes.
    places = JSONObject(**{name: F(name) for name in ("store_id", *(one.column for one in schemes))})
    of_person = PersonValue.objects.filter(pk=OuterRef("person_id")).values(place=places)
    counts: Counter[tuple[str, int | None, str, str]] = Counter()
    total = 0
    for place, kind, number in touches_grouped(Subquery(of_person[:1]), Period.last_days(SERVING_DAYS, as_of=run.as_of)):
        total += number
        for one in schemes:
            if place is not None and place[one.column] is not None:
                counts[one.code, place["store_id"], place[one.column], kind] += number
    run.contacts = [[*place, number] for place, number in sorted(counts.items(), key=str)]
    run.save(update_fields=["contacts"])
    return total
