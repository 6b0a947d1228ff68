"""The queued work of identity."""

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.identity.services.files_rewrite import all_files_rewrite
from huitou.apps.identity.services.import_persons import JOB, import_persons
from huitou.apps.identity.services.rule_save import REWRITE_JOB


@job(REWRITE_JOB)
def rewrite_files(context: JobContext) -> int:
    """Let the values of every person of several records survive by the rules in force."""
    return all_files_rewrite(context, now=context.now)


@job(JOB, attempts=3)
def tell_import_persons(context: JobContext, *, import_id: int) -> int:
    """Tell whom an import touched."""
    return import_persons(import_id=import_id)
