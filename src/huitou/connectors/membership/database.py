"""Reads rows from the membership database, SQLite or PostgreSQL, always read-only."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import dict_row

from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

_TIMEOUT_SECONDS = 20
_POSTGRES = ("postgresql://", "postgres://")


class Database(Protocol):
    """An open connection; values come as JSON takes them, times as text without offset."""

    def rows(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Run one SELECT with `?` for values."""
        ...


@contextmanager
def database_open(setting: str, *, source: str) -> Iterator[Database]:
    """
    Open the database that the setting names (a path or a postgresql:// URL).

    Raises SourceMisconfigured for a missing file, table or right and for refused credentials, SourceUnavailable for a
    server that is down, a lock or a statement that takes too long. Messages never repeat the URL: it holds a password.
    """
    if setting.startswith(_POSTGRES):
        with _postgres(setting, source) as postgres:
            yield postgres
    else:
        with _sqlite(Path(setting), source) as sqlite:
            yield sqlite


class _Sqlite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, values)]


@contextmanager
def _sqlite(path: Path, source: str) -> Iterator[Database]:
    if not path.is_file():
        raise SourceMisconfigured(f"{source}: setting database: there is no file {path}")
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=_TIMEOUT_SECONDS)) as connection:
            connection.row_factory = sqlite3.Row
            yield _Sqlite(connection)
    except sqlite3.DatabaseError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise SourceUnavailable(f"{source}: {path} is locked by another program") from error
        raise SourceMisconfigured(f"{source}: setting database: {path} is not the membership database ({error})") from error


class _Postgres:
    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        found = self._connection.execute(sql.replace("?", "%s").encode(), values).fetchall()
        return [{name: _json_value(value) for name, value in row.items()} for row in found]


@contextmanager
def _postgres(url: str, source: str) -> Iterator[Database]:
    try:
        with psycopg.connect(url, row_factory=dict_row, connect_timeout=_TIMEOUT_SECONDS) as connection:
            connection.read_only = True
            connection.execute("select set_config('statement_timeout', %s, false)", (f"{_TIMEOUT_SECONDS}s",))
            yield _Postgres(connection)
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn, psycopg.errors.InsufficientPrivilege) as error:
        raise SourceMisconfigured(f"{source}: setting database: {_first_line(error)}") from error
    except psycopg.OperationalError as error:
        text = _first_line(error)
        if any(mark in text for mark in ("authentication failed", "does not exist", "no pg_hba.conf entry")):
            raise SourceMisconfigured(f"{source}: setting database: the server refuses it: {text}") from error
        raise SourceUnavailable(f"{source}: the database server cannot be read: {text}") from error
    except psycopg.ProgrammingError as error:
        raise SourceMisconfigured(f"{source}: setting database is no valid connection: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]


def _json_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
