"""How the coupons of a kind stand: every one that was issued is on exactly one account."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, Sum

from huitou.apps.benefits.models import Coupon, CouponEntry, EntryKind
from huitou.core.benefits.coupons import State


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of coupons at a moment; off_fen: what the used ones took off."""

    usable: int
    redeemed: int
    expired: int
    withdrawn: int
    set_aside: int
    off_fen: int

    @property
    def issued(self) -> int:
        return self.usable + self.redeemed + self.expired + self.withdrawn + self.set_aside


def balance(kind_id: int, *, now: datetime) -> Balance:
    """Return the accounts of one kind, chain-wide counts that name nobody. Usable and not yet usable count as usable."""
    is_usable = Q(state_code=State.USABLE)
    counted = Coupon.objects.filter(kind_id=kind_id).aggregate(
        usable=Count("pk", filter=is_usable & Q(expires_at__gt=now)),
        expired=Count("pk", filter=is_usable & Q(expires_at__lte=now)),
        redeemed=Count("pk", filter=Q(state_code=State.REDEEMED)),
        withdrawn=Count("pk", filter=Q(state_code=State.WITHDRAWN)),
        set_aside=Count("pk", filter=Q(state_code=State.SET_ASIDE)),
    )
    entries = CouponEntry.objects.filter(coupon__kind_id=kind_id)
    taken = entries.filter(kind_code=EntryKind.REDEEMED).aggregate(fen=Sum("off_fen"))["fen"] or 0
    given_back = entries.filter(kind_code=EntryKind.RETURNED).aggregate(fen=Sum("off_fen"))["fen"] or 0
    return Balance(**counted, off_fen=taken - given_back)
