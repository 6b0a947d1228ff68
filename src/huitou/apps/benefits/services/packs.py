"""Give a person what an occasion is for: one coupon, or several together."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, Occasion
from huitou.apps.benefits.services.issue import IssueRefused, coupon_issue, coupons_issue
from huitou.apps.customers.queries.facts import published_facts

RETURN_PACK_COUPONS = 3


@transaction.atomic
def return_pack_issue(*, viewer: Viewer, person_id: int, kind_id: int, issue_key: str, now: datetime) -> list[Coupon]:
    """
    Give a person in reach one coupon of a kind for each of the three categories they spent most on, with one expiry.

    The kind must let one person hold three. It is marketing: whom the gate of outreach keeps out gets none. Issuing again under
    the same key gives the same coupons. Raises IssueRefused: "categories" for who bought in fewer than three, and as
    coupons_issue; then nothing is written.
    """
    keys = [f"{issue_key}/{number}" for number in range(1, RETURN_PACK_COUPONS + 1)]
    facts = published_facts(viewer, person_id)
    told = (facts.top_category_id, facts.second_category_id, facts.third_category_id) if facts else ()
    categories = [one for one in told if one is not None]
    if len(categories) < RETURN_PACK_COUPONS and not Coupon.objects.filter(issue_key=keys[0], person_id=person_id).exists():
        raise IssueRefused("categories", needed=RETURN_PACK_COUPONS)
    return coupons_issue(
        viewer=viewer, person_id=person_id, kind_id=kind_id, issue_keys=keys, category_ids=categories,
        occasion=Occasion.RETURN_PACK, now=now,
    )  # fmt: skip


def coupons_give(
    *, viewer: Viewer, person_id: int, kind_id: int, issue_key: str, occasion: Occasion, now: datetime
) -> list[Coupon]:
    """Give a person in reach what the occasion is for; the same key again gives the same coupons. Raises IssueRefused."""
    if occasion == Occasion.RETURN_PACK:
        return return_pack_issue(viewer=viewer, person_id=person_id, kind_id=kind_id, issue_key=issue_key, now=now)
    return [
        coupon_issue(
            viewer=viewer, person_id=person_id, kind_id=kind_id, issue_key=issue_key, occasion=occasion, now=now
        )
    ]  # fmt: skip
