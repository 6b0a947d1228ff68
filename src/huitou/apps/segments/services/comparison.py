"""Leave a share of a segment's members out of every send by lot, from a day on; end that; and count what it told."""

from collections.abc import Collection
from dataclasses import asdict
from datetime import date, datetime

from django.db import IntegrityError, transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.comparing import FAILED, Told, comparison_told, published_day, reach_code
from huitou.apps.segments.models import Comparison, ComparisonResult, Segment

COUNT_JOB = "segments.compare"
SHARES = (0.05, 0.1, 0.2, 0.5)


class NotComparable(Exception):
    """No comparison can begin; `reason`: "list" (no members calculated yet) or "running" (one is under way)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def comparison_begin(*, viewer: Viewer, segment: Segment, held_share: float, today: date, now: datetime) -> Comparison:
    """
    Begin with the members of the last refresh. held_share: one of SHARES. Raises NotComparable, ValueError on another share.
    """
    if held_share not in SHARES:
        raise ValueError(f"{held_share} is none of {SHARES}")
    if segment.refresh_id is None:
        raise NotComparable("list")
    try:
        with transaction.atomic():
            made = Comparison.objects.create(
                segment=segment, refresh_id=segment.refresh_id, held_share=held_share, since=today, begun_by=viewer.user_id,
                begun_at=now,
            )  # fmt: skip
            _record("segment.comparison_begun", segment, viewer, now, held_share=held_share)
    except IntegrityError as error:
        raise NotComparable("running") from error
    return made


@transaction.atomic
def comparison_end(*, viewer: Viewer, segment: Segment, now: datetime) -> None:
    """End the comparison under way: nobody is left out any more, and what it told stays."""
    if Comparison.objects.filter(segment=segment, ended_at=None).update(ended_at=now):
        _record("segment.comparison_ended", segment, viewer, now)


def comparison_ask(*, viewer: Viewer, comparison: Comparison, now: datetime) -> None:
    """Plan the count for the viewer's stores, unless it waits already."""
    stores = None if viewer.store_ids is None else sorted(viewer.store_ids)
    jobs.plan_once(COUNT_JOB, now=now, comparison_id=comparison.pk, store_ids=stores)


def comparison_count(*, comparison_id: int, store_ids: Collection[int] | None, now: datetime) -> ComparisonResult:
    """
    Count a comparison as of the published day over the orders of these stores (None: all) and keep it.

    An error is raised on; it says so where figures would stand, and leaves those that were counted before, with their day.
    """
    comparison = Comparison.objects.get(pk=comparison_id)
    try:
        told = comparison_told(Viewer(0, "", None if store_ids is None else frozenset(store_ids)), comparison)
    except Exception:
        if not ComparisonResult.objects.filter(comparison=comparison, reach=reach_code(store_ids), refusal="").exists():
            _keep(Told(comparison, None, 0, 0, 0, None, FAILED), store_ids, now)
        raise
    return _keep(told, store_ids, now)


def _keep(told: Told, store_ids: Collection[int] | None, now: datetime) -> ComparisonResult:
    made, _ = ComparisonResult.objects.update_or_create(
        comparison=told.comparison, reach=reach_code(store_ids),
        defaults={
            "store_ids": None if store_ids is None else sorted(store_ids), "as_of": told.as_of, "days": told.days,
            "members": told.members, "held": told.held, "uplift": None if told.uplift is None else asdict(told.uplift),
            "refusal": told.refusal, "counted_at": now,
        },
    )  # fmt: skip
    return made


def comparisons_plan(*, now: datetime) -> int:
    """
    Plan counts anew of what somebody looked at of the comparisons under way, once the published day moved on; return how many.
    Each is a job of its own: one that fails keeps none of the others.
    """
    behind = ComparisonResult.objects.filter(comparison__ended_at=None).exclude(as_of=published_day())
    asked = list(behind.order_by("pk").values_list("comparison_id", "store_ids"))
    for comparison_id, store_ids in asked:
        jobs.plan_once(COUNT_JOB, now=now, comparison_id=comparison_id, store_ids=store_ids)
    return len(asked)


def _record(action: str, segment: Segment, viewer: Viewer, now: datetime, **detail: float) -> None:
    audit_record(action_code=action, subject_kind="segment", subject_id=segment.pk, user_id=viewer.user_id, now=now, **detail)
