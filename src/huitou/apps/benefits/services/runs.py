"""
Coupons for a saved segment: by a job, part by part.

A part, its coupons and its counts are one transaction, so a kill loses nobody and gives nobody two. Where a cap is reached the
run stands still and can go on once there is room; what it gave can be taken back as long as nobody used it.
"""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from huitou.apps.accounts.queries import viewer_by_id
from huitou.apps.accounts.roles import Role
from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import chunked
from huitou.apps.base.idempotency import made_once
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.ledger import HELD
from huitou.apps.benefits.models import Coupon, CouponBatch, CouponKind, IssueRun, IssueRunPart, Occasion
from huitou.apps.benefits.services.issue import (
    IssueRefused,
    Place,
    caps_room,
    caps_take,
    coupon_withdraw,
    coupons_write,
)
from huitou.apps.benefits.services.packs import RETURN_PACK_COUPONS
from huitou.apps.benefits.terms import terms_of
from huitou.apps.customers.queries.facts import top_categories
from huitou.apps.customers.services import persons_hold
from huitou.apps.privacy.outreach import MARKETING, kept_out
from huitou.apps.segments.services import Audience, NoAudience, segment_audience
from huitou.core.benefits.coupons import State, usable_between
from huitou.core.periods import business_date

ISSUERS = frozenset({Role.ADMIN, Role.MARKETER})
OCCASIONS = (Occasion.GIFT, Occasion.RETURN_PACK)  # nobody of a segment asked for anything
PART = 200  # persons per transaction, about 50 ms
RUN_JOB, WITHDRAW_JOB = "benefits.run", "benefits.run_withdraw"

Progress = Callable[[int, int], None]  # persons done, of how many


def run_begin(
    *, viewer: Viewer, kind_id: int, segment_id: int, occasion: Occasion, run_key: str, now: datetime
) -> IssueRun:  # fmt: skip
    """
    Plan coupons for the members of a segment as last calculated, without those kept out. The same key again gives the same run.

    Raises IssueRefused: "role", "kind", "over", "segment" (no such one, or no list to use), "inferred" (its rule asks
    what is inferred), "pack" (one person may not hold three), "key" (used for something else).
    """
    _check_role(viewer)
    run = made_once(
        known=lambda: IssueRun.objects.filter(run_key=run_key).first(),
        make=lambda: _planned(viewer, kind_id, segment_id, occasion, run_key, now),
    )
    if (run.kind_id, run.segment_id, run.occasion_code) != (kind_id, segment_id, occasion):
        raise IssueRefused("key")
    return run


def coupon_audience(*, segment_id: int, now: datetime) -> Audience:
    """Return whom of a segment coupons may go to. Raises IssueRefused: "segment", "inferred"."""
    try:
        return segment_audience(segment_id=segment_id, today=business_date(now), sets_price=True)
    except NoAudience as error:
        raise IssueRefused("inferred" if error.reason == "inferred" else "segment") from error
    except ObjectDoesNotExist as error:
        raise IssueRefused("segment") from error


def _planned(viewer: Viewer, kind_id: int, segment_id: int, occasion: Occasion, run_key: str, now: datetime) -> IssueRun:
    kind = CouponKind.objects.filter(pk=kind_id, is_on=True).first()
    if kind is None or occasion not in OCCASIONS:
        raise IssueRefused("kind")
    if usable_between(terms_of(kind), now) is None:
        raise IssueRefused("over")
    if kind.person_most < _coupons_each(occasion):
        raise IssueRefused("pack", needed=_coupons_each(occasion))
    audience = coupon_audience(segment_id=segment_id, now=now)
    run = IssueRun.objects.create(
        kind=kind, occasion_code=occasion, segment_id=segment_id, refresh_id=audience.refresh_id, list_hash=audience.list_hash,
        run_key=run_key, author_id=viewer.user_id, asked=audience.person_ids.size + audience.kept_out,
        kept_out=audience.kept_out, made_at=now,
    )  # fmt: skip
    IssueRunPart.objects.bulk_create(
        [IssueRunPart(run=run, person_ids=part) for part in chunked(audience.person_ids.tolist(), PART)], batch_size=1_000
    )
    _audit("coupon.run", run, viewer.user_id, now, segment=segment_id, asked=run.asked)
    jobs.plan(RUN_JOB, now=now, run_id=run.pk)
    return run


