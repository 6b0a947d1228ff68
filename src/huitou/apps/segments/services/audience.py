"""Whom a send goes to: the one way to turn a segment into a list of persons."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from huitou.apps.privacy.outreach import MARKETING, kept_out
from huitou.apps.segments.comparing import left_out
from huitou.apps.segments.inferred import rests_on_inferred
from huitou.apps.segments.lists import list_hash, unpacked
from huitou.apps.segments.models import Segment, SegmentList, SegmentRefresh
from huitou.warehouse.panel import Ints


class NoAudience(Exception):
    """The segment has no list that a send may use; `reason` is archived, refused, not_calculated, inferred or empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Audience:
    """
    The members at one refresh without those kept out, by the gate or by the lot of a comparison (how many: `kept_out`). Whoever
    sends stores the version, the refresh and the hash of the list with the send.
    """

    segment_id: int
    version_number: int
    refresh_id: int
    list_hash: str
    person_ids: Ints
    kept_out: int


def segment_audience(*, segment_id: int, today: date, purpose: str = MARKETING, sets_price: bool = False) -> Audience:
    """
    Return whom of the last refresh that ended well a send for a purpose may reach on a day (privacy.outreach).

    sets_price: the send changes what its receivers pay. What is only inferred of people never decides that.
    Raises NoAudience, Segment.DoesNotExist.
    """
    segment = Segment.objects.get(pk=segment_id)
    stored = SegmentList.objects.filter(segment=segment, refresh_id__isnull=False).first()
    if segment.archived_at is not None:
        raise NoAudience("archived")
    if segment.problem:
        raise NoAudience("refused")
    if stored is None or stored.refresh_id is None:
        raise NoAudience("not_calculated")
    refresh = SegmentRefresh.objects.get(pk=stored.refresh_id)
    if refresh.version_number != segment.version_number:
        raise NoAudience("not_calculated")
    rule = segment.versions.get(number=segment.version_number).rule
    if sets_price and rests_on_inferred(rule):
        raise NoAudience("inferred")
    members = unpacked(stored.ids)
    out = kept_out(purpose, today=today, person_ids=members.tolist())
    person_ids = members[~np.isin(members, sorted(out)) & ~left_out(segment, members)]
    if person_ids.size == 0:
        raise NoAudience("empty")
    return Audience(
        segment.pk, refresh.version_number, refresh.pk, list_hash(person_ids), person_ids, int(members.size - person_ids.size)
    )
