"""Read segments: their versions, their refreshes, in which one person is."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.segments.counting import Counting
from huitou.apps.segments.lists import unpacked
from huitou.apps.segments.models import LookAlike, Segment, SegmentList, SegmentMember, SegmentRefresh, SegmentVersion
from huitou.core.filters.plan import EVERY_ROW


@dataclass(frozen=True, slots=True)
class Stay:
    """
    One stay of a person in a segment. since and until are business days; is_open: the person is in now.

    since is the day of the first calculation where the person was in from the start.
    """

    segment_id: int
    name: str
    version_number: int
    since: date
    until: date | None
    is_open: bool


def segments() -> QuerySet[Segment]:
    """Return the segments that are not archived, by name."""
    return Segment.objects.filter(archived_at=None).order_by("name")


def segment_of(segment_id: int) -> Segment | None:
    return segments().filter(pk=segment_id).first()


def look_alikes(*, limit: int = 50) -> QuerySet[LookAlike]:
    """Return the searches for look-alikes, newest first."""
    return LookAlike.objects.select_related("segment").order_by("-pk")[:limit]


def look_alike_of(look_alike_id: int) -> LookAlike | None:
    return LookAlike.objects.select_related("segment").filter(pk=look_alike_id).first()


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """Return the versions, newest first."""
    return SegmentVersion.objects.filter(segment=segment).order_by("-number")


def rule_of(segment: Segment) -> object:
    """Return the rule in force as decoded JSON."""
    return SegmentVersion.objects.get(segment=segment, number=segment.version_number).rule


def refreshes_of(segment: Segment, *, limit: int = 30) -> QuerySet[SegmentRefresh]:
    """Return the refreshes that changed something and ended, newest first."""
    return SegmentRefresh.objects.filter(segment=segment, ended_at__isnull=False).order_by("-pk")[:limit]


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many members a segment had by the data of one business day, and by which version of its rule."""

    day: date
    members: int
    version_number: int


def members_by_day(segment: Segment, *, until: date, days: int) -> list[DayCount]:
    """
    Return the members of the last `days` business days up to `until`, in order; days before the first calculation are left out.

    A day without a calculation of its own changed nobody: it has the members of the day before.
    """
    first = until - timedelta(days=days - 1)
    ended = SegmentRefresh.objects.filter(segment=segment, ended_at__isnull=False, as_of__lte=until).order_by("pk")
    before = ended.filter(as_of__lt=first).last()
    by_day = {one.as_of: one for one in ended.filter(as_of__gte=first)}  # the last of a day stays
    found: list[DayCount] = []
    standing = before
    for day in (first + timedelta(days=number) for number in range(days)):
        standing = by_day.get(day, standing)
        if standing is not None:
            found.append(DayCount(day, standing.members, standing.version_number))
    return found


def last_refresh(segment: Segment) -> SegmentRefresh | None:
    return SegmentRefresh.objects.filter(pk=segment.refresh_id or 0).first()


def stays_of(person_id: int) -> list[Stay]:
    """Return every stay of a person, open ones first, then the latest. For the person's copy; screens ask stays_in_reach."""
    stays = list(SegmentMember.objects.filter(person_id=person_id))
    ends = {one for stay in stays for one in (stay.joined_refresh_id, stay.left_refresh_id) if one}
    refreshes = SegmentRefresh.objects.in_bulk(ends)
    names = dict(Segment.objects.filter(pk__in={stay.segment_id for stay in stays}).values_list("pk", "name"))
    found = [_stay(stay, names[stay.segment_id], refreshes) for stay in stays if stay.joined_refresh_id in refreshes]
    return sorted(found, key=lambda stay: (not stay.is_open, -stay.since.toordinal(), stay.name))


def stays_in_reach(viewer: Viewer, person_id: int) -> list[Stay]:
    """Return the stays of a person that the viewer sees, in segments that are still kept; nothing out of reach."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    kept = set(segments().values_list("pk", flat=True))
    return [stay for stay in stays_of(person_id) if stay.segment_id in kept]


def members_in_reach(desk: Counting, viewer: Viewer, segment: Segment) -> int | None:
    """Return how many members of the last refresh the viewer sees; None before the first."""
    stored = SegmentList.objects.filter(segment=segment, refresh_id__isnull=False).first()
    if stored is None:
        return None
    members = unpacked(stored.ids)
    if viewer.store_ids is None:
        return int(members.size)
    return (desk.population.chosen(members) & desk.matching(EVERY_ROW)).count


def moved(refresh: SegmentRefresh, *, joined: bool, limit: int = 1_000) -> list[int]:
    """Return the persons that a refresh brought in, or took out, by id."""
    column = "joined_refresh_id" if joined else "left_refresh_id"
    rows = SegmentMember.objects.filter(segment_id=refresh.segment_id, **{column: refresh.pk})
    return list(rows.order_by("person_id").values_list("person_id", flat=True)[:limit])


def _stay(stay: SegmentMember, name: str, refreshes: dict[int, SegmentRefresh]) -> Stay:
    joined = refreshes[stay.joined_refresh_id]
    left = refreshes.get(stay.left_refresh_id or 0)
    return Stay(
        segment_id=stay.segment_id,
        name=name,
        version_number=joined.version_number,
        since=joined.as_of,
        until=left.as_of if left else None,
        is_open=stay.left_refresh_id is None,
    )
