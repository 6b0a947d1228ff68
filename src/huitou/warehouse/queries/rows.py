"""Rows of a cursor as typed values."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import duckdb

Row = dict[str, Any]


def fetch(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object]) -> list[Row]:
    """Run one of our statements and return its rows by column name; moments come back as aware UTC."""
    cursor.execute(sql, parameters)
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, map(_aware, row), strict=True)) for row in cursor.fetchall()]


def _aware(value: object) -> object:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
