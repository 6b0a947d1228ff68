"""Why dormant customers stay away, as far as anybody told."""

from datetime import date, timedelta

from huitou.apps.attributes.queries import choices_stated
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import low_raters
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.service.queries import newest_tickets
from huitou.core.value.churn import LOW_RATING, STATED_IN, TICKET_REASON, TOLD_WITHIN_DAYS, Pareto, pareto, reasons_of
from huitou.core.value.lifecycle import DORMANT_DAYS


def churn_reasons(viewer: Viewer, *, as_of: date) -> Pareto:
    """Return the reasons of the dormant persons in reach."""
    dormant = persons_in_reach(viewer).filter(facts__last_date__lte=as_of - timedelta(days=DORMANT_DAYS))
    ids = dormant.order_by().values("pk")
    stated = choices_stated(STATED_IN, today=as_of)
    said = {} if stated is None else stated.of_person
    tickets, ratings = newest_tickets(ids, types=TICKET_REASON), low_raters(ids, at_most=LOW_RATING)
    told = [*{*said, *tickets, *ratings}]
    since = {
        person: last - timedelta(days=TOLD_WITHIN_DAYS)
        for person, last in dormant.filter(pk__in_list=told).values_list("pk", "facts__last_date")
        if last is not None
    }
    return pareto(
        reasons_of(
            {person: code for person, code in said.items() if person in since},
            {person: type for person, (type, day) in tickets.items() if person in since and day >= since[person]},
            {person for person, day in ratings.items() if person in since and day >= since[person]},
        )
    )
