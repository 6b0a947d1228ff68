"""What the counter and the mall are told of one person: tier, points and the coupons that may be used now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry
from huitou.apps.benefits.terms import season_of
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.identity.queries import person_known_by
from huitou.apps.value.queries import Standing, standing_of
from huitou.core.benefits.coupons import State
from huitou.core.periods import business_date


@dataclass(frozen=True, slots=True)
class PersonStanding:
    """One person for whoever serves them, by no name. points None: no balance published yet."""

    person_id: int
    is_member: bool
    tiers: Sequence[Standing]
    points: int | None
    coupons: Sequence[Coupon]


def person_standing(viewer: Viewer, kind: str, value: str, *, now: datetime) -> PersonStanding | None:
    """Return the person in reach who alone is known by an identifier; None for nobody. Every channel asks this."""
    person_id = person_known_by(viewer, kind, value)
    if person_id is None:
        return None
    seen.note(person_id)
    facts = published_facts(viewer, person_id)
    return PersonStanding(
        person_id=person_id,
        is_member=persons_in_reach(viewer).filter(pk=person_id, is_member=True).exists(),
        tiers=standing_of(viewer, person_id),
        points=facts.points_balance if facts else None,
        coupons=usable_coupons(viewer, person_id, now=now),
    )


def usable_coupons(viewer: Viewer, person_id: int, *, now: datetime) -> list[Coupon]:
    """Return the coupons that a person in reach may use now, first to expire first; what a basket must hold is not asked."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    rows = Coupon.objects.select_related("kind").filter(
        person_id=person_id, state_code=State.USABLE, usable_from__lte=now, expires_at__gt=now
    )
    today = business_date(now)
    taken = [(one, season_of(one.kind)) for one in rows.order_by("expires_at", "pk")]
    found = [one for one, season in taken if season is None or season.has(today)]
    if any(one.kind.first_order_only for one in found) and has_bought(viewer, person_id):
        return [one for one in found if not one.kind.first_order_only]
    return found


def has_bought(viewer: Viewer, person_id: int, *, but_for: str = "") -> bool:
    """
    Say whether a person in reach has paid for an order: by the published facts, or by a coupon used since they were published.

    but_for: an order number that does not count when only a coupon tells of it.
    """
    facts = published_facts(viewer, person_id)
    if facts is not None and facts.orders_count > 0:
        return True
    uses = CouponEntry.objects.filter(coupon__person_id=person_id, coupon__state_code=State.REDEEMED)
    standing = uses.filter(number=F("coupon__entries_count"))  # the newest entry of a used coupon is its use
    return standing.exclude(order_no=but_for).exists()
