"""
Bring the members of segments to the version readers see: who joined, who left, in short transactions.

A refresh that was cut short leaves its rows and a list without a number; the next one compares the rows themselves and ends
its work. A refresh that changes nothing writes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np
from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.segments.catalogue import CHAIN_VIEWER
from huitou.apps.segments.counting import Counting, counting
from huitou.apps.segments.lists import NOBODY, list_hash, packed, unpacked
from huitou.apps.segments.models import Segment, SegmentList, SegmentMember, SegmentRefresh, SegmentVersion
from huitou.apps.segments.problems import problem_of
from huitou.core.filters.json_form import FilterError, parse
from huitou.warehouse.panel import Ints
from huitou.warehouse.reader import NothingPublished

_READ_ROWS = 50_000
_COLUMNS = ("segment_id", "person_id", "joined_refresh_id")


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What one refresh came to; joined and left are None where nothing changed. problem: why the rule was refused."""

    segment_id: int
    members: int
    joined: int | None = None
    left: int | None = None
    problem: str = ""


def segments_refresh(*, now: datetime) -> list[Refreshed]:
    """Refresh every segment that is not archived, by one reading; nothing before the first build."""
    try:
        with counting(CHAIN_VIEWER, now=now) as desk:
            return [_refresh(desk, segment, now) for segment in Segment.objects.filter(archived_at=None).order_by("pk")]
    except NothingPublished:
        return []


def segment_refresh(*, segment_id: int, now: datetime) -> Refreshed | None:
    """Refresh one segment; None before the first build, or when it is archived."""
    segment = Segment.objects.filter(pk=segment_id, archived_at=None).first()
    if segment is None:
        return None
    try:
        with counting(CHAIN_VIEWER, now=now) as desk:
            return _refresh(desk, segment, now)
    except NothingPublished:
        return None


def _refresh(desk: Counting, segment: Segment, now: datetime) -> Refreshed:
    """A rule that names what is gone keeps the members it had, with the reason beside them."""
    version = SegmentVersion.objects.get(segment=segment, number=segment.version_number)
    try:
        node = parse(version.rule, desk.catalogue)
    except FilterError as error:
        problem = problem_of(version.rule, desk.catalogue, error)[:400]
        _tell_problem(segment, problem)
        return Refreshed(segment.pk, 0, problem=problem)
    _tell_problem(segment, "")
    Segment.objects.filter(pk=segment.pk).update(checked_version=desk.reading.version.number)
    present, is_sure = _present(segment)
    found = desk.matching(desk.step(node)).ids()
    joined = _living(np.setdiff1d(found, present, assume_unique=True))
    left = np.setdiff1d(present, found, assume_unique=True)
    wanted = np.union1d(np.setdiff1d(present, left, assume_unique=True), joined)
    last = SegmentRefresh.objects.filter(pk=segment.refresh_id or 0).first()
    if is_sure and last is not None and last.version_number == version.number and not (joined.size or left.size):
        return Refreshed(segment.pk, wanted.size)
    refresh = SegmentRefresh.objects.create(
        segment=segment, version_number=version.number, facts_version=desk.reading.version.number, as_of=desk.reading.as_of,
        members=wanted.size, joined=joined.size, left=left.size, list_hash=list_hash(wanted), started_at=now,
    )  # fmt: skip
    SegmentList.objects.update_or_create(segment=segment, defaults={"refresh_id": None, "ids": packed(present)})
    _write(segment.pk, refresh.pk, joined, left)
    with transaction.atomic():
        SegmentList.objects.filter(segment=segment).update(refresh_id=refresh.pk, ids=packed(wanted))
        SegmentRefresh.objects.filter(pk=refresh.pk).update(ended_at=now)
        Segment.objects.filter(pk=segment.pk).update(refresh_id=refresh.pk)
    return Refreshed(segment.pk, wanted.size, joined.size, left.size)


def _present(segment: Segment) -> tuple[Ints, bool]:
    """Return who is in, and whether the last refresh that wrote rows also ended."""
    stored = SegmentList.objects.filter(segment=segment).first()
    if stored is None:
        return NOBODY, True
    if stored.refresh_id is not None:
        return unpacked(stored.ids), True
    rows = SegmentMember.objects.filter(segment_id=segment.pk, left_refresh_id=None).order_by("person_id")
    return np.fromiter(rows.values_list("person_id", flat=True).iterator(chunk_size=_READ_ROWS), dtype=np.int64), False


def _living(person_ids: Ints) -> Ints:
    """Return those who are still there: somebody who was just erased is in the store until the next fold."""
    living = persons_in_reach(CHAIN_VIEWER)
    found = [
        living.filter(pk__in_list=part).order_by("pk").values_list("pk", flat=True)
        for part in chunked(person_ids.tolist(), _READ_ROWS)
    ]
    return np.fromiter(chain.from_iterable(found), dtype=np.int64)


def _write(segment_id: int, refresh_id: int, joined: Ints, left: Ints) -> None:
    pace = Pace()
    for part in pace.cut(joined.tolist()):
        with transaction.atomic():
            rows = ((segment_id, person_id, refresh_id) for person_id in part)
            rows_write(SegmentMember, _COLUMNS, rows, skip=True)
    for part in Pace().cut(left.tolist()):
        with transaction.atomic():
            _end(segment_id, part, refresh_id)


def _end(segment_id: int, person_ids: Iterable[int], refresh_id: int) -> None:
    stays = SegmentMember.objects.filter(segment_id=segment_id, person_id__in_list=list(person_ids), left_refresh_id=None)
    stays.update(left_refresh_id=refresh_id)


def _tell_problem(segment: Segment, problem: str) -> None:
    if segment.problem != problem:
        Segment.objects.filter(pk=segment.pk).update(problem=problem)
