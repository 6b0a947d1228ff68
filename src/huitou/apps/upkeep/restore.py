"""Bring a backup back into an empty installation, and erase again whoever was erased after it was made."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from huitou.apps.base.audit import audit_record
from huitou.apps.base.storage import layout
from huitou.apps.intake.documents import document_ids_skip
from huitou.apps.privacy.journal import ids_journalled
from huitou.apps.privacy.services import erasure_requests_import, erasures_import, erasures_replay
from huitou.apps.upkeep.archive import Contents, contents_verify, members_extract
from huitou.apps.upkeep.database_copy import NAMES, database_load

Progress = Callable[..., None]  # step, done, total
_UNFINISHED = "restoring"  # a folder: what a killed restore left, replaced by the next


class RestoreRefused(Exception):
    """The backup does not fit here; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back; `erased_again` counts the erasures that were run once more, `since_backup` those younger than it."""

    contents: Contents
    erased_again: int
    since_backup: int


def restore_run(archive: Path, *, now: datetime, progress: Progress) -> Restored:
    """
    Verify the whole backup, then put it in place; the database comes last.

    Killed at any moment, the same call begins again or goes on, and nobody who was erased stays. The installation must be
    empty and have the key file of the backup's time. Raises BackupDamaged, RestoreRefused, DatabaseInUse, ToolMissing.
    """
    progress("verify", 0, None)
    contents = contents_verify(archive)
    layout().root.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = layout().root / _UNFINISHED
    is_loaded = bool(connection.introspection.table_names())
    if not (is_loaded and unfinished.exists()):
        _refuse_unfit(contents, is_loaded=is_loaded)
        _put_in_place(archive, contents, unfinished, progress)
    progress("update", 0, None)
    call_command("migrate", verbosity=0, interactive=False)
    since_backup = erasures_import(made_at=datetime.fromisoformat(contents.made_at))
    progress("erase again", 0, None)
    erased = erasures_replay()
    erasure_requests_import()
    document_ids_skip(last_id=ids_journalled()[1])
    shutil.rmtree(unfinished)  # from here on it is an installation like any other
    audit_record(
        action_code="upkeep.restore", subject_kind="backup", subject_id=archive.name, now=now, made_at=contents.made_at,
        erased_again=erased,
    )  # fmt: skip
    return Restored(contents, erased, since_backup)


def _put_in_place(archive: Path, contents: Contents, unfinished: Path, progress: Progress) -> None:
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    for number, _path in enumerate(members_extract(archive, unfinished), start=1):
        progress("extract", number, len(contents.members))
    shutil.rmtree(layout().landing, ignore_errors=True)
    if (unfinished / "landing").exists():
        (unfinished / "landing").replace(layout().landing)
    database_load(unfinished / NAMES[contents.vendor])


def _refuse_unfit(contents: Contents, *, is_loaded: bool) -> None:
    if contents.vendor != connection.vendor:
        raise RestoreRefused(
            f"the backup is of a {contents.vendor} database, this installation uses {connection.vendor}: "
            "set HUITOU_DATABASE_URL to the same kind"
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    newer = sorted(set(contents.migrations) - known)
    if newer:
        raise RestoreRefused(f"the backup was made by a newer release (it has {newer[-1]}): install that release first")
    if layout().landing.exists() and not (layout().root / _UNFINISHED).exists() and any(layout().landing.iterdir()):
        raise RestoreRefused(f"{layout().root} already holds a landing: restore into an empty data folder")
    if is_loaded:
        raise RestoreRefused("there is already a database with tables: restore into an empty installation")
