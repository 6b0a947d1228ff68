"""The queued work of identity."""

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.identity.queries import current_map_seq
from huitou.apps.identity.services.everything_resolve import everything_resolve
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


@job("identity.resolve_everything", attempts=3)
def resolve_everything(context: JobContext) -> dict[str, int]:
    """Run the matcher over all records, so that those who came one by one end as all at once would."""
    before = current_map_seq()
    found = everything_resolve(now=context.now)
    return {"records": 0 if found is None else len(found.entities), "changes": current_map_seq() - before}
