"""Whether a rule rests on what is only inferred of people: directly, or by way of a segment or a search for look-alikes."""

from typing import Any as Json

from huitou.apps.segments.catalogue import SEGMENT_FIELD
from huitou.apps.segments.fields import ALIKE_PREFIX
from huitou.apps.segments.models import LookAlike, Segment, SegmentVersion
from huitou.apps.segments.problems import leaves_asked
from huitou.apps.value.fields import INFERRED_PREFIX


def rests_on_inferred(rule: Json, *, known: frozenset[int] = frozenset()) -> bool:
    """
    Return whether a stored rule asks what is inferred. Of a segment behind it every version counts: members and ranks of an older
    one may still stand.

    known: ids of segments that were looked at, as rules may ask for each other's look-alikes.
    """
    leaves = leaves_asked(rule)
    if any(str(leaf.get("field")).startswith(INFERRED_PREFIX) for leaf in leaves):
        return True
    behind = frozenset[int]().union(*map(_segments_behind, leaves)) - known
    rules = SegmentVersion.objects.filter(segment_id__in=behind).values_list("rule", flat=True)
    return any(rests_on_inferred(one, known=known | behind) for one in rules)


def _segments_behind(leaf: dict[str, Json]) -> frozenset[int]:
    """Return the segments whose members or look-alikes a condition asks for; of "in any segment" all."""
    name, value = str(leaf.get("field")), leaf.get("value")
    if name.startswith(ALIKE_PREFIX):
        number = name.removeprefix(ALIKE_PREFIX)
        return frozenset(
            LookAlike.objects.filter(pk=int(number)).values_list("segment_id", flat=True) if number.isdecimal() else ()
        )
    if name != SEGMENT_FIELD:
        return frozenset()
    if value is None:
        return frozenset(Segment.objects.values_list("pk", flat=True))
    return frozenset(value if isinstance(value, list) else [value])
