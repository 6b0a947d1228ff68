"""A list over a small table held in memory: the same filters and keysets as over stored rows, no file read."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import duckdb
import pyarrow as pa

from huitou.warehouse.connect import connect
from huitou.warehouse.filters import Wanted
from huitou.warehouse.keyset import Keyset
from huitou.warehouse.layout import Limits
from huitou.warehouse.queries.rows import Row, fetch

_LIMITS = Limits(memory_mb=200, threads=1)


def held_listed(table: pa.Table, *, wanted: Wanted, keyset: Keyset) -> list[Row]:
    """Return the rows of one stretch, in the order of reading."""
    condition, values = wanted.sql()
    behind, start = keyset.behind_sql()
    with _named(held=table) as cursor:
        sql = f"select * from held where {condition} and {behind} order by {keyset.order_sql()} limit ?"
        return fetch(cursor, sql, [*values, *start, keyset.limit])


def held_counted(table: pa.Table, *, wanted: Wanted) -> int:
    """Return how many rows match."""
    condition, values = wanted.sql()
    with _named(held=table) as cursor:
        return int(fetch(cursor, f"select count(*) as rows from held where {condition}", values)[0]["rows"])


def held_table(sql: str, **tables: pa.Table) -> pa.Table:
    """Run one of our statements over tables, each known by its name."""
    with _named(**tables) as cursor:
        return cursor.sql(sql).to_arrow_table()


@contextmanager
def _named(**tables: pa.Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a cursor to which the tables are known by their names; cursors share no names."""
    with _connection().cursor() as cursor:
        for name, table in tables.items():
            cursor.register(name, table)
        yield cursor


@lru_cache(maxsize=1)
def _connection() -> duckdb.DuckDBPyConnection:
    return connect(limits=_LIMITS, temporary=Path(tempfile.gettempdir()))
