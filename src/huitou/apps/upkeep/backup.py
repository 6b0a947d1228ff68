"""Make a backup while everything runs: a consistent database, and every landing file that it names."""

import os
import tarfile
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from huitou.apps.base import leases
from huitou.apps.base.audit import audit_record
from huitou.apps.base.storage import layout
from huitou.apps.intake.services import SEAL_LEASE
from huitou.apps.upkeep.archive import FORMAT, Contents, Member, contents_add, member_add
from huitou.apps.upkeep.database_copy import NAMES, database_dump

Progress = Callable[..., None]  # step, done, total


def backup_make(target: Path, *, now: datetime, progress: Progress) -> Contents:
    """
    Write a backup to the file `target`; it appears under that name only when it is whole.

    Sealing and erasing wait meanwhile (the inbox takes what comes), so that the landing is exactly what the database
    names. Analytical versions are not inside: they are rebuilt from the landing. Raises FileExistsError, LeaseTaken,
    ToolMissing.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists: a backup never replaces another")
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.partial")
    with leases.hold(SEAL_LEASE), tempfile.TemporaryDirectory(dir=target.parent) as folder:
        progress("database", 0, None)
        copy = Path(folder) / NAMES[connection.vendor]
        database_dump(copy)
        with partial.open("wb") as plain:
            partial.chmod(0o600)
            with tarfile.open(fileobj=plain, mode="w:") as archive:
                members = _members_write(archive, copy, progress)
                contents = Contents(
                    format=FORMAT, release=version("huitou"), made_at=now.astimezone(UTC).isoformat(),
                    vendor=connection.vendor, migrations=_migrations(), members=tuple(members),
                )  # fmt: skip
                contents_add(archive, contents)
            plain.flush()
            os.fsync(plain.fileno())
    partial.replace(target)
    audit_record(
        action_code="upkeep.backup", subject_kind="backup", subject_id=target.name, now=now, files=len(contents.members),
        bytes=sum(member.size for member in contents.members),
    )  # fmt: skip
    return contents


def _members_write(archive: tarfile.TarFile, copy: Path, progress: Progress) -> list[Member]:
    root = layout().root
    files = sorted(path for path in layout().landing.rglob("*") if path.is_file())
    members = [member_add(archive, copy, copy.name)]
    for number, path in enumerate(files, start=1):
        members.append(member_add(archive, path, str(path.relative_to(root))))
        progress("landing", number, len(files))
    return members


def _migrations() -> tuple[str, ...]:
    return tuple(sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()))
