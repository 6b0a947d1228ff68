"""
The test databases of one run: the worker that comes first migrates its own, the others begin with a copy of it.

On SQLite. On PostgreSQL every worker migrates: a database is a template only while nobody is connected to it.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.creation import BaseDatabaseCreation


@contextmanager
def migrated_once(folder: Path) -> Iterator[None]:
    """Inside, the workers that share the folder migrate once: with a copy, Django finds nothing left to do."""
    create = BaseDatabaseCreation.create_test_db

    def create_or_copy(creation: BaseDatabaseCreation, *args: Any, **kwargs: Any) -> str:
        if creation.connection.vendor != "sqlite":
            return create(creation, *args, **kwargs)
        kept = folder / "migrated.sqlite3"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                name = create(creation, *args, **kwargs)
                _keep(creation, kept)
                return name
        with _copied(creation, kept):
            return create(creation, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "create_test_db", create_or_copy)
        yield


def _keep(creation: BaseDatabaseCreation, kept: Path) -> None:
    copy = sqlite3.connect(kept)
    creation.connection.connection.backup(copy)
    copy.close()


@contextmanager
def _copied(creation: BaseDatabaseCreation, kept: Path) -> Iterator[None]:
    memory = sqlite3.connect(creation._get_test_db_name(), uri=True)  # lives while anybody has it open: until Django does
    source = sqlite3.connect(kept)
    source.backup(memory)
    source.close()
    yield
    memory.close()
