"""Queued work: runs after a rule changed or inputs came that no publish brings, a new base's forecast, tags whose day is over."""

from datetime import datetime
from functools import partial
from typing import Any

from huitou.apps.base import leases
from huitou.apps.base.jobs import JobContext, job
from huitou.apps.value.models import SchemeVersion, VersionState
from huitou.apps.value.services import (
    change_run,
    clusters_run,
    contacts_keep,
    crosses_keep,
    demographics_refresh,
    draft_try,
    forecast_run,
    inferences_run,
    motives_keep,
    moves_keep,
    overlaps_keep,
    paths_keep,
    reasons_keep,
    tags_expire,
    undo_run,
    value_run,
)


@job("value.run", attempts=3)
def run(context: JobContext, *, person_ids: list[int] | None = None) -> dict[str, Any] | None:
    """Bring the stored values to the rules in force; what another run is at is left to it, the next publish catches up."""
    try:
        made = value_run(now=context.now, person_ids=person_ids or ())
    except leases.LeaseTaken:
        return None
    return None if made is None else {"run": made.pk, "kind": made.kind_code, "written": made.written}


@job("value.try_draft", attempts=2)
def try_draft(context: JobContext, *, code: str, changed_at: str) -> None:
    """Work out what a draft would do; one that was thrown away, published or changed since is left alone."""
    if SchemeVersion.objects.filter(
        scheme__code=code, state=VersionState.DRAFT, changed_at=datetime.fromisoformat(changed_at)
    ).exists():
        draft_try(code=code, now=context.now)


@job("value.forecast", attempts=2)
def forecast(context: JobContext) -> dict[str, Any] | None:
    """Forecast everybody from the published base, unless that was done."""
    try:
        made = forecast_run(now=context.now)
    except leases.LeaseTaken:
        return None
    return None if made is None else {"run": made.pk, "refusal": made.refusal, "persons": made.persons}


@job("value.tags_expire")
def expire_tags(context: JobContext) -> int:
    """Take away the tags whose last day is over."""
    return tags_expire(now=context.now)


@job("value.tags_of_many")
def tags_of_many(context: JobContext, *, change_id: int) -> dict[str, int]:
    """Give many persons a tag, or take it away."""
    change = change_run(change_id=change_id, now=context.now, progress=partial(context.progress, "tags"))
    return {"changed": change.changed, "had": change.had, "refused": change.refused}


@job("value.tags_undo")
def tags_back(context: JobContext, *, change_id: int) -> dict[str, int]:
    """Bring back what a change of many left."""
    return {"undone": undo_run(change_id=change_id, now=context.now, progress=partial(context.progress, "tags")).undone}


@job("value.demographics", attempts=2)
def demographics(context: JobContext) -> int:
    """Read age and gender from the files that changed."""
    return demographics_refresh(now=context.now)


@job("value.clusters", attempts=2)
def clusters(context: JobContext) -> dict[str, Any] | None:
    """Group who is scored anew."""
    made = clusters_run(now=context.now)
    return None if made is None else {"run": made.pk, "k": made.k, "refusal": made.refusal, "persons": made.persons}


@job("value.reasons", attempts=2)
def reasons(context: JobContext) -> dict[str, int | None]:
    """
    Count for the pages of value: how schemes cross, who moved since last month, why dormant customers stay away, why others
    buy and by which paths they came, how often tiers were contacted, how list and best tiers overlap.
    """
    return {
        "crosses": crosses_keep(now=context.now),
        "moves": moves_keep(),
        "reasons": reasons_keep(),
        "motives": motives_keep(),
        "contacts": contacts_keep(),
        "overlaps": overlaps_keep(),
        "paths": paths_keep(),
    }


@job("value.infer", attempts=2)
def infer(context: JobContext) -> int:
    """Infer the attributes that are switched on."""
    return inferences_run(now=context.now)
