"""Tags that somebody gave long ago and nobody confirmed since: listed with the other values to verify."""

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce

from huitou.apps.base import seen
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.quality.stale import StaleTag
from huitou.apps.value.models import PersonTag
from huitou.core.periods import day_start


def persons(viewer: Viewer, *, before: date, after: int, limit: int) -> list[int]:
    """Return persons in reach with a tag told before a day, by rising id, those after an id."""
    rows = _aged(viewer, before).filter(person_id__gt=after).order_by("person_id")
    return list(rows.values_list("person_id", flat=True).distinct()[:limit])


def tags(viewer: Viewer, person_ids: Collection[int], *, before: date) -> dict[int, list[StaleTag]]:
    """Return by person the tags told before a day; only of persons in reach."""
    found: dict[int, list[StaleTag]] = {}
    for row in _aged(viewer, before).filter(person_id__in_list=sorted(person_ids)).order_by("person_id", "pk"):
        seen.note(row.person_id)
        told_at = row.verified_at or row.given_at
        found.setdefault(row.person_id, []).append(StaleTag(row.pk, row.tag_code, row.category_id, row.author_id, told_at))
    return found


def _aged(viewer: Viewer, before: date) -> QuerySet[PersonTag]:
    """A note is somebody's words of a day, no value that could be true still."""
    in_reach = Exists(persons_in_reach(viewer).filter(pk=OuterRef("person_id")))
    rows = PersonTag.objects.annotate(told_at=Coalesce("verified_at", "given_at"))
    return rows.filter(in_reach, told_at__lt=day_start(before), is_current=True, note=None)
