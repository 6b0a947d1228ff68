"""What the customers of a list are: how many, members, and how many of each tier."""

from dataclasses import replace

from django.utils.translation import gettext as _

from huitou.apps.base.grouped import Groups
from huitou.apps.base.kept import keep, kept, kept_known, reach_key
from huitou.apps.base.listing import Asked, Count, ListPage, Place
from huitou.apps.base.scope import Viewer
from huitou.apps.base.walked_spread import Spread
from huitou.apps.builds.queries import published
from huitou.apps.customers.queries.listing import (
    newest_person,
    person_count,
    person_groups,
    person_page,
    person_place,
    person_spread,
)
from huitou.apps.value.queries import last_run_id
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.core.filters.catalogue import Field
from huitou.core.filters.plan import Compare, leaves, plan
from huitou.core.filters.tree import Condition, Operator
from huitou.core.filters.url_form import to_url
from huitou.web.lists.cells import text_of
from huitou.web.lists.spec import ListParts, Part

_MEMBERS = Condition("is_member", Operator.EQ, True)
_COUNT = "list-count-of"
_MANY = 50_000  # persons; fewer are looked through each time
_PUBLISHED = ("facts__", "value__")


def customer_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of customers; how many there are of many is estimated once for minutes, not with every page."""
    key, known = _counted(viewer, asked)
    if asked.about is None and known is not None:
        asked = replace(asked, about=known.value)
    if _changes_when_published(asked):
        asked = replace(asked, rests_on=key)
    page = person_page(viewer, asked)
    if page.count is None and known is not None:
        return replace(page, count=known)
    if page.count is not None and (not page.count.is_exact or asked.rests_on is not None):
        keep(_COUNT, page.count, *key)
    return page


def customer_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many customers match; kept for minutes like the page's."""
    key, known = _counted(viewer, asked)
    if known is not None:
        return known
    count = person_count(viewer, asked)
    if not count.is_exact or _changes_when_published(asked):
        keep(_COUNT, count, *key)
    return count


def customer_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the neighbours of a position among customers."""
    _, known = _counted(viewer, asked)
    return person_place(viewer, asked if known is None else replace(asked, about=known.value))


def _counted(viewer: Viewer, asked: Asked) -> tuple[tuple[object, ...], Count | None]:
    """Return what a count of the rows rests on, and the one that is kept."""
    key = (*_rests_on(viewer, asked), asked.only)
    return key, kept_known(_COUNT, *key)


def _changes_when_published(asked: Asked) -> bool:
    """
    Say whether what matches may be kept for minutes: among many, where the filter asks nothing but published facts and values, so
    that rows begin to match with a version or a run alone. Who ceases to exist meanwhile is in the count until then, in no row.
    """
    asks = leaves(plan(asked.filters, asked.catalogue, as_of=asked.as_of))
    is_published = all(isinstance(one, Compare) and one.field.orm_path.startswith(_PUBLISHED) for one in asks)
    return is_published and newest_person() > _MANY


def customer_parts(viewer: Viewer, asked: Asked, count: int) -> ListParts | None:
    """
    Return how the persons in reach who match divide into tiers of the first scheme, and how many of them are members.

    Kept for minutes by what it rests on: version, run, day, reach, filter and the count that the page has just shown. None
    where no scheme is in force, or where the list does not know its tiers.
    """
    one = next(iter(schemes_in_force()), None)
    if one is None or f"tier_{one.code}" not in asked.catalogue:
        return None
    paths = ("is_member", f"value__{one.column}")
    rests_on = (*_rests_on(viewer, asked), paths, one.number, count)
    found: Spread = kept("list-parts", lambda: person_spread(viewer, asked, paths), *rests_on)
    everybody = replace(asked, filters=_MEMBERS, cursor=None)
    members: Count = kept("list-count", lambda: person_count(viewer, everybody), *_rests_on(viewer, everybody))
    inside = sum(number for (is_member, _tier), number in found.groups.items() if is_member)
    return ListParts(text_of(one.scheme.label), found.count, inside, members, _tiers(found, one))


def customer_groups(viewer: Viewer, asked: Asked, field: Field) -> Groups:
    """Return how the persons in reach who match fall apart by a field; kept for minutes like the parts."""
    groups: Groups = kept("list-groups", lambda: person_groups(viewer, asked, field), *_rests_on(viewer, asked), field)
    return groups


def _tiers(found: Spread, one: InForce) -> tuple[Part, ...]:
    """Return the tiers that anybody stands in, best first, and at the end those in none."""
    by_code: dict[str, int] = {}
    for (_is_member, code), number in found.groups.items():
        by_code[code or ""] = by_code.get(code or "", 0) + number
    parts = [
        Part(text_of(tier.label), by_code.pop(tier.code), tier.code, Condition(f"tier_{one.code}", Operator.EQ, tier.code))
        for tier in one.scheme.tiers
        if by_code.get(tier.code)
    ]
    rest = sum(by_code.values())
    if rest:
        parts.append(Part(_("没有等级"), rest, condition=Condition(f"tier_{one.code}", Operator.MISSING)))
    return tuple(parts)


def _rests_on(viewer: Viewer, asked: Asked) -> tuple[object, ...]:
    state = published()
    version = state.published_version if state else None
    return (version, last_run_id(), asked.as_of, reach_key(viewer), to_url(asked.filters))
