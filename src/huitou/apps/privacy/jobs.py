"""Queued work of the privacy app."""

from huitou.apps.base import jobs
from huitou.apps.privacy.services import access_seal


@jobs.job("privacy.access_seal")
def seal(context: jobs.JobContext) -> int:
    """Seal the open entries of the access log."""
    return access_seal(now=context.now)
