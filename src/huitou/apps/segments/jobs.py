"""Queued work of the segments app."""

from dataclasses import asdict
from typing import Any

from huitou.apps.base import jobs
from huitou.apps.segments import services


@jobs.job("segments.refresh_all", attempts=3)
def refresh_all(context: jobs.JobContext) -> list[dict[str, Any]]:
    """Bring every segment to the version readers see, and let what goes with it be counted: comparisons, whom sends reach."""
    refreshed = [asdict(one) for one in services.segments_refresh(now=context.now)]
    services.comparisons_plan(now=context.now)
    services.known_renew(now=context.now)
    return refreshed


@jobs.job("segments.known", attempts=2)
def known(context: jobs.JobContext) -> int:
    """Read of everybody what decides whom a send may reach."""
    return services.known_keep(now=context.now)


@jobs.job("segments.compare", attempts=2)
def compare(context: jobs.JobContext, *, comparison_id: int, store_ids: list[int] | None) -> str:
    """Count what a comparison tells to those who see these stores."""
    return services.comparison_count(comparison_id=comparison_id, store_ids=store_ids, now=context.now).refusal


@jobs.job("segments.look_alike", attempts=2)
def look_alike(context: jobs.JobContext, *, look_alike_id: int) -> dict[str, Any]:
    """Search for customers like the members of a segment."""
    made = services.look_alike_run(look_alike_id=look_alike_id, now=context.now)
    return {"refusal": made.refusal, "auc": made.auc, "kept": made.kept}


@jobs.job("segments.refresh", attempts=3)
def refresh(context: jobs.JobContext, *, segment_id: int) -> dict[str, Any] | None:
    """Bring one segment there, after it was saved."""
    result = services.segment_refresh(segment_id=segment_id, now=context.now)
    return None if result is None else asdict(result)
