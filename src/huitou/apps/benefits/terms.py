"""The terms and caps of a stored kind as the core weighs them."""

from huitou.apps.benefits.models import Coupon, CouponKind
from huitou.apps.products.queries import categories_below
from huitou.core.benefits.coupons import Caps, Effect, Terms
from huitou.core.festivals import Festival, Season


def terms_of(kind: CouponKind, category_ids: frozenset[int] | None = None) -> Terms:
    """Return what the kind promises; category_ids go before its own, which do not name those below them."""
    return Terms(
        effect=Effect(kind.effect_code), off_fen=kind.off_fen, off_share=kind.off_share, most_off_fen=kind.most_off_fen,
        minimum_fen=kind.minimum_fen,
        category_ids=frozenset(kind.category_ids) if category_ids is None else category_ids,
        first_order_only=kind.first_order_only, from_day=kind.from_day, last_day=kind.last_day, usable_days=kind.usable_days,
        season=season_of(kind),
    )  # fmt: skip


def season_of(kind: CouponKind) -> Season | None:
    """Return the days of each year on which coupons of the kind are taken; None: every day."""
    if not kind.season_code:
        return None
    return Season(Festival(kind.season_code), kind.season_before_days, kind.season_after_days)


def caps_of(kind: CouponKind) -> Caps:
    """Return how many of the kind may be issued."""
    return Caps(kind.person_most, kind.day_most, kind.budget_fen)


def categories_of(coupon: Coupon) -> frozenset[int]:
    """Return the categories one coupon counts for, with those below them; empty is everything."""
    named = [coupon.category_id] if coupon.category_id is not None else coupon.kind.category_ids
    if not named:
        return frozenset()
    below = categories_below()
    return frozenset(category for one in named for category in (one, *below.get(one, ())))
