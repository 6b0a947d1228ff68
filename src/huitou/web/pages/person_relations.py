"""Whom a person is related to: the card of the person page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.scope import Viewer
from huitou.apps.relations.queries import Circle, Neighbour, Relations, relations_of
from huitou.core.filters.tree import Condition, Operator
from huitou.web import words, words_intake
from huitou.web.drill import customers_url
from huitou.web.lazy import LazyText

SHOWN = 5  # of each relation
TIES: Mapping[str, LazyText] = {
    "phone": gettext_lazy("共用手机号"), "card": gettext_lazy("共用会员卡"), "home": gettext_lazy("同一住址"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class NeighbourLine:
    """One other person in reach, with the evidence in words."""

    neighbour: Neighbour
    evidence: tuple[LazyText, ...]


@dataclass(frozen=True, slots=True)
class CircleView:
    """One relation with its heading; `about` says more of a group, `url` leads to all of its members in reach."""

    title: LazyText
    lines: tuple[NeighbourLine, ...]
    circle: Circle
    about: LazyText = ""
    is_named: bool = False  # by a source, in its own language
    url: str = ""


def relations_context(viewer: Viewer, person_id: int) -> dict[str, object]:
    """Return the relations that there are, in order."""
    return {"relations": tuple(_views(viewer, relations_of(viewer, person_id, shown=SHOWN)))}


def _views(viewer: Viewer, found: Relations) -> Iterator[CircleView]:
    for title, circle in (
        (_("家庭"), found.household),
        (_("推荐人"), found.referrers),
        (_("推荐来的人"), found.referred),
    ):
        if circle.count:
            yield CircleView(title, _lines(circle), circle)
    for stay in found.groups:
        url = customers_url(viewer.role_code, Condition("group", Operator.EQ, stay.group_id))
        yield CircleView(stay.title, _lines(stay.others), stay.others, stay.guide, is_named=True, url=url)


def _lines(circle: Circle) -> tuple[NeighbourLine, ...]:
    return tuple(NeighbourLine(one, _evidence(one)) for one in circle.neighbours)


def _evidence(one: Neighbour) -> tuple[LazyText, ...]:
    if one.kinds:
        return tuple(words.word(TIES, kind) for kind in one.kinds)
    return (_("来源：%(source)s") % {"source": words.word(words_intake.SOURCES, one.source_code)},)
