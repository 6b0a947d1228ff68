"""The clean-up job: rows that nobody will ask for again."""

from datetime import timedelta

from huitou.apps.base.jobs.registry import JobContext, job
from huitou.apps.base.jobs.worker import queue_clean
from huitou.apps.base.models import IdempotencyKey, Job, JobState

KEEP_DONE = timedelta(days=2)  # a micro-batch every 30 seconds leaves 3,000 rows a day
KEEP_FAILED = timedelta(days=90)
KEEP_KEYS = timedelta(days=7)


@job("base.clean_up")
def clean_up(context: JobContext) -> dict[str, int]:
    """Delete old finished jobs and old idempotency keys; return how many of each."""
    jobs, _ = Job.objects.filter(state=JobState.DONE, ended_at__lt=context.now - KEEP_DONE).delete()
    failed, _ = Job.objects.filter(state=JobState.FAILED, ended_at__lt=context.now - KEEP_FAILED).delete()
    keys, _ = IdempotencyKey.objects.filter(created_at__lt=context.now - KEEP_KEYS).delete()
    return {"jobs": jobs + failed, "keys": keys, "queue": queue_clean(before=context.now - KEEP_DONE)}
