"""The one place that takes a coupon from one account to another and writes the line of it."""

from datetime import datetime
from typing import Any

from django.db.models import F

from huitou.apps.benefits.models import Coupon, CouponEntry, EntryKind
from huitou.core.benefits.coupons import Held, State, kept

ACCOUNTS = {
    EntryKind.ISSUED: State.USABLE,
    EntryKind.REDEEMED: State.REDEEMED,
    EntryKind.RETURNED: State.USABLE,
    EntryKind.WITHDRAWN: State.WITHDRAWN,
    EntryKind.SET_ASIDE: State.SET_ASIDE,
    EntryKind.RESTORED: State.USABLE,
}
HELD = (State.USABLE.value, State.REDEEMED.value)  # what counts against the number a person may hold


def holder_of(coupon: Coupon) -> int:
    """Return who holds a coupon that somebody does hold. Raises ValueError on one whose person was erased."""
    if coupon.person_id is None:
        raise ValueError(f"coupon {coupon.pk} is nobody's")
    return coupon.person_id


def entry_write(
    coupon: Coupon, kind: EntryKind, *, at: datetime, changes: dict[str, Any] | None = None, **facts: Any
) -> CouponEntry | None:
    """
    Move a coupon as it was read, and write the entry; None when somebody else moved it since. changes: columns of the coupon.

    Call it inside a transaction.
    """
    before, number = coupon.state_code, coupon.entries_count + 1
    to = ACCOUNTS[kind].value
    unchanged = Coupon.objects.filter(pk=coupon.pk, state_code=before, entries_count=coupon.entries_count)
    if unchanged.update(state_code=to, entries_count=F("entries_count") + 1, **(changes or {})) != 1:
        return None
    coupon.state_code, coupon.entries_count = to, number
    for name, value in (changes or {}).items():
        setattr(coupon, name, value)
    return CouponEntry.objects.create(
        coupon=coupon, number=number, kind_code=kind, from_code=before, to_code=to, person_id=coupon.person_id, at=at, **facts
    )


def holdings_settle(kind_id: int, person_id: int, *, at: datetime, event_id: int | None = None, by: int | None = None) -> None:
    """
    Let a person hold as many coupons of a kind as one person may; set the others aside, and bring back those set aside before
    that may be held again. What comes out depends on the coupons alone, so taking a merge back gives the state before it.
    """
    rows = list(
        Coupon.objects.select_for_update()
        .filter(kind_id=kind_id, person_id=person_id)
        .exclude(state_code=State.WITHDRAWN)
        .order_by("pk")
    )
    chosen = kept([Held(row.pk, row.state_code == State.REDEEMED, row.expires_at, row.person_most) for row in rows])
    slots = _slots(rows, chosen)
    moved = [row for row in rows if row.slot != slots.get(row.pk)]
    Coupon.objects.filter(pk__in=[row.pk for row in moved]).update(slot=None)  # two never stand in one place on the way
    for row in rows:
        slot = slots.get(row.pk)
        if slot is not None and row.state_code == State.SET_ASIDE:
            entry_write(row, EntryKind.RESTORED, at=at, changes={"slot": slot}, event_id=event_id, by=by)
        elif slot is None and row.state_code == State.USABLE:
            entry_write(row, EntryKind.SET_ASIDE, at=at, changes={"slot": None}, event_id=event_id, by=by)
        elif slot != row.slot:
            Coupon.objects.filter(pk=row.pk).update(slot=slot)


def _slots(rows: list[Coupon], chosen: list[int]) -> dict[int, int]:
    """Give every chosen coupon its place; who has one that nobody else chosen has keeps it."""
    slots: dict[int, int] = {}
    by_id = {row.pk: row for row in rows}
    for pk in chosen:
        slot = by_id[pk].slot
        if slot is not None and slot not in slots.values():
            slots[pk] = slot
    free = (number for number in range(1, len(rows) + len(slots) + 1) if number not in set(slots.values()))
    for pk in chosen:
        if pk not in slots:
            slots[pk] = next(free)
    return slots
