"""Run one planned job: count the attempt, call the function, store how it ended."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import close_old_connections, connection
from django.db.models import F

from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs.registry import GiveUp, JobContext, kind_of
from huitou.apps.base.leases import LeaseTaken
from huitou.apps.base.models import Job, JobState

log = structlog.get_logger(__name__)


class Outcome(StrEnum):
    """How an attempt ended."""

    DONE = "done"
    FAILED = "failed"  # for good
    AGAIN = "again"  # failed, another attempt is left
    BUSY = "busy"  # somebody else does this work now; no attempt was used


def run_attempt(job_id: int, clock: Callable[[], datetime] = utc_now) -> Outcome:
    """
    Run one attempt of a job and store its end. A job that has ended is left alone, so a repeated call is harmless.

    The attempt is counted before it begins: a job that kills its worker every time ends as failed, too.
    """
    row = Job.objects.get(pk=job_id)
    if row.state in (JobState.DONE, JobState.FAILED):
        return Outcome(row.state)
    try:
        kind = kind_of(row.name)
    except LookupError as error:
        return _end(job_id, JobState.FAILED, clock(), error=str(error))
    if row.attempts >= kind.attempts:
        reason = row.error or "the worker ended in the middle each time"
        return _end(job_id, JobState.FAILED, clock(), error=f"given up after {row.attempts} attempts: {reason}")
    now = clock()
    Job.objects.filter(pk=job_id).update(state=JobState.RUNNING, attempts=F("attempts") + 1, started_at=row.started_at or now)
    attempt = row.attempts + 1
    try:
        result = kind.run(JobContext(job_id, attempt, now), **row.arguments)
    except LeaseTaken:
        Job.objects.filter(pk=job_id).update(state=JobState.PLANNED, attempts=F("attempts") - 1)
        return Outcome.BUSY
    except GiveUp as error:
        return _end(job_id, JobState.FAILED, clock(), error=str(error))
    except Exception as error:
        log.exception("job failed", job=row.name, job_id=job_id, attempt=attempt)
        if not connection.in_atomic_block:
            connection.close()  # a cursor that the job left open would keep this connection from writing how it ended
        message = f"{type(error).__name__}: {error}"
        if attempt >= kind.attempts:
            return _end(job_id, JobState.FAILED, clock(), error=f"given up after {attempt} attempts: {message}")
        Job.objects.filter(pk=job_id).update(state=JobState.PLANNED, error=message)
        return Outcome.AGAIN
    return _end(job_id, JobState.DONE, clock(), result=result)


def run_planned(clock: Callable[[], datetime] = utc_now) -> list[Job]:
    """Run every waiting job in this process, each to its end, in the order they were planned; return them. For `huitou tick`."""
    ran: list[Job] = []
    while (
        row := Job.objects.filter(state=JobState.PLANNED).exclude(pk__in=[job.pk for job in ran]).order_by("pk").first()
    ) is not None:
        while run_attempt(row.pk, clock) is Outcome.AGAIN:
            continue
        row.refresh_from_db()
        ran.append(row)
    return ran


def run_attempt_in_worker(job_id: int) -> str:
    """`run_attempt` for a worker's thread: with a fresh database connection when the old one broke."""
    close_old_connections()
    try:
        return run_attempt(job_id)
    finally:
        close_old_connections()


def _end(job_id: int, state: JobState, now: datetime, *, error: str = "", result: object = None) -> Outcome:
    Job.objects.filter(pk=job_id).update(state=state, ended_at=now, error=error, result=result)
    return Outcome(state)
