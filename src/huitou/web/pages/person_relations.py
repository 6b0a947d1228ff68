"""Whom a person is related to: the card of the person page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huitou.apps.base.scope import Viewer
from huitou.apps.relations.queries import Circle, Neighbour, Relations, relations_of
from huitou.web import words
from huitou.web.lazy import LazyText

TIES: Mapping[str, LazyText] = {"phone": _("共用手机号"), "card": _("共用会员卡"), "home": _("同一住址")}


@dataclass(frozen=True, slots=True)
class NeighbourLine:
    """One other person in reach, with the evidence in words."""

    neighbour: Neighbour
    evidence: tuple[LazyText, ...]


@dataclass(frozen=True, slots=True)
class CircleView:
    """One relation with its heading; `about` says more of a group, `group_id` leads to its members."""

    title: LazyText
    lines: tuple[NeighbourLine, ...]
    circle: Circle
    about: LazyText = ""
    group_id: int | None = None


def relations_context(viewer: Viewer, person_id: int) -> dict[str, object]:
    """Return the relations that there are, in order."""
    return {"relations": tuple(_views(relations_of(viewer, person_id)))}


def _views(found: Relations) -> Iterator[CircleView]:
    for title, circle in (
        (_("家庭"), found.household),
        (_("推荐人"), found.referrers),
        (_("推荐来的人"), found.referred),
    ):
        if circle.count:
            yield CircleView(title, _lines(circle), circle)
    for stay in found.groups:
        yield CircleView(stay.title, _lines(stay.others), stay.others, stay.guide, stay.group_id)


def _lines(circle: Circle) -> tuple[NeighbourLine, ...]:
    return tuple(NeighbourLine(one, _evidence(one)) for one in circle.neighbours)


def _evidence(one: Neighbour) -> tuple[LazyText, ...]:
    if one.kinds:
        return tuple(words.word(TIES, kind) for kind in one.kinds)
    return (words.word(words.SOURCES, one.source_code),)
