"""The benefits app's part in merges, in erasing and in copying a person."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F

from huitou.apps.base.bulk import chunked
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased
from huitou.apps.benefits.ledger import entry_write, holder_of, holdings_settle
from huitou.apps.benefits.models import Coupon, CouponEntry, CouponKind, CouponMove, EntryKind
from huitou.apps.benefits.terms import terms_of
from huitou.apps.customers.queries import merged_into
from huitou.apps.identity.queries import records_that_left
from huitou.core.benefits.coupons import State

_IDS_PER_STATEMENT = 5_000
Holding = tuple[int, int]  # kind, person


def coupons_follow(change: IdentityChange) -> None:
    """
    Let coupons go along with a merge, a split or an undo, then let everybody concerned hold what one person may.

    A closed person's go where most of the records went; they come back once that person is opened again, and go to whom most
    of the records they came with are split off to. Uses stay in the ledger as they were made. Run again it changes nothing.
    """
    touched = _brought_back(change) | _taken_along(change) | _parted(change)
    for kind_id, person_id in sorted(touched):
        holdings_settle(kind_id, person_id, at=change.at, event_id=change.event_id)


def _brought_back(change: IdentityChange) -> set[Holding]:
    first: dict[int, CouponMove] = {}
    for part in chunked(change.opened_person_ids, _IDS_PER_STATEMENT):
        rows = CouponMove.objects.filter(from_person_id__in_list=part, undone_event_id=None)
        for move in rows.select_related("coupon").order_by("-pk"):
            first[move.coupon_id] = move  # the oldest of a coupon is written last
    touched: set[Holding] = set()
    for move in first.values():
        later = CouponMove.objects.filter(coupon_id=move.coupon_id, pk__gte=move.pk, undone_event_id=None)
        later.update(undone_event_id=change.event_id)
        touched |= _hand_over(move.coupon, move.from_person_id)
    return touched


def _taken_along(change: IdentityChange) -> set[Holding]:
    heirs = change.heirs()
    touched: set[Holding] = set()
    for part in chunked(heirs, _IDS_PER_STATEMENT):
        held = list(Coupon.objects.filter(person_id__in_list=part).order_by("pk"))
        for coupon in held:
            touched |= _moved(coupon, holder_of(coupon), heirs[holder_of(coupon)], change)
    return touched


def _parted(change: IdentityChange) -> set[Holding]:
    """Records split off a person who stays: what had come with most of them once goes with them now."""
    left: dict[int, dict[int, int]] = {}
    for move in change.moves:
        if move.from_person_id is not None and move.to_person_id is not None:
            left.setdefault(move.from_person_id, {})[move.record_id] = move.to_person_id
    touched: set[Holding] = set()
    for person_id in left.keys() - set(change.closed_person_ids):
        came = CouponMove.objects.filter(coupon__person_id=person_id, undone_event_id=None).exclude(event_id=change.event_id)
        first = {move.coupon_id: move for move in came.select_related("coupon").order_by("-pk")}
        for origin in first.values():
            records = records_that_left(origin.event_id, origin.from_person_id)
            goes = [left[person_id][record] for record in records if record in left[person_id]]
            target = next((one for one in sorted(set(goes)) if 2 * goes.count(one) > len(records)), None)
            if target is not None:
                touched |= _moved(origin.coupon, person_id, target, change)
    return touched


def _moved(coupon: Coupon, holder: int, person_id: int, change: IdentityChange) -> set[Holding]:
    CouponMove.objects.create(
        coupon=coupon, event_id=change.event_id, from_person_id=holder, to_person_id=person_id, at=change.at
    )
    return _hand_over(coupon, person_id)


def _hand_over(coupon: Coupon, person_id: int) -> set[Holding]:
    Coupon.objects.filter(pk=coupon.pk).update(person_id=person_id, slot=None)
    return {(coupon.kind_id, holder_of(coupon)), (coupon.kind_id, person_id)}


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
