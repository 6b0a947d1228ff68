"""Tier, points and coupons of the customer at the counter: one answer, whichever channel asks by whichever identifier."""

from django.http import HttpRequest
from ninja import Router

from huitou.apps.base.clock import utc_now
from huitou.apps.benefits.models import Coupon
from huitou.apps.benefits.queries import person_standing
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.customers import StandingIn, StandingOut, TierOut, UsableCouponOut
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["customers"])


@router.post("/customers/standing", response=answers(StandingOut), auth=Guard("customer_standing"), url_name="customer_standing")
def customer_standing(request: HttpRequest, body: StandingIn) -> StandingOut:
    """Look one customer up by an identifier that is theirs alone. A POST: a phone number never stands in an address."""
    found = person_standing(caller_of(request).viewer, body.kind, body.value, now=utc_now())
    if found is None:
        raise Problem(404, "nobody in reach is known by this alone")
    return StandingOut(
        id=found.person_id,
        is_member=found.is_member,
        tiers=[
            TierOut(
                scheme=one.scheme.code,
                title=one.scheme.label.zh,
                tier=one.tier.code if one.tier else None,
                tier_title=one.tier.label.zh if one.tier else None,
                since=one.since,
            )
            for one in found.tiers
        ],
        points=found.points,
        coupons=[_coupon_out(one) for one in found.coupons],
    )


def _coupon_out(coupon: Coupon) -> UsableCouponOut:
    kind = coupon.kind
    return UsableCouponOut(
        code=coupon.code or "", name=kind.name, effect=kind.effect_code, off_fen=kind.off_fen,
        off_share=None if kind.off_share is None else float(kind.off_share), most_off_fen=kind.most_off_fen,
        minimum_fen=kind.minimum_fen, category_ids=kind.category_ids if coupon.category_id is None else [coupon.category_id],
        first_order_only=kind.first_order_only, expires_at=coupon.expires_at,
    )  # fmt: skip
