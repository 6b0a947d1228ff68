"""The queued work of customers."""

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.customers.services.weights_save import RECOUNT_JOB, completeness_recount


@job(RECOUNT_JOB)
def recount_completeness(context: JobContext) -> int:
    """Count the completeness of every file by the weights in force; again it changes nothing."""
    return completeness_recount()
