"""Coupons given to whole segments: what came of each run, and what the next would come to. Counts only."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from huitou.apps.base import jobs
from huitou.apps.benefits.models import Coupon, CouponKind, IssueRun
from huitou.apps.benefits.services.issue import caps_room
from huitou.apps.benefits.services.runs import RUN_JOB, coupon_audience
from huitou.apps.benefits.terms import terms_of


@dataclass(frozen=True, slots=True)
class RunEstimate:
    """persons: who would be reached, of members; each: coupons for one. room: coupons that the caps leave, None without any."""

    members: int
    persons: int
    each: int
    worth_fen: int
    room: int | None

    @property
    def most_fen(self) -> int:
        return self.persons * self.each * self.worth_fen


def run_estimate(kind: CouponKind, *, segment_id: int, each: int, now: datetime) -> RunEstimate:
    """Return what giving a kind to a segment would come to. Raises IssueRefused: "segment", "inferred"."""
    audience = coupon_audience(segment_id=segment_id, now=now)
    persons = int(audience.person_ids.size)
    return RunEstimate(persons + audience.kept_out, persons, each, terms_of(kind).worth_fen or 0, caps_room(kind, now)[0])


def issue_runs(*, limit: int) -> QuerySet[IssueRun]:
    """Return the runs, newest first."""
    return IssueRun.objects.select_related("kind").order_by("-pk")[:limit]


def issue_run(run_id: int) -> IssueRun | None:
    return IssueRun.objects.select_related("kind").filter(pk=run_id).first()


def run_is_dead(run: IssueRun) -> bool:
    """Return whether nothing works on a run that has neither ended nor stands still: its job failed for good."""
    return run.ended_at is None and not run.stopped_code and not jobs.is_waiting(RUN_JOB, run_id=run.pk)


def run_standing(run: IssueRun) -> dict[str, int]:
    """Return how many coupons of a run are on each account (core.benefits.coupons.State)."""
    counted = Coupon.objects.filter(batch__run=run).values_list("state_code").annotate(count=Count("pk"))
    return dict(counted)
