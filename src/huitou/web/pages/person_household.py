"""Who may live with a person: the card of the person page."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.identity.queries import household_of
from huitou.web import words
from huitou.web.lazy import LazyText

TIES: Mapping[str, LazyText] = {"phone": _("共用手机号"), "card": _("共用会员卡")}
SHOWN = 8


@dataclass(frozen=True, slots=True)
class HouseholdLine:
    """One other person in reach and what ties the two."""

    person_id: int
    name: str
    ties: tuple[LazyText, ...]


def household_context(viewer: Viewer, person_id: int) -> dict[str, object]:
    """Return the lines of the card and how many more there are."""
    found = household_of(viewer=viewer, person_id=person_id)
    names = names_in_reach(viewer, [tie.person_id for tie in found[:SHOWN]])
    lines = [
        HouseholdLine(tie.person_id, names.get(tie.person_id, ""), tuple(words.word(TIES, kind) for kind in tie.kinds))
        for tie in found[:SHOWN]
    ]
    return {"household": lines, "household_more": max(len(found) - SHOWN, 0)}
