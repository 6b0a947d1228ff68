"""That somebody is in a segment, as a field of customers."""

from collections.abc import Iterator

from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.catalogue import SEGMENT_FIELD
from huitou.apps.segments.models import LookAlike, Segment
from huitou.core.filters.catalogue import Field, FieldType, Rows
from huitou.core.labels import Label

ALIKE_PREFIX = "alike_"  # before the id of a search for look-alikes
GROUP = Label("人群", "Segments")
_FIELD = Field(
    SEGMENT_FIELD,
    Label("人群", "Segment"),
    FieldType.REFERENCE,
    orm_path="segment_id",
    rows=Rows("segments.SegmentMember", "person_id", (("left_refresh_id__isnull", True),)),
)


def memberships(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field `segment` once one has been calculated; everybody who sees customers may ask."""
    if segment_names():
        yield FieldEntry(_FIELD, GROUP, names=lambda one: segment_names())


def look_alike_ranks(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the place in each search for look-alikes that found any, the newest first."""
    for one in LookAlike.objects.filter(kept__gt=0).select_related("segment").order_by("-pk"):
        day = "" if one.as_of is None else one.as_of.isoformat()
        field = Field(
            f"{ALIKE_PREFIX}{one.pk}",
            Label(f"相似名次：{one.segment.name} {day}", f"Look-alike rank: {one.segment.name} {day}"),
            FieldType.INTEGER,
            orm_path="rank",
            minimum=1,
            maximum=one.kept,
            rows=Rows("segments.LookAlikeRank", "person_id", (("look_alike_id", one.pk),)),
        )
        yield FieldEntry(field, GROUP)


def segment_names() -> dict[int, str]:
    """Return the names of the segments that have members to ask for, by id, in order of name."""
    live = Segment.objects.filter(archived_at=None, refresh_id__isnull=False)
    return dict(live.order_by("name").values_list("pk", "name"))
