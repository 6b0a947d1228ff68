"""Leave a share of a segment's members out of every send by lot, from a day on; and end that."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.models import Comparison, Segment

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
            _record("segment.comparison_begun", segment, viewer, now, {"held_share": held_share})
    except IntegrityError as error:
        raise NotComparable("running") from error
    return made


@transaction.atomic
def comparison_end(*, viewer: Viewer, segment: Segment, now: datetime) -> None:
    """End the comparison under way: nobody is left out any more, and what it told stays."""
    if Comparison.objects.filter(segment=segment, ended_at=None).update(ended_at=now):
        _record("segment.comparison_ended", segment, viewer, now, {})


def _record(action: str, segment: Segment, viewer: Viewer, now: datetime, detail: dict[str, float]) -> None:
    audit_record(
        action_code=action, subject_kind="segment", subject_id=segment.pk, user_id=viewer.user_id, now=now, detail=detail
    )
