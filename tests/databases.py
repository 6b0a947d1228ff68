"""
The test databases of one run: the worker that comes first migrates its own, the others begin with a copy of it.

On PostgreSQL the copy is made before the first worker goes on: a database is a template only while nobody is connected to it.
"""

import fcntl
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db.backends.base.creation import BaseDatabaseCreation

TEMPLATE = "huitou_migrated"


@contextmanager
def migrated_once(folder: Path) -> Iterator[None]:
    """Inside, the workers that share the folder migrate once: with a copy, Django finds nothing left to do."""
    create = BaseDatabaseCreation.create_test_db

    def create_or_copy(creation: BaseDatabaseCreation, *args: Any, **kwargs: Any) -> str:
        keep, copied = _COPYING[creation.connection.vendor]
        kept = folder / f"migrated-{creation.connection.vendor}"
        with kept.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                name = create(creation, *args, **kwargs)
                keep(creation, kept)
                return name
        with copied(creation, kept):
            return create(creation, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "create_test_db", create_or_copy)
        yield


def _sqlite_keep(creation: BaseDatabaseCreation, kept: Path) -> None:
    copy = sqlite3.connect(kept)
    creation.connection.connection.backup(copy)
    copy.close()


@contextmanager
def _sqlite_copied(creation: BaseDatabaseCreation, kept: Path) -> Iterator[None]:
    memory = sqlite3.connect(creation._get_test_db_name(), uri=True)  # lives while anybody has it open: until Django does
    source = sqlite3.connect(kept)
    source.backup(memory)
    source.close()
    yield
    memory.close()


def _postgres_keep(creation: BaseDatabaseCreation, kept: Path) -> None:
    creation.connection.close()
    creation.connection.close_pool()  # whose sessions would stay in the database that is copied
    with creation._nodb_cursor() as cursor:
        cursor.execute(f'create database "{TEMPLATE}" template "{creation.connection.settings_dict["NAME"]}"')
    kept.touch()


@contextmanager
def _postgres_copied(creation: BaseDatabaseCreation, _kept: Path) -> Iterator[None]:
    creation.connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE
    yield


_COPYING = {"sqlite": (_sqlite_keep, _sqlite_copied), "postgresql": (_postgres_keep, _postgres_copied)}