@transaction.atomic
def run_resume(*, viewer: Viewer, run_id: int, now: datetime) -> IssueRun:
    """Let a run go on that stands still, or whose job failed. Raises IssueRefused: "role", "run" (none that has not ended)."""
    run = _open_run(viewer, run_id)
    run.stopped_code = ""
    run.save(update_fields=["stopped_code"])
    jobs.plan_once(RUN_JOB, now=now, run_id=run_id)
    return run


@transaction.atomic
def run_end(*, viewer: Viewer, run_id: int, now: datetime) -> IssueRun:
    """Give no more coupons of a run, whoever still waits. Raises IssueRefused: "role", "run"."""
    run = _open_run(viewer, run_id)
    IssueRunPart.objects.filter(run=run).delete()
    return _ended(run, now, by=viewer.user_id)


@transaction.atomic
def run_withdraw(*, viewer: Viewer, run_id: int, now: datetime) -> IssueRun:
    """
    End a run and take back, by a job, every coupon of it that nobody used. Raises IssueRefused: "role", "run" (no such run).
    """
    _check_role(viewer)
    run = IssueRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise IssueRefused("run")
    if run.ended_at is None:
        IssueRunPart.objects.filter(run=run).delete()
        _ended(run, now, by=viewer.user_id)
    run.withdrawn_at = run.withdrawn_at or now
    run.save(update_fields=["withdrawn_at"])
    _audit("coupon.run_withdrawn", run, viewer.user_id, now)
    jobs.plan_once(WITHDRAW_JOB, now=now, run_id=run_id, by=viewer.user_id)
    return run


def run_go_on(*, run_id: int, now: datetime, progress: Progress) -> IssueRun:
    """Do the parts that wait, with what the author may do now, until none is left or a cap is reached."""
    author = viewer_by_id(IssueRun.objects.values_list("author_id", flat=True).get(pk=run_id))
    while True:
        run = _part_done(run_id, author, now)
        if run.ended_at is not None or run.stopped_code:
            return run
        progress(run.asked - run.waiting, run.asked)


def withdraw_go_on(*, run_id: int, by: int, now: datetime) -> int:
    """Take back the coupons of a run that nobody used, one by one; return how many."""
    viewer, count = viewer_by_id(by), 0
    _check_role(viewer)
    open_ones = Coupon.objects.filter(batch__run_id=run_id, state_code__in=[State.USABLE, State.SET_ASIDE])
    for coupon_id in list(open_ones.order_by("pk").values_list("pk", flat=True)):
        try:
            coupon_withdraw(viewer=viewer, coupon_id=coupon_id, now=now)
            count += 1
        except IssueRefused:  # used, or its person gone, in the meantime
            continue
    return count


