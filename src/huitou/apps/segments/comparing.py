"""What a segment's treatment earned against the members left out by lot; and who is left out now."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from django.db.models import Q

from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.segments.models import Comparison, ComparisonResult, Segment, SegmentMember
from huitou.core.value.holdout import NoComparison, Uplift, change_uplift, held_out
from huitou.warehouse.panel import Ints
from huitou.warehouse.queries.spend_change import spend_change
from huitou.warehouse.reader import NothingPublished

LEAST_DAYS = 7
NOT_BUILT, TOO_SOON, FAILED = "unbuilt", "soon", "failed"


@dataclass(frozen=True, slots=True)
class Told:
    """The comparison as of a day; uplift (fen per person) None: `refusal` says why (none, few, soon, unbuilt, failed)."""

    comparison: Comparison
    as_of: date | None
    days: int
    members: int
    held: int
    uplift: Uplift | None
    refusal: str


def comparison_of(segment: Segment) -> Comparison | None:
    """Return the comparison under way, else the last ended one."""
    return Comparison.objects.filter(segment=segment).order_by("-pk").first()


def left_out(segment: Segment, person_ids: Ints) -> npt.NDArray[np.bool_]:
    """Say which of these the lot of the comparison under way leaves out; nobody without one."""
    running = Comparison.objects.filter(segment=segment, ended_at=None).first()
    if running is None:
        return np.zeros(person_ids.size, dtype=np.bool_)
    return held_out(person_ids, running.held_share, running.pk)


def reach_code(store_ids: Collection[int] | None) -> str:
    """Name a set of stores, so that all who see the same ones share a result; empty for the whole chain."""
    return "" if store_ids is None else hashlib.sha256(",".join(map(str, sorted(store_ids))).encode()).hexdigest()


def comparison_kept(viewer: Viewer, comparison: Comparison) -> tuple[Told | None, bool]:
    """
    Return what was last counted for the viewer's stores (None: never), and whether that is of the day that is published now.
    """
    row = ComparisonResult.objects.filter(comparison=comparison, reach=reach_code(viewer.store_ids)).first()
    if row is None:
        return None, False
    uplift = None if row.uplift is None else Uplift(**row.uplift)
    told = Told(comparison, row.as_of, row.days, row.members, row.held, uplift, row.refusal)
    return told, row.as_of == published_day()


def published_day() -> date | None:
    """Return the last business day of the published version; None before the first."""
    try:
        with warehouse().read() as reading:
            return reading.as_of
    except NothingPublished:
        return None


def comparison_told(viewer: Viewer, comparison: Comparison) -> Told:
    """
    Compare the change in net spend of members sent to and left out, as many days before the first day as since it.

    Orders of the viewer's stores alone count. No uplift where there is nothing to compare with: a sentence instead. Reads every
    member: for jobs.
    """
    members = _members_at(comparison)
    out = held_out(members, comparison.held_share, comparison.pk)
    try:
        with warehouse().read() as reading:
            days = (reading.as_of - comparison.since).days + 1
            told = Told(comparison, reading.as_of, max(days, 0), members.size, int(out.sum()), None, TOO_SOON)
            if days < LEAST_DAYS:
                return told
            after, before = spend_change(
                reading.cursor, scope=viewer.scope(), person_ids=members.tolist(), since=comparison.since,
                as_of=reading.as_of,
            )  # fmt: skip
    except NothingPublished:
        return Told(comparison, None, 0, members.size, int(out.sum()), None, NOT_BUILT)
    change = (after - before).astype(np.float64)
    uplift, refusal = None, ""
    try:
        uplift = change_uplift(change[~out], change[out])
    except NoComparison as refused:
        refusal = refused.reason
    return Told(told.comparison, told.as_of, days, told.members, told.held, uplift, refusal)


def _members_at(comparison: Comparison) -> Ints:
    """Return who was in at the refresh, rising. An erased person is in no row any more."""
    rows = SegmentMember.objects.filter(segment_id=comparison.segment_id, joined_refresh_id__lte=comparison.refresh_id)
    rows = rows.filter(Q(left_refresh_id=None) | Q(left_refresh_id__gt=comparison.refresh_id)).order_by("person_id")
    return np.array(rows.values_list("person_id", flat=True), dtype=np.int64)
