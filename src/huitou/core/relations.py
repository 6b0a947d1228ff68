"""
How sources tell of relations between customers: as events, which land, are erased, undone and replayed like every other.

A referral is two events with one text, the pair's number: one hangs on whoever was referred, one on whoever referred them. So
neither holds anything of the other, and each follows its own record. The text of a step into or out of a group names the group.
"""

from dataclasses import dataclass
from datetime import date

RELATION = "rel:"  # begins the type of every such event
REFERRED = "rel:referred"
REFERRER = "rel:referrer"
GROUP_JOIN = "rel:group_join"
GROUP_LEAVE = "rel:group_leave"
UNDATED = date(2000, 1, 2)  # what mappings write where a source does not say when
_SEPARATOR = "|"


@dataclass(frozen=True, slots=True)
class GroupNamed:
    """A group of customers as an event names it: the chain's own code, what it is called, and the guide who runs it."""

    code: str
    title: str
    guide: str


def group_read(text: str) -> GroupNamed | None:
    """Return the group that the text of an event names ("code|title|guide"); None without a code."""
    code, title, guide, *_ = (*(part.strip() for part in text.split(_SEPARATOR)), "", "", "")
    return GroupNamed(code, title or code, guide) if code else None
