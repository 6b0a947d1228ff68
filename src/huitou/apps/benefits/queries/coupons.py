"""Coupons and their kinds as lists, and those of one person."""

from collections.abc import Iterable
from datetime import date

from django.db.models import F, Q, QuerySet

from huitou.apps.base.listing import Asked, Count, ListPage, Place, rows_count, rows_page, rows_place
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, EntryKind
from huitou.apps.customers.queries import persons_in_reach
from huitou.core.benefits.coupons import State


def coupons_in_reach(viewer: Viewer) -> QuerySet[Coupon]:
    """Return the coupons of the persons a viewer reaches; those of erased persons only chain-wide viewers see."""
    rows = Coupon.objects.select_related("kind")
    return rows if viewer.store_ids is None else rows.filter(person_id__in=persons_in_reach(viewer).values("pk"))


def coupon_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of coupons; the subjects of its rows are Coupon."""
    return rows_page(coupons_in_reach(viewer), asked)


def coupon_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many coupons match."""
    return rows_count(coupons_in_reach(viewer), asked)


def coupon_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the neighbours of a position in the list of coupons."""
    return rows_place(coupons_in_reach(viewer), asked)


def coupon_history(viewer: Viewer, coupon_id: int) -> tuple[Coupon, list[CouponEntry]] | None:
    """Return a coupon in reach and what became of it, oldest first; None for any other."""
    coupon = coupons_in_reach(viewer).select_related("batch").filter(pk=coupon_id).first()
    return None if coupon is None else (coupon, list(coupon.entries.order_by("number")))


def kind_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of kinds with chain-wide counts, so for chain-wide viewers; the subjects of its rows are CouponKind."""
    return rows_page(_kinds(viewer), asked)


def kind_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many kinds match."""
    return rows_count(_kinds(viewer), asked)


def kind_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the neighbours of a position in the list of kinds."""
    return rows_place(_kinds(viewer), asked)


def _kinds(viewer: Viewer) -> QuerySet[CouponKind]:
    return CouponKind.objects.all() if viewer.store_ids is None else CouponKind.objects.none()


def has_kinds() -> bool:
    """Return whether any kind was ever set up, switched off or not."""
    return CouponKind.objects.exists()


def issuable_kinds(*, today: date) -> list[CouponKind]:
    """Return the kinds that are issued on a day, by name."""
    rows = CouponKind.objects.filter(Q(last_day=None) | Q(last_day__gte=today), is_on=True)
    return list(rows.order_by("name", "pk"))


def coupons_of(viewer: Viewer, person_id: int, *, most: int) -> list[Coupon]:
    """Return the coupons of a person in reach: those still usable first to expire first, then the others, newest first."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    rows = Coupon.objects.select_related("kind").filter(person_id=person_id)
    usable = list(rows.filter(state_code=State.USABLE).order_by("expires_at", "pk")[:most])
    return usable + list(rows.exclude(state_code=State.USABLE).order_by("-pk")[: most - len(usable)])


def last_uses(coupons: Iterable[Coupon]) -> dict[int, CouponEntry]:
    """Return the use that stands of each of these coupons that is used."""
    ids = [one.pk for one in coupons if one.state_code == State.REDEEMED]
    rows = CouponEntry.objects.filter(coupon_id__in=ids, kind_code=EntryKind.REDEEMED, number=F("coupon__entries_count"))
    return {row.coupon_id: row for row in rows}
