"""
Queued and scheduled work that survives a kill.

    @jobs.job("intake.pull")                       a function(context, **arguments) that may be run again
    jobs.plan("intake.pull", source_code="mall")   a row in the caller's transaction

A worker picks the row up within a second, runs it, tries again after a failure and resumes it after a kill -9. A job may run
more than once, so it must be idempotent. The row shows state, progress and error to web and command line.
"""

from huitou.apps.base.jobs import cleaning  # noqa: F401  registers its job
from huitou.apps.base.jobs.planning import is_waiting, plan, plan_once
from huitou.apps.base.jobs.registry import GiveUp, JobContext, job
from huitou.apps.base.jobs.runs import Outcome, run_attempt, run_planned
from huitou.apps.base.jobs.schedules import Schedule, plan_due
from huitou.apps.base.jobs.worker import work, worker_lease

__all__ = [
    "GiveUp",
    "JobContext",
    "Outcome",
    "Schedule",
    "is_waiting",
    "job",
    "plan",
    "plan_due",
    "plan_once",
    "run_attempt",
    "run_planned",
    "work",
    "worker_lease",
]
