"""Copy the operations database into a file and back, each engine by its own tool; the copy is one consistent moment."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from django.db import connection

NAMES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}


class ToolMissing(Exception):
    """A program of PostgreSQL that copying needs is not there, or failed; the message says which and what it said."""


class DatabaseInUse(Exception):
    """There is already a database with tables where the copy should go."""


def database_dump(path: Path) -> None:
    """Write the database as it is now; writers go on meanwhile. Raises ToolMissing."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        copy = sqlite3.connect(path)
        try:
            connection.connection.backup(copy)
        finally:
            copy.close()
        return
    _tool("pg_dump", "--format=custom", "--compress=1", "--no-owner", "--no-privileges", f"--file={path}", _database_name())


def database_load(path: Path) -> None:
    """
    Put a copy in place of the empty database. Raises DatabaseInUse, ToolMissing.

    PostgreSQL loads in one transaction. For SQLite the file itself becomes the database, by one rename.
    """
    if connection.introspection.table_names():
        raise DatabaseInUse(f"the database {_database_name()} has tables")
    connection.close()
    if connection.vendor == "sqlite":
        target = Path(_database_name())
        for left in (target, target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
            left.unlink(missing_ok=True)
        path.replace(target)
        return
    _tool("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", f"--dbname={_database_name()}", str(path))


def _database_name() -> str:
    return str(connection.settings_dict["NAME"])


def _tool(name: str, *arguments: str) -> None:
    """Run a program of PostgreSQL against the configured server; HUITOU_PG_BIN names its folder where PATH does not."""
    program = shutil.which(name, path=os.environ.get("HUITOU_PG_BIN") or None)
    if program is None:
        raise ToolMissing(f"{name} was not found: install PostgreSQL's client programs, or set HUITOU_PG_BIN to their folder")
    settings = connection.settings_dict
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    server = {name: str(settings[key]) for name, key in names.items() if settings[key]}
    environment = {**os.environ, **server}
    done = subprocess.run([program, *arguments], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ToolMissing(f"{name} failed: {done.stderr.strip()[-500:]}")
