"""The queued work of intake: running an import, and forgetting files that nobody ran."""

from typing import Any

from huitou.apps.base.jobs import GiveUp, JobContext, job
from huitou.apps.intake.services.import_run import import_fail, import_run, uploads_forget
from huitou.apps.intake.services.import_watch import imports_watch
from huitou.connectors.files.tables import FileRefused
from huitou.core.crypto import DecryptError
from huitou.warehouse.landing.draft import MappingFailed


@job("intake.import")
def run_import(context: JobContext, *, import_id: int) -> dict[str, Any]:
    """Run one import to its end, however often the worker dies."""
    try:
        run = import_run(import_id=import_id, now=context.now, progress=context.progress)
    except (FileRefused, MappingFailed, DecryptError, FileNotFoundError) as error:
        import_fail(import_id=import_id, error=str(error), now=context.now)
        raise GiveUp(str(error)) from error
    return {"rows": run.row_count, "counts": run.counts}


@job("intake.forget_uploads")
def forget_uploads(context: JobContext) -> int:
    """Delete uploaded files that nobody ran for a week."""
    return uploads_forget(now=context.now)


@job("intake.watch", attempts=1)  # the next one is planned within a minute
def watch(context: JobContext) -> list[int]:
    """Take the files that lie in the watched folder."""
    return imports_watch(now=context.now)
