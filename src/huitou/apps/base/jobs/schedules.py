"""Work that comes back with the clock: a table of schedules, and the planning of what is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db import transaction

from huitou.apps.base.jobs.planning import plan_once
from huitou.apps.base.models import Job, ScheduleMark
from huitou.core.periods import BUSINESS_ZONE

_FIRST_RUN_WITHIN = timedelta(hours=1)  # a new installation runs a daily job that was due just now, not this morning's


@dataclass(frozen=True, slots=True)
class Schedule:
    """One job that comes back: `every` so often, or daily at a time of the business zone. Exactly one of the two is set."""

    job_name: str
    every: timedelta | None = None
    daily_at: time | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.daily_at is None):
            raise ValueError(f"schedule of {self.job_name} needs either every or daily_at")

    def is_due(self, last_at: datetime | None, now: datetime) -> bool:
        """Return whether the job, last planned at `last_at` (None: never), is due at `now`. A missed run is made up once."""
        if self.every is not None:
            return last_at is None or now - last_at >= self.every
        last_at = last_at or now - _FIRST_RUN_WITHIN
        local = now.astimezone(BUSINESS_ZONE)
        latest = datetime.combine(local.date(), self.daily_at or time(), BUSINESS_ZONE)
        if latest > local:
            latest = datetime.combine(local.date() - timedelta(days=1), self.daily_at or time(), BUSINESS_ZONE)
        return last_at < latest


def plan_due(schedules: Sequence[Schedule], now: datetime) -> list[Job]:
    """Plan every job that is due and not waiting or running already; return the new jobs. Two workers plan each once."""
    marks = dict(ScheduleMark.objects.values_list("job_name", "last_at"))
    candidates = [schedule for schedule in schedules if schedule.is_due(marks.get(schedule.job_name), now)]
    planned = [_plan_if_due(schedule, now) for schedule in candidates]
    return [job for job in planned if job is not None]


@transaction.atomic
def _plan_if_due(schedule: Schedule, now: datetime) -> Job | None:
    mark, is_new = ScheduleMark.objects.select_for_update().get_or_create(job_name=schedule.job_name, defaults={"last_at": now})
    if not is_new and not schedule.is_due(mark.last_at, now):
        return None  # another worker was quicker
    job = plan_once(schedule.job_name, now=now)
    if job is not None:
        mark.last_at = now
        mark.save()
    return job
