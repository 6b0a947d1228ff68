"""Queued work of the privacy app."""

from huitou.apps.base import jobs
from huitou.apps.privacy.services import PersonNotFound, access_seal, person_erase


@jobs.job("privacy.access_seal")
def seal(context: jobs.JobContext) -> int:
    """Seal the open entries of the access log."""
    return access_seal(now=context.now)


@jobs.job("privacy.erase")
def erase(context: jobs.JobContext, *, person_id: int, by: int, reason_code: str) -> int:
    """Erase a person; the second run of a job that a kill cut short finds nobody any more and is done."""
    try:
        return len(person_erase(person_id=person_id, by=by, reason_code=reason_code, now=context.now).record_ids)
    except PersonNotFound:
        return 0
