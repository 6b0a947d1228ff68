"""Give a coupon to a person, within the caps of its kind; and take one back."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.ledger import HELD, entry_write, holdings_settle
from huitou.apps.benefits.models import Coupon, CouponBatch, CouponEntry, CouponKind, EntryKind, IssueDay, Occasion
from huitou.apps.benefits.terms import terms_of
from huitou.apps.customers.services import person_hold
from huitou.apps.privacy.outreach import MARKETING, kept_out
from huitou.core.benefits.coupons import State, last_day, usable_between
from huitou.core.labels import Refusal, mark
from huitou.core.money import yuan_text
from huitou.core.periods import business_date

_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without those that a cashier mistakes for others
CODE_LENGTH = 16  # 79 bits
SENTENCES = {
    "not_found": mark("这位顾客不在您的可见范围内，或者档案已经合并、删除。"),
    "kept_out": mark("这位顾客不接受营销、未满 14 岁或正在等待删除，只能在顾客自己要求时发券。"),
    "role": mark("发券由总部营销或管理员来做。"),
    "segment": mark("这个人群没有可以用的名单：没有算过、正在改规则、已归档，或者名单里没有人。"),
    "inferred": mark("这个人群的条件里有推断的属性：推断只用来了解顾客，不用来决定谁付多少钱。请去掉这些条件再发券。"),
    "pack": mark("礼包每人 {needed} 张，请先把这种券的每人上限调到 {needed} 张以上。"),
    "run": mark("没有这次批量发券，或者它已经结束。"),
    "kind": mark("没有这种券，或者它已经停发。"),
    "key": mark("这个发券编号已经用在另一位顾客或另一种券上，请换一个编号。"),
    "over": mark("这种券的最后可用日已经过了，请改用别的券种。"),
    "person_most": mark("这位顾客已经领过 {most} 张，达到每人上限。"),
    "day_most": mark("今天已经发满 {most} 张，请明天再发或调高每日上限。"),
    "budget": mark("预算 {budget} 元不够再发一张，请调高预算或停发。"),
    "categories": mark("这位顾客买过的品类不到 {needed} 个，发不了按品类的礼包。"),
    "used": mark("这张券已经用过或已经收回，不能再收回。"),
}


class IssueRefused(Refusal):
    """No coupon is issued or taken back; `reason` is a stored code."""

    def __init__(self, reason: str, **values: object) -> None:
        super().__init__(SENTENCES[reason], **values)
        self.reason = reason


@transaction.atomic
def coupon_issue(*, viewer: Viewer, person_id: int, kind_id: int, issue_key: str, occasion: Occasion, now: datetime) -> Coupon:
    """
    Give a living person in reach one coupon of a kind. Issuing again under the same key gives the same coupon.

    Raises IssueRefused; then nothing is written.
    """
    (coupon,) = coupons_issue(
        viewer=viewer, person_id=person_id, kind_id=kind_id, issue_keys=[issue_key], occasion=occasion, now=now
    )
    return coupon


@transaction.atomic
def coupons_issue(
    *,
    viewer: Viewer,
    person_id: int,
    kind_id: int,
    issue_keys: Collection[str],
    occasion: Occasion,
    now: datetime,
    category_ids: Collection[int | None] = (None,),
) -> list[Coupon]:
    """
    Give a living person in reach as many coupons of a kind as there are keys, all or none, in one batch.

    category_ids: one for each key; None leaves the kind's own. Keys used before for the same give the same coupons. Whom the gate
    of outreach keeps out gets only what they asked for. Raises IssueRefused.
    """
    if not person_hold(viewer, person_id):
        raise IssueRefused("not_found")
    kind = CouponKind.objects.select_for_update().filter(pk=kind_id).first()  # whoever issues this kind comes one by one
    if kind is None:
        raise IssueRefused("kind")
    known = list(Coupon.objects.filter(issue_key__in=issue_keys).order_by("pk"))
    if known:
        if len(known) != len(issue_keys) or any((one.kind_id, one.person_id) != (kind_id, person_id) for one in known):
            raise IssueRefused("key")
        return known
    if not kind.is_on:
        raise IssueRefused("kind")
    if occasion != Occasion.ASKED and kept_out(MARKETING, today=business_date(now), person_ids=[person_id]):
        raise IssueRefused("kept_out")
    if usable_between(terms_of(kind), now) is None:
        raise IssueRefused("over")
    slots = _slots_free(kind, person_id, len(issue_keys))
    caps_take(kind, len(issue_keys), now)
    batch = CouponBatch.objects.create(purpose_code=occasion, at=now, by=viewer.user_id)
    places = zip(issue_keys, category_ids, slots, strict=True)
    issued = coupons_write(kind, batch, [Place(person_id, key, category_id, slot) for key, category_id, slot in places], now)
    audit_record(
        action_code="coupon.issued", subject_kind="person", subject_id=person_id, now=now, user_id=viewer.user_id,
        kind=kind.code, occasion=occasion, coupons=[one.pk for one in issued],
    )  # fmt: skip
    return issued


@transaction.atomic
def coupon_withdraw(*, viewer: Viewer, coupon_id: int, now: datetime) -> Coupon:
    """Take back a coupon that nobody used; its cost goes back to the budget. Raises IssueRefused: "not_found", "used"."""
    coupon = Coupon.objects.select_related("kind").filter(pk=coupon_id).first()
    if coupon is None or coupon.person_id is None or not person_hold(viewer, coupon.person_id):
        raise IssueRefused("not_found")
    coupon.refresh_from_db()
    if coupon.state_code not in (State.USABLE, State.SET_ASIDE):
        raise IssueRefused("used")
    if entry_write(coupon, EntryKind.WITHDRAWN, at=now, changes={"slot": None}, by=viewer.user_id) is None:
        raise IssueRefused("used")
    worth = terms_of(coupon.kind).worth_fen or 0
    CouponKind.objects.filter(pk=coupon.kind_id).update(committed_fen=F("committed_fen") - worth)
    holdings_settle(coupon.kind_id, coupon.person_id, at=now, by=viewer.user_id)
    audit_record(
        action_code="coupon.withdrawn", subject_kind="person", subject_id=coupon.person_id, now=now, user_id=viewer.user_id,
        kind=coupon.kind.code, coupons=[coupon.pk],
    )  # fmt: skip
    return coupon


def _code() -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(CODE_LENGTH))


def _slots_free(kind: CouponKind, person_id: int, count: int) -> list[int]:
    held = Coupon.objects.filter(kind=kind, person_id=person_id, state_code__in=HELD)
    if held.count() + count > kind.person_most:
        raise IssueRefused("person_most", most=kind.person_most)
    taken = set(held.exclude(slot=None).values_list("slot", flat=True))
    return [number for number in range(1, kind.person_most + 1) if number not in taken][:count]


@dataclass(frozen=True, slots=True)
class Place:
    """One coupon to be written: whose, under which key, for which category, at which place among the person's own."""

    person_id: int
    issue_key: str
    category_id: int | None
    slot: int


