"""Attach version files to a connection of one's own, for jobs that look at several versions side by side."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

import duckdb

from huitou.warehouse.connect import connect
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.overlay import filled_sql, overlay_sql
from huitou.warehouse.staging import work_folder
from huitou.warehouse.switch import Version, base_path, tail_path


@contextmanager
def scratch(layout: Layout, name: str, limits: Limits) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an in-memory connection that spills into a folder of its own, removed at the end."""
    with work_folder(layout, name) as folder, connect(limits=limits, temporary=folder) as connection:
        yield connection


def attach(connection: duckdb.DuckDBPyConnection, layout: Layout, version: Version) -> None:
    """Attach the files of a version as b<base> and t<tail>, read-only; one that is attached already stays."""
    attached = {row[0] for row in connection.execute("select database_name from duckdb_databases()").fetchall()}
    paths = {base_alias(version): base_path(layout, version.base)}
    if version.tail is not None:
        paths[f"t{version.tail}"] = tail_path(layout, version.tail)
    for alias, path in paths.items():
        if alias not in attached:
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {alias} (read_only)")


def base_alias(version: Version) -> str:
    return f"b{version.base}"


def tail_alias(version: Version) -> str | None:
    return None if version.tail is None else f"t{version.tail}"


def filled_tables(connection: duckdb.DuckDBPyConnection, version: Version) -> frozenset[str]:
    """Return which tables of an attached version's tail have rows; none without a tail."""
    tail = tail_alias(version)
    return frozenset() if tail is None else frozenset(row[0] for row in connection.execute(filled_sql(tail)).fetchall())


def table_sql(table: str, version: Version, filled: Collection[str] | None = None) -> str:
    """Return the SELECT of a curated table of an attached version; `filled` (see filled_tables) makes it shorter."""
    return overlay_sql(table, base=base_alias(version), tail=tail_alias(version), filled=filled)
