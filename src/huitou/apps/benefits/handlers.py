"""The benefits app's part in merges, in erasing and in copying a person."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased
from huitou.apps.benefits.ledger import entry_write, holdings_settle
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, CouponMove, EntryKind
from huitou.apps.benefits.terms import terms_of
from huitou.apps.customers.queries import merged_into
from huitou.apps.identity.following import Follower
from huitou.core.benefits.coupons import State

_IDS_PER_STATEMENT = 5_000
_COUPONS = Follower(Coupon, CouponMove, "coupon", freed=("slot",))


def coupons_follow(change: IdentityChange) -> None:
    """
    Let coupons go along with a merge, a split or an undo, then let everybody concerned hold what one person may.

    Uses stay in the ledger as they were made. Run again it changes nothing.
    """
    moved = _COUPONS.follow(change)
    kinds = dict(Coupon.objects.filter(pk__in_list=[one.row_id for one in moved]).values_list("pk", "kind_id"))
    touched = {(kinds[one.row_id], person) for one in moved for person in (one.from_person_id, one.to_person_id)}
    for kind_id, person_id in sorted(touched):
        holdings_settle(kind_id, person_id, at=change.at, event_id=change.event_id)


def person_erased(erased: PersonErased) -> None:
    """Cut the coupons off the person: those still usable are withdrawn, the ledger keeps its counts and names nobody."""
    ids = [erased.person_id, *merged_into(erased.person_id)]
    coupons = list(Coupon.objects.select_related("kind").filter(person_id__in_list=ids).order_by("pk"))
    for coupon in coupons:
        if coupon.state_code in (State.USABLE, State.SET_ASIDE):
            entry_write(coupon, EntryKind.WITHDRAWN, at=erased.at)
            worth = terms_of(coupon.kind).worth_fen or 0
            CouponKind.objects.filter(pk=coupon.kind_id).update(committed_fen=F("committed_fen") - worth)
    for part in chunked([coupon.pk for coupon in coupons], _IDS_PER_STATEMENT):
        Coupon.objects.filter(pk__in_list=part).update(
            person_id=None, issued_to_id=None, slot=None, code=None, issue_key=None, category_id=None
        )
        CouponEntry.objects.filter(coupon_id__in=part).update(person_id=None, order_no="")
        CouponMove.objects.filter(coupon_id__in=part).delete()
    CouponEntry.objects.filter(person_id__in_list=ids).update(person_id=None)


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return every coupon the person holds with what became of it."""
    rows = Coupon.objects.filter(person_id=asked.person_id).select_related("kind").order_by("pk")
    coupons = [
        {
            "coupon": row.kind.name, "code": row.code, "state": row.state_code, "usable_from": row.usable_from.isoformat(),
            "expires_at": row.expires_at.isoformat(), "entries": _entries(row.entries.order_by("number")),
        }
        for row in rows
    ]  # fmt: skip
    return {"coupons": coupons} if coupons else {}


def _entries(entries: Iterable[CouponEntry]) -> list[dict[str, Any]]:
    return [
        {"what": one.kind_code, "order_no": one.order_no, "off_fen": one.off_fen, "at": one.at.isoformat()} for one in entries
    ]
