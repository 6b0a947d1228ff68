"""The queued work of identity."""

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.identity.services.files_rewrite import all_files_rewrite
from huitou.apps.identity.services.rule_save import REWRITE_JOB


@job(REWRITE_JOB)
def rewrite_files(context: JobContext) -> int:
    """Let the values of every person of several records survive by the rules in force."""
    return all_files_rewrite(context, now=context.now)
