"""The value app's part in a publish, in erasing and in copying a person."""

from typing import Any

from huitou.apps.base import jobs, leases
from huitou.apps.base.bulk import chunked, rows_delete
from huitou.apps.base.hooks import FactsPublished, IdentityChange, PersonCopy, PersonErased, ValueComputed
from huitou.apps.identity.following import Follower
from huitou.apps.value import stored
from huitou.apps.value.models import (
    InferredValue,
    MonthMove,
    PersonCluster,
    PersonDemographic,
    PersonForecast,
    PersonTag,
    PersonValue,
    StageChange,
    TagMove,
    TierChange,
    ValueRun,
)
from huitou.apps.value.services import is_made, value_run
from huitou.apps.value.services.forecast_run import COLUMNS
from huitou.apps.value.services.tags import note_open
from huitou.apps.value.services.what_if import mover_forget

_IDS_PER_STATEMENT = 5_000
_DERIVED = (
    (PersonDemographic, "person"),
    (PersonCluster, "person"),
    (InferredValue, "person_id"),
    (MonthMove, "person_id"),
)
_TAGS = Follower(PersonTag, TagMove, "tag")


def facts_published(published: FactsPublished) -> None:
    """Bring the stored values to the published facts; a run that is at work already is left to it and caught up next time."""
    try:
        value_run(now=published.now)
    except leases.LeaseTaken:
        return


def value_computed(computed: ValueComputed) -> None:
    """
    Plan what follows a full run: the forecast of a base that has none yet, ages and genders, what is inferred, groups, counts.

    What pages show is also counted after the first run of a release that counts it.
    """
    if computed.is_full or not ValueRun.objects.filter(paths__isnull=False).exists():
        jobs.plan_once("value.reasons", now=computed.now)
    base_number = ValueRun.objects.values_list("base_number", flat=True).get(pk=computed.run_id)
    if computed.is_full and not is_made(base_number, computed.as_of):
        jobs.plan_once("value.forecast", now=computed.now)
    if computed.is_full:
        jobs.plan_once("value.demographics", now=computed.now)
        jobs.plan_once("value.infer", now=computed.now)
        jobs.plan_once("value.clusters", now=computed.now)


def person_erased(erased: PersonErased) -> None:
    """Delete what was computed and logged of the person; a frozen list keeps the number it was made of."""
    for model in (
        PersonValue,
        PersonForecast,
        PersonTag,
        PersonDemographic,
        PersonCluster,
        InferredValue,
        StageChange,
        TierChange,
        MonthMove,
    ):
        model._default_manager.filter(person_id=erased.person_id).delete()
    mover_forget(erased.person_id)


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return the computed values and every logged change of tier."""
    row = PersonValue.objects.filter(pk=asked.person_id).values(*stored.COLUMNS).first()
    if row is None:
        return {}
    changes = TierChange.objects.filter(person_id=asked.person_id).order_by("pk")
    return {
        "value": {
            "computed": {name: _plain(value) for name, value in row.items() if value is not None},
            "tier_changes": [
                {
                    "scheme": change.scheme.code,
                    "from": change.from_code,
                    "to": change.to_code,
                    "on": change.changed_on.isoformat(),
                }
                for change in changes.select_related("scheme")
            ],
        }
    }


def forecast_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return what the newest forecast expects of the person."""
    names = [name for name in COLUMNS if name not in ("person", "run_id")]
    row = PersonForecast.objects.filter(pk=asked.person_id).values(*names).first()
    return {} if row is None else {"forecast": {name: _plain(value) for name, value in row.items() if value not in (None, "")}}


def tags_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return the tags that somebody gave the person, with their notes; those that were taken away, too."""
    rows = PersonTag.objects.filter(person_id=asked.person_id).order_by("pk")
    tags = [
        {
            "tag": row.tag_code,
            "category_id": row.category_id,
            "note": note_open(row),
            "at": row.given_at.isoformat(),
            "taken_at": None if row.taken_at is None else row.taken_at.isoformat(),
        }
        for row in rows
    ]
    return {"tags": tags} if tags else {}


def inferred_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return what was inferred of the person, told apart from what was stated."""
    rows = InferredValue.objects.filter(person_id=asked.person_id).select_related("rule").order_by("pk")
    found = [
        {
            "attribute": row.rule.attribute_code,
            "value": row.value_code,
            "confidence": row.confidence,
            "on": row.inferred_on.isoformat(),
            "is_inferred": True,
        }
        for row in rows
    ]
    return {"inferred": found} if found else {}


def cluster_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return the group of the person."""
    code = PersonCluster.objects.filter(pk=asked.person_id).values_list("code", flat=True).first()
    return {"cluster": code} if code else {}


def derived_drop(change: IdentityChange) -> None:
    """Drop what was derived of persons who are no more; the next night derives it of those who came of them."""
    for part in chunked(change.closed_person_ids, _IDS_PER_STATEMENT):
        for model, person in _DERIVED:
            rows_delete(model, among={person: part})


def tags_follow(change: IdentityChange) -> None:
    """Let given tags go along with a merge, a split or an undo. Run again it changes nothing."""
    _TAGS.follow(change)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
