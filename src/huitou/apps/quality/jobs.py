"""Queued work of the quality app."""

from huitou.apps.base import jobs
from huitou.apps.quality.services import quality_snapshot


@jobs.job("quality.snapshot")
def snapshot(context: jobs.JobContext) -> dict[str, float | None]:
    """Measure the data page's metrics; a second run on the day overwrites."""
    return {key: share.value for key, share in quality_snapshot(now=context.now).items()}
