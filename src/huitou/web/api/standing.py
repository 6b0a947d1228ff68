"""Tier and points of the customer at the counter: one answer, whichever channel asks by whichever identifier."""

from django.http import HttpRequest
from ninja import Router

from huitou.apps.base import seen
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.identity.queries import person_known_by
from huitou.apps.value.queries import standing_of
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.customers import StandingIn, StandingOut, TierOut
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["customers"])


@router.post("/customers/standing", response=answers(StandingOut), auth=Guard("customer_standing"), url_name="customer_standing")
def customer_standing(request: HttpRequest, body: StandingIn) -> StandingOut:
    """Look one customer up by an identifier that is theirs alone. A POST: a phone number never stands in an address."""
    viewer = caller_of(request).viewer
    person_id = person_known_by(viewer, body.kind, body.value)
    if person_id is None:
        raise Problem(404, "nobody in reach is known by this alone")
    seen.note(person_id)
    facts = published_facts(viewer, person_id)
    return StandingOut(
        id=person_id,
        is_member=persons_in_reach(viewer).filter(pk=person_id, is_member=True).exists(),
        tiers=[
            TierOut(
                scheme=one.scheme.code,
                title=one.scheme.label.zh,
                tier=one.tier.code if one.tier else None,
                tier_title=one.tier.label.zh if one.tier else None,
                since=one.since,
            )
            for one in standing_of(viewer, person_id)
        ],
        points=facts.points_balance if facts else None,
    )
