"""Ask for work: one row, in the caller's transaction, that a worker finds once it is committed."""

from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs.registry import kind_of
from huitou.apps.base.models import Job, JobState

UNFINISHED = (JobState.PLANNED, JobState.RUNNING)


def plan(name: str, *, now: datetime | None = None, **arguments: Any) -> Job:
    """
    Plan a job and return its row. The work starts after the caller's transaction is committed, or never if it rolls back.

    arguments: JSON, without personal data. Raises LookupError on an unknown name.
    """
    kind_of(name)
    return Job.objects.create(name=name, arguments=arguments, planned_at=now or utc_now())


@transaction.atomic
def plan_once(name: str, *, now: datetime | None = None, **arguments: Any) -> Job | None:
    """Plan a job unless the same work is waiting or running already; then return None."""
    return None if is_waiting(name, **arguments) else plan(name, now=now, **arguments)


def is_waiting(name: str, **arguments: Any) -> bool:
    """Return whether this very work waits or runs."""
    return Job.objects.filter(name=name, arguments=arguments, state__in=UNFINISHED).exists()
