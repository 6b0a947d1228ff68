"""What the segments app does when others act."""

from typing import Any

from huitou.apps.base import jobs
from huitou.apps.base.hooks import FactsPublished, PersonCopy, PersonErased, ValueComputed
from huitou.apps.segments.models import KnownPart, LookAlikeRank, Segment, SegmentList, SegmentMember
from huitou.apps.segments.queries import stays_of


def facts_published(published: FactsPublished) -> None:
    """Handle FACTS_PUBLISHED: plan the refresh of all segments when one has not looked at this version."""
    behind = Segment.objects.filter(archived_at=None).exclude(checked_version=published.version)
    if behind.exists():
        jobs.plan_once("segments.refresh_all", now=published.now)


def value_computed(computed: ValueComputed) -> None:
    """Handle VALUE_COMPUTED: rules may ask for tiers and scores."""
    if Segment.objects.filter(archived_at=None).exists():
        jobs.plan_once("segments.refresh_all", now=computed.now)


def person_erased(erased: PersonErased) -> None:
    """Handle ERASE: no trace of memberships; the lists are read from the rows at the next refresh."""
    stays = SegmentMember.objects.filter(person_id=erased.person_id)
    touched = list(stays.values_list("segment_id", flat=True))
    stays.delete()
    LookAlikeRank.objects.filter(person_id=erased.person_id).delete()
    SegmentList.objects.filter(segment_id__in=touched).update(refresh_id=None, ids=b"")
    KnownPart.objects.all().delete()  # the next look reads it again


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Handle PERSON_COPY: in which segments the person was, from when to when, and whom the person was found like."""
    ranks = LookAlikeRank.objects.filter(person_id=asked.person_id).select_related("look_alike__segment").order_by("pk")
    return {
        "look_alikes": [
            {
                "like": one.look_alike.segment.name,
                "rank": one.rank,
                "on": one.look_alike.as_of.isoformat() if one.look_alike.as_of else None,
            }
            for one in ranks
        ],
        "segments": [
            {
                "name": stay.name,
                "since": stay.since.isoformat(),
                "until": stay.until.isoformat() if stay.until else None,
            }
            for stay in stays_of(asked.person_id)
        ],
    }
