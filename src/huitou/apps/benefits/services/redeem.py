"""Take a coupon at a till or in the mall, and give it back when the sale is taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.ledger import entry_write, holder_of, holdings_settle
from huitou.apps.benefits.models import Coupon, CouponEntry, EntryKind
from huitou.apps.benefits.queries.counter import has_bought
from huitou.apps.benefits.terms import categories_of, terms_of
from huitou.apps.customers.services import person_hold
from huitou.core.benefits.coupons import (
    Basket,
    CouponRefused,
    Reason,
    State,
    check_season,
    check_state,
    check_window,
    off_fen,
)
from huitou.core.periods import business_date


@dataclass(frozen=True, slots=True)
class Sale:
    """Where a coupon is used. channel_code: "store" or "online"."""

    order_no: str
    channel_code: str
    store_id: int | None
    basket: Basket


@dataclass(frozen=True, slots=True)
class Redemption:
    """One use of a coupon; is_repeat when this call changed nothing because it was made before."""

    coupon_id: int
    redemption_no: int
    order_no: str
    off_fen: int
    at: datetime
    is_repeat: bool


@transaction.atomic
def coupon_redeem(*, viewer: Viewer, person_id: int, code: str, sale: Sale, now: datetime) -> Redemption:
    """
    Use a coupon of a person in reach for one order. The same order again gets the first answer.

    Raises CouponRefused; then nothing is written.
    """
    held = person_hold(viewer, person_id)  # two first orders of one person come one after the other
    coupon = Coupon.objects.select_related("kind").filter(code=code, person_id=person_id).first() if held else None
    if coupon is None:
        raise CouponRefused(Reason.NOT_YOURS)
    last = _last_redemption(coupon)
    if coupon.state_code == State.REDEEMED and last is not None and last.order_no == sale.order_no:
        return _told(last, is_repeat=True)
    off = coupon_check(coupon, viewer=viewer, sale=sale, now=now)
    entry = entry_write(
        coupon, EntryKind.REDEEMED, at=now, by=viewer.user_id, redemption_no=(last.redemption_no or 0) + 1 if last else 1,
        **_sale_facts(sale, off),
    )  # fmt: skip
    if entry is None:
        raise CouponRefused(Reason.USED)
    return _told(entry, is_repeat=False)


def coupon_check(coupon: Coupon, *, viewer: Viewer, sale: Sale, now: datetime) -> int:
    """Return what the coupon takes off this sale, whole fen. Raises CouponRefused."""
    check_state(State(coupon.state_code))
    check_window(coupon.usable_from, coupon.expires_at, now)
    terms = terms_of(coupon.kind, categories_of(coupon))
    check_season(terms.season, business_date(now))
    if terms.first_order_only and has_bought(viewer, holder_of(coupon), but_for=sale.order_no):
        raise CouponRefused(Reason.NOT_FIRST)
    return off_fen(terms, sale.basket)


@transaction.atomic
def coupon_return(*, viewer: Viewer, code: str, order_no: str, now: datetime) -> Redemption:
    """
    Give a coupon back that was used for an order; its time goes on as before. The same again changes nothing.

    Raises CouponRefused: NOT_YOURS (nobody in reach holds it), NOT_USED (not for this order).
    """
    coupon = Coupon.objects.filter(code=code).first()
    if coupon is None or coupon.person_id is None or not person_hold(viewer, coupon.person_id):
        raise CouponRefused(Reason.NOT_YOURS)
    coupon.refresh_from_db()
    last = _last_redemption(coupon)
    if last is None or last.order_no != order_no:
        raise CouponRefused(Reason.NOT_USED)
    if coupon.state_code != State.REDEEMED:
        return _told(last, is_repeat=True)
    facts = {name: getattr(last, name) for name in ("redemption_no", "order_no", "channel_code", "store_id", "off_fen")}
    if entry_write(coupon, EntryKind.RETURNED, at=now, by=viewer.user_id, **facts) is None:
        raise CouponRefused(Reason.NOT_USED)
    holdings_settle(coupon.kind_id, coupon.person_id, at=now, by=viewer.user_id)
    return _told(last, is_repeat=False)


def _last_redemption(coupon: Coupon) -> CouponEntry | None:
    return CouponEntry.objects.filter(coupon=coupon, kind_code=EntryKind.REDEEMED).order_by("-number").first()


def _sale_facts(sale: Sale, off: int) -> dict[str, Any]:
    return {
        "order_no": sale.order_no, "channel_code": sale.channel_code, "store_id": sale.store_id,
        "basket_fen": sale.basket.amount_fen, "off_fen": off,
    }  # fmt: skip


def _told(entry: CouponEntry, *, is_repeat: bool) -> Redemption:
    return Redemption(entry.coupon_id, entry.redemption_no or 0, entry.order_no, entry.off_fen or 0, entry.at, is_repeat)
