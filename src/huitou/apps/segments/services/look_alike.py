"""Look for customers like the members of a segment; the likest are kept in order, and so many of them become a segment."""

from datetime import datetime

import numpy as np
from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.scope import Viewer
from huitou.apps.privacy.outreach import PERSONAL, kept_out
from huitou.apps.segments.fields import ALIKE_PREFIX
from huitou.apps.segments.lists import NOBODY, unpacked
from huitou.apps.segments.models import LookAlike, LookAlikeRank, Segment, SegmentList
from huitou.apps.segments.services.save import segment_create
from huitou.apps.value.queries import habits_of_everybody
from huitou.core.periods import business_date
from huitou.core.value import look_alike as core

MOST_KEPT = 50_000
_COLUMNS = ("look_alike", "person_id", "rank")


class LookAlikeNotAsked(Exception):
    """The search is not planned; `reason` is a stored code: uncounted (no member was counted yet)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SizeOutOfRange(Exception):
    """The segment would hold nobody, or more than were kept."""


@transaction.atomic
def look_alike_ask(*, viewer: Viewer, segment: Segment, now: datetime) -> LookAlike:
    """Plan the search for customers like the members of a segment. Raises LookAlikeNotAsked."""
    if not SegmentList.objects.filter(segment=segment, refresh_id__isnull=False).exists():
        raise LookAlikeNotAsked("uncounted")
    asked = LookAlike.objects.create(segment=segment, asked_by=viewer.user_id, asked_at=now)
    audit_record(
        action_code="look_alike.asked", subject_kind="segment", subject_id=segment.pk, user_id=viewer.user_id, now=now
    )  # fmt: skip
    jobs.plan_once("segments.look_alike", now=now, look_alike_id=asked.pk)
    return asked


def look_alike_run(*, look_alike_id: int, now: datetime, pace: Pace | None = None) -> LookAlike:
    """Search, keep the likest 50,000 in order, or why there are none. Running it again replaces what was kept."""
    row = LookAlike.objects.get(pk=look_alike_id)
    stored = SegmentList.objects.filter(segment_id=row.segment_id, refresh_id__isnull=False).first()
    members = NOBODY if stored is None else unpacked(stored.ids)
    ids, habits = habits_of_everybody()
    out = np.array(sorted(kept_out(PERSONAL, today=business_date(now))), dtype=np.int64)
    asked = ~np.isin(ids, out)  # who is kept out neither teaches nor is found
    ids, habits = ids[asked], habits[asked]
    seeds = np.isin(ids, members)
    row.seeds, row.auc, row.lowest_auc, row.refusal, row.kept = int(seeds.sum()), None, None, "", 0
    likest: list[int] = []
    try:
        found = core.look_alike(ids, habits, seeds)
        row.auc, row.lowest_auc = found.auc, found.lowest_auc
        likest = found.person_ids[:MOST_KEPT].tolist()
    except core.LookAlikeRefused as refused:
        row.refusal, row.auc = refused.reason, refused.auc
    _keep(row, likest, pace or Pace())
    row.kept, row.as_of, row.computed_at = len(likest), business_date(now), now
    row.save()
    return row


def look_alike_keep(*, viewer: Viewer, look_alike: LookAlike, name: str, size: int, now: datetime) -> Segment:
    """Save the likest `size` as a segment. Raises SizeOutOfRange, NameTaken."""
    if look_alike.computed_at is None or not 0 < size <= look_alike.kept:
        raise SizeOutOfRange(size)
    rule = {"field": f"{ALIKE_PREFIX}{look_alike.pk}", "op": "lte", "value": size}
    return segment_create(viewer=viewer, name=name, rule=rule, now=now)


def _keep(row: LookAlike, likest: list[int], pace: Pace) -> None:
    old = LookAlikeRank.objects.filter(look_alike=row)
    while ids := list(old.values_list("pk", flat=True)[:5_000]):
        old.filter(pk__in_list=ids).delete()
    for chunk in pace.cut((row.pk, person_id, rank) for rank, person_id in enumerate(likest, start=1)):
        with transaction.atomic():
            rows_write(LookAlikeRank, _COLUMNS, chunk)
