"""
A folder that files may simply be put into: <folder>/<source>/<kind>/<file>. A file that has lain still for a minute is taken
as an import of that kind and source, with the mapping its columns had last; it is renamed, never deleted.
"""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from huitou.apps.intake.models import ImportRun, ImportState
from huitou.apps.intake.services.import_run import import_start
from huitou.apps.intake.services.import_upload import import_upload, shown_name
from huitou.connectors.files.fields import FILE_KINDS, mapping_problems
from huitou.connectors.files.tables import ENDINGS, FileRefused

STILL_FOR = timedelta(minutes=1)
TAKEN, REFUSED = ".taken", ".refused"


def imports_watch(*, now: datetime) -> list[int]:
    """
    Take the files of HUITOU_WATCH_DIR; return the imports made of them, none where no folder is set.

    A file whose needed columns are not recognised waits in the list of imports for somebody to map it; one that cannot be
    read at all stands there as failed, with the reason.
    """
    if not settings.HUITOU_WATCH_DIR:
        return []
    return [_take(path, now) for path in _files(Path(settings.HUITOU_WATCH_DIR), now)]


def _files(folder: Path, now: datetime) -> Iterator[Path]:
    """Yield the whole files at the right depth, oldest name first; links are not followed."""
    for path in sorted(folder.glob("*/*/*")):
        if path.suffix.lower() not in ENDINGS or path.name.startswith(".") or path.parent.name not in FILE_KINDS:
            continue
        state = path.lstat()
        if stat.S_ISREG(state.st_mode) and now.timestamp() - state.st_mtime >= STILL_FOR.total_seconds():
            yield path


def _take(path: Path, now: datetime) -> int:
    source_code, kind_code = path.parent.parent.name, path.parent.name
    try:
        with path.open("rb") as stream:
            run = import_upload(
                stream=stream, file_name=path.name, source_code=source_code, kind_code=kind_code, user_id=None, now=now
            )
    except FileRefused as refusal:
        path.rename(path.with_name(path.name + REFUSED))
        failed = ImportRun.objects.create(
            source_code=source_code[:32], kind_code=kind_code, file_name=shown_name(path.name), state=ImportState.FAILED,
            error=str(refusal), created_at=now, ended_at=now,
        )  # fmt: skip
        return failed.pk
    path.rename(path.with_name(path.name + TAKEN))
    if not mapping_problems(FILE_KINDS[run.kind_code], [*run.mapping, *run.constants]):
        import_start(import_id=run.pk, now=now)
    return run.pk
