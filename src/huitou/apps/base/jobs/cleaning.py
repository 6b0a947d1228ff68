"""The clean-up job: rows that nobody will ask for again, and those whose time is over."""

from datetime import timedelta

from huitou.apps.base.classified import overdue_delete
from huitou.apps.base.jobs.registry import JobContext, job
from huitou.apps.base.jobs.worker import queue_clean
from huitou.apps.base.models import Job, JobState

KEEP_DONE = timedelta(days=2)  # a micro-batch every 30 seconds leaves 3,000 rows a day


@job("base.clean_up")
def clean_up(context: JobContext) -> dict[str, int]:
    """Delete old finished jobs and what the data map gives no more time; return how many of each table."""
    done, _ = Job.objects.filter(state=JobState.DONE, ended_at__lt=context.now - KEEP_DONE).delete()
    return {"done jobs": done, **overdue_delete(context.now), "queue": queue_clean(before=context.now - KEEP_DONE)}
