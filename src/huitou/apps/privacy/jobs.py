"""Queued work of the privacy app."""

from huitou.apps.base import jobs
from huitou.apps.privacy.services import ERASE_JOB, access_seal, erasures_run


@jobs.job("privacy.access_seal")
def seal(context: jobs.JobContext) -> int:
    """Seal the open entries of the access log."""
    return access_seal(now=context.now)


@jobs.job(ERASE_JOB)
def erase_due(context: jobs.JobContext) -> int:
    """Erase everybody whose day has come; what a kill cut short is begun again."""
    return erasures_run(now=context.now)
