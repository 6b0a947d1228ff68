"""Tags that people gave: of one person, those on offer, and what was changed for many at once."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonTag, TagChange, TagDefinition
from huitou.core.periods import business_date


@dataclass(frozen=True, slots=True)
class GivenTag:
    """A tag that somebody gave a person; expires_on: the last day it holds."""

    tag_id: int
    code: str
    category_id: int | None
    author_id: int | None
    on: date
    expires_on: date | None


def given_tags(viewer: Viewer, person_id: int) -> list[GivenTag]:
    """Return the tags that a person in reach has, newest first, each defined one once; none for a stranger."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    rows = PersonTag.objects.filter(person_id__in=reached.values("pk"), is_current=True).order_by("-given_at", "-pk")
    seen: set[tuple[str, int | None, int]] = set()
    tags = []
    for row in rows:
        key = (row.tag_code, row.category_id, row.pk if row.note else 0)
        if key not in seen:
            seen.add(key)
            on = business_date(row.given_at)
            tags.append(GivenTag(row.pk, row.tag_code, row.category_id, row.author_id, on, row.expires_on))
    return tags


def tags_on_offer() -> list[tuple[str, str]]:
    """Return code and name of the tags that may be given, in the order they were defined."""
    return list(TagDefinition.objects.order_by("pk").values_list("code", "name"))


def given_tag_names() -> dict[str, str]:
    """Return the names of the tags that people defined, by code."""
    return dict(tags_on_offer())


def tag_changes(limit: int = 10) -> QuerySet[TagChange]:
    """Return the newest changes for many persons at once: counts only."""
    return TagChange.objects.order_by("-pk")[:limit]