def coupons_write(kind: CouponKind, batch: CouponBatch, places: Sequence[Place], now: datetime) -> list[Coupon]:
    """Write coupons whose caps are taken, and the first line of each. Raises IssueRefused "over": the kind's time is past."""
    window = usable_between(terms_of(kind), now)
    if window is None:
        raise IssueRefused("over")
    issued = Coupon.objects.bulk_create(
        Coupon(
            kind=kind, batch=batch, code=_code(), issue_key=place.issue_key, person_id=place.person_id,
            issued_to_id=place.person_id, slot=place.slot, person_most=kind.person_most, category_id=place.category_id,
            issued_at=now, issued_on=business_date(now), usable_from=window[0], expires_at=window[1],
            last_day=last_day(window[1]),
        )
        for place in places
    )  # fmt: skip
    CouponEntry.objects.bulk_create(
        CouponEntry(
            coupon=coupon, number=1, kind_code=EntryKind.ISSUED, to_code=State.USABLE, person_id=coupon.person_id, at=now,
            by=batch.by,
        )
        for coupon in issued
    )  # fmt: skip
    return issued


def caps_room(kind: CouponKind, now: datetime) -> tuple[int | None, str]:
    """Return how many coupons of a kind may still be issued now (None: no limit), and which cap says so."""
    rooms = []
    if kind.day_most is not None:
        taken = IssueDay.objects.filter(kind=kind, day=business_date(now)).values_list("issued_count", flat=True).first()
        rooms.append((kind.day_most - (taken or 0), "day_most"))
    worth = terms_of(kind).worth_fen or 0
    if kind.budget_fen is not None and worth:
        rooms.append(((kind.budget_fen - kind.committed_fen) // worth, "budget"))
    return min(rooms, default=(None, ""))


def caps_take(kind: CouponKind, count: int, now: datetime) -> None:
    """Take from the day and from the budget by conditional updates; the constraints of both tables stand behind them."""
    if kind.day_most is not None:
        day, _is_new = IssueDay.objects.get_or_create(kind=kind, day=business_date(now), defaults={"most": kind.day_most})
        room = IssueDay.objects.filter(pk=day.pk, issued_count__lte=kind.day_most - count)
        if room.update(issued_count=F("issued_count") + count, most=kind.day_most) != 1:
            raise IssueRefused("day_most", most=kind.day_most)
    cost = (terms_of(kind).worth_fen or 0) * count
    room_left = CouponKind.objects.filter(pk=kind.pk)
    if kind.budget_fen is not None:
        room_left = room_left.filter(committed_fen__lte=kind.budget_fen - cost)
    if room_left.update(issued_count=F("issued_count") + count, committed_fen=F("committed_fen") + cost) != 1:
        raise IssueRefused("budget", budget=yuan_text(kind.budget_fen or 0))
