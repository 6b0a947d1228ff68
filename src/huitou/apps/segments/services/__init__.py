"""Writes of the segments app."""

from huitou.apps.segments.services.audience import Audience, NoAudience, segment_audience
from huitou.apps.segments.services.comparison import (
    NotComparable,
    comparison_ask,
    comparison_begin,
    comparison_count,
    comparison_end,
    comparisons_plan,
)
from huitou.apps.segments.services.known import known_ask, known_keep, known_renew
from huitou.apps.segments.services.look_alike import (
    LookAlikeNotAsked,
    SizeOutOfRange,
    look_alike_ask,
    look_alike_keep,
    look_alike_run,
)
from huitou.apps.segments.services.refresh import Refreshed, segment_refresh, segments_refresh
from huitou.apps.segments.services.save import NameTaken, RuleEmpty, segment_archive, segment_create, segment_save

__all__ = [
    "Audience",
    "LookAlikeNotAsked",
    "NameTaken",
    "NoAudience",
    "NotComparable",
    "Refreshed",
    "RuleEmpty",
    "SizeOutOfRange",
    "comparison_ask",
    "comparison_begin",
    "comparison_count",
    "comparison_end",
    "comparisons_plan",
    "known_ask",
    "known_keep",
    "known_renew",
    "look_alike_ask",
    "look_alike_keep",
    "look_alike_run",
    "segment_archive",
    "segment_audience",
    "segment_create",
    "segment_refresh",
    "segment_save",
    "segments_refresh",
]