@transaction.atomic
def _part_done(run_id: int, author: Viewer, now: datetime) -> IssueRun:
    """Do one part that waits; without one, end the run."""
    run = IssueRun.objects.select_for_update().get(pk=run_id)
    part = IssueRunPart.objects.filter(run=run).order_by("pk").first()
    if run.ended_at is not None or run.stopped_code:
        return run
    if part is None:
        return _ended(run, now)
    if author.role_code not in ISSUERS:
        return _stopped(run, "role", now)
    reached = persons_hold(author, part.person_ids)  # before the kind: as whoever issues one coupon
    kind = CouponKind.objects.select_for_update().get(pk=run.kind_id)
    if not kind.is_on or usable_between(terms_of(kind), now) is None:
        return _stopped(run, "kind" if not kind.is_on else "over", now)
    out = kept_out(MARKETING, today=business_date(now), person_ids=reached)
    asked = [one for one in reached if one not in out]
    chosen = _categories(run, author, asked)
    slots = _slots(kind, [one for one in asked if one in chosen], _coupons_each(run.occasion_code))
    takers = sorted(slots)
    room, cap = caps_room(kind, now)
    served = takers if room is None else takers[: max(room, 0) // _coupons_each(run.occasion_code)]
    _give(run, kind, {one: (chosen[one], slots[one]) for one in served}, now)
    run.gone += len(part.person_ids) - len(reached)
    run.kept_out += len(reached) - len(asked)
    run.unfit += len(asked) - len(chosen)
    run.held += len(chosen) - len(takers)
    run.issued += len(served)
    run.save(update_fields=["gone", "kept_out", "unfit", "held", "issued"])
    if len(served) < len(takers):
        part.person_ids = takers[len(served) :]
        part.save(update_fields=["person_ids"])
        return _stopped(run, cap, now)
    part.delete()
    return run


def _give(
    run: IssueRun, kind: CouponKind, served: dict[int, tuple[tuple[int | None, ...], list[int]]], now: datetime
) -> None:  # fmt: skip
    if not served:
        return
    places = [
        Place(person_id, f"run:{run.pk}:{person_id}/{number}", category_id, slot)
        for person_id, (categories, slots) in served.items()
        for number, (category_id, slot) in enumerate(zip(categories, slots, strict=True), start=1)
    ]
    caps_take(kind, len(places), now)
    batch = CouponBatch.objects.create(purpose_code=run.occasion_code, run=run, at=now, by=run.author_id)
    coupons_write(kind, batch, places, now)


def _categories(run: IssueRun, author: Viewer, person_ids: list[int]) -> dict[int, tuple[int | None, ...]]:
    """Return for whom there is something to give, with the category of each coupon; None leaves the kind's own."""
    if run.occasion_code != Occasion.RETURN_PACK:
        return dict.fromkeys(person_ids, (None,))
    told = top_categories(author, person_ids)
    return {one: tuple(told[one]) for one in person_ids if len(told.get(one, ())) == RETURN_PACK_COUPONS}


def _slots(kind: CouponKind, person_ids: list[int], each: int) -> dict[int, list[int]]:
    """Return free places of those who may hold so many more of the kind."""
    taken: dict[int, list[int | None]] = {one: [] for one in person_ids}
    held = Coupon.objects.filter(kind=kind, person_id__in_list=person_ids, state_code__in=HELD)
    for person_id, slot in held.values_list("person_id", "slot"):
        if person_id is not None:
            taken[person_id].append(slot)
    places = range(1, kind.person_most + 1)
    return {
        one: [number for number in places if number not in slots][:each]
        for one, slots in taken.items()
        if len(slots) + each <= kind.person_most
    }


def _coupons_each(occasion: str) -> int:
    return RETURN_PACK_COUPONS if occasion == Occasion.RETURN_PACK else 1


def _stopped(run: IssueRun, code: str, now: datetime) -> IssueRun:
    run.stopped_code = code
    run.save(update_fields=["stopped_code"])
    _audit("coupon.run_stopped", run, run.author_id, now, why=code, issued=run.issued)
    return run


def _ended(run: IssueRun, now: datetime, *, by: int | None = None) -> IssueRun:
    run.ended_at, run.stopped_code = now, ""
    run.save(update_fields=["ended_at", "stopped_code"])
    counts = {name: getattr(run, name) for name in ("issued", "held", "kept_out", "unfit", "gone", "waiting")}
    _audit("coupon.run_ended", run, by or run.author_id, now, **counts)
    return run


def _open_run(viewer: Viewer, run_id: int) -> IssueRun:
    _check_role(viewer)
    run = IssueRun.objects.select_for_update().filter(pk=run_id, ended_at=None).first()
    if run is None:
        raise IssueRefused("run")
    return run


def _check_role(viewer: Viewer) -> None:
    if viewer.role_code not in ISSUERS:
        raise IssueRefused("role")


def _audit(action: str, run: IssueRun, user_id: int, now: datetime, **counts: object) -> None:
    audit_record(action_code=action, subject_kind="coupon_run", subject_id=run.pk, now=now, user_id=user_id, **counts)
