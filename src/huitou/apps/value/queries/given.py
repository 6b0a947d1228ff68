"""Tags beside the scores: given by people, age and gender, inferred values, and what was changed for many at once."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from huitou.apps.attributes.definitions import choices_of
from huitou.apps.attributes.queries import choice_attributes, holders_of
from huitou.apps.base import jobs
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import InferenceRule, InferredValue, PersonDemographic, PersonTag, TagChange, TagDefinition
from huitou.apps.value.services.tags_of_many import CHANGE_JOB
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


@dataclass(frozen=True, slots=True)
class InferredTag:
    """What is inferred of a person who did not state it."""

    title: str
    value: str
    confidence: float
    on: date


def person_demographic(viewer: Viewer, person_id: int) -> PersonDemographic | None:
    """Return month of birth and gender of a person in reach; None for a stranger, and until the night after the file came."""
    return PersonDemographic.objects.filter(pk=person_id, person__in=persons_in_reach(viewer).filter(pk=person_id)).first()


def inferred_tags(viewer: Viewer, person_id: int, *, today: date) -> list[InferredTag]:
    """Return what is inferred of a person in reach, as far as it is switched on and the person did not state it meanwhile."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    rows = {
        row.rule.attribute_code: row
        for row in InferredValue.objects.filter(person_id__in=reached.values("pk"), rule__is_on=True).select_related("rule")
    }
    if not rows:
        return []
    tags = []
    for attribute in choice_attributes(today=today):
        row = rows.get(attribute.code)
        if row is not None and person_id not in holders_of(attribute.pk, [person_id]):
            titles = {one.code: one.title for one in choices_of(attribute)}
            value = titles.get(row.value_code, row.value_code)
            tags.append(InferredTag(attribute.title, value, row.confidence, row.inferred_on))
    return tags


@dataclass(frozen=True, slots=True)
class InferenceLine:
    """An attribute of choices and its switch (None: never touched)."""

    code: str
    title: str
    rule: InferenceRule | None


def inference_lines(*, today: date) -> list[InferenceLine]:
    """Return the attributes whose gaps could be filled, in the order they were defined."""
    rules = {rule.attribute_code: rule for rule in InferenceRule.objects.all()}
    return [InferenceLine(one.code, one.title, rules.get(one.code)) for one in choice_attributes(today=today)]


def tags_on_offer() -> list[tuple[str, str]]:
    """Return code and name of the tags that may be given, in the order they were defined."""
    return list(TagDefinition.objects.order_by("pk").values_list("code", "name"))


def given_tag_names() -> dict[str, str]:
    """Return the names of the tags that people defined, by code."""
    return dict(tags_on_offer())


def tag_changes(limit: int = 10) -> QuerySet[TagChange]:
    """Return the newest changes for many persons at once: counts only."""
    return TagChange.objects.order_by("-pk")[:limit]


def tag_change(viewer: Viewer, change_id: int) -> TagChange | None:
    """Return one's own change for many persons; None for another user's."""
    return TagChange.objects.filter(pk=change_id, author_id=viewer.user_id).first()


def tag_change_stopped(change: TagChange) -> bool:
    """Return whether nothing works on a change that has not ended: its job failed for good."""
    return change.ended_at is None and not jobs.is_waiting(CHANGE_JOB, change_id=change.pk)
