"""
Count why dormant customers stay away, by home store: each night for the page of churn, which could not walk through the tickets
and ratings of a million persons in a request.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta

from huitou.apps.attributes.queries import choices_stated
from huitou.apps.behaviour.queries import low_raters
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.service.queries import newest_tickets
from huitou.apps.value.services.counted import EVERYBODY, newest_full
from huitou.core.value.churn import LOW_RATING, STATED_IN, TICKET_REASON, TOLD_WITHIN_DAYS, Source, reasons_of
from huitou.core.value.lifecycle import DORMANT_DAYS

Counts = Mapping[tuple[int | None, str, Source], int]
"""Persons by home store, reason and source."""


def reasons_keep() -> int | None:
    """Count as of the newest full run and keep it with the run; return the persons with a reason, None before the first run."""
    run = newest_full()
    if run is None:
        return None
    counts = _counted(run.as_of)
    run.reasons = [[store, code, source.value, persons] for (store, code, source), persons in sorted(counts.items(), key=str)]
    run.save(update_fields=["reasons"])
    return sum(counts.values())


def _counted(as_of: date) -> Counts:
    dormant = persons_in_reach(EVERYBODY).filter(facts__last_date__lte=as_of - timedelta(days=DORMANT_DAYS))
    ids = dormant.order_by().values("pk")
    stated = choices_stated(STATED_IN, today=as_of)
    said = {} if stated is None else stated.of_person
    tickets, ratings = newest_tickets(ids, types=TICKET_REASON), low_raters(ids, at_most=LOW_RATING)
    rows = dormant.filter(pk__in_list=[*{*said, *tickets, *ratings}])
    since: dict[int, date] = {}
    store_of: dict[int, int | None] = {}
    for person, store, last in rows.values_list("pk", "home_store_id", "facts__last_date"):
        if last is not None:
            since[person], store_of[person] = last - timedelta(days=TOLD_WITHIN_DAYS), store
    reasons = reasons_of(
        {person: code for person, code in said.items() if person in since},
        {person: type for person, (type, day) in tickets.items() if person in since and day >= since[person]},
        {person for person, day in ratings.items() if person in since and day >= since[person]},
    )
    return Counter((store_of[person], *reason) for person, reason in reasons.items())
