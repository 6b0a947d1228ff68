"""Who may live with a person: the card of the person page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huitou.apps.base.scope import Viewer
from huitou.apps.relations.queries import household_of
from huitou.web import words
from huitou.web.lazy import LazyText

TIES: Mapping[str, LazyText] = {"phone": _("共用手机号"), "card": _("共用会员卡"), "home": _("同一住址")}
SHOWN = 8


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One other person in reach, what ties the two and since when."""

    person_id: int
    name: str
    ties: tuple[LazyText, ...]
    since: datetime


def household_context(viewer: Viewer, person_id: int) -> dict[str, object]:
    """Return the lines of the card, how many more there are, and how many are out of reach."""
    found = household_of(viewer, person_id)
    lines = [
        HouseholdLine(one.person_id, one.name, tuple(words.word(TIES, kind) for kind in one.kinds), one.since)
        for one in found.neighbours[:SHOWN]
    ]
    return {
        "household": lines,
        "household_more": max(len(found.neighbours) - SHOWN, 0),
        "household_hidden": found.hidden,
    }
