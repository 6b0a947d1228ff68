"""Whom a customer is related to: masked for the key owner's role, cut to their reach."""

from datetime import date, timedelta
from typing import Annotated

from django.http import HttpRequest
from ninja import Query, Router

from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.relations.queries import Circle, relations_of
from huitou.core.periods import day_start
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.relations import CircleOut, GroupOut, NeighbourOut, RelationsOut
from huitou.web.api.shared import PersonId, answers, caller_of

router = Router(tags=["customers"])
LARGEST_CIRCLE = 100
_FIRST_DAY, _LAST_DAY = date(2000, 1, 1), date(2100, 1, 1)
AsOf = Annotated[date | None, Query(ge=_FIRST_DAY, le=_LAST_DAY, description="as they stood at the end of this business day")]


@router.get(
    "/customers/{person_id}/relations", response=answers(RelationsOut), auth=Guard("customer_relations"),
    url_name="customer_relations",
)  # fmt: skip
def customer_relations(request: HttpRequest, person_id: PersonId, as_of: AsOf = None) -> RelationsOut:
    """Return household, referrals and groups of a customer; others out of reach are counted and not named."""
    viewer = caller_of(request).viewer
    if person_id_in_reach(viewer, person_id) is None:
        raise Problem(404, "there is no such customer in reach")
    moment = None if as_of is None else day_start(as_of + timedelta(days=1))
    found = relations_of(viewer, person_id, as_of=moment, shown=LARGEST_CIRCLE)
    return RelationsOut(
        as_of=as_of,
        household=_out(found.household),
        referrers=_out(found.referrers),
        referred=_out(found.referred),
        groups=[
            GroupOut(
                id=stay.group_id, title=stay.title, guide=stay.guide, source=stay.source_code, joined_at=stay.joined_at,
                others=_out(stay.others),
            )
            for stay in found.groups
        ],
    )  # fmt: skip


def _out(circle: Circle) -> CircleOut:
    items = [
        NeighbourOut(id=one.person_id, name=one.name, since=one.since, shared=list(one.kinds), source=one.source_code)
        for one in circle.neighbours
    ]
    return CircleOut(items=items, more=circle.more, hidden=circle.hidden)
