"""
The store behind a fake REST system: one SQLite file with one table per resource, each row a resource as its JSON text.

A table has `seq` (grows with every write: the change feed), `id` (unique), `updated_at` (text of one fixed format, so
that text order is time order) and `payload` (the JSON object that the API serves).
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from huitou.connectors.fake_store import rows_put, writer

FeedRow = tuple[str, str, str]  # id, updated_at, payload


def feed_create(path: Path, resources: Iterable[str]) -> None:
    """Create the file with an empty table per resource; existing tables stay as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(writer(path)) as connection:
        connection.execute("pragma journal_mode = wal")
        for resource in resources:
            connection.execute(
                f"create table if not exists {resource} (seq integer primary key autoincrement, "
                "id text not null unique, updated_at text not null, payload text not null)"
            )
            connection.execute(f"create index if not exists {resource}_updated on {resource} (updated_at, id)")
        connection.commit()


def feed_put_rows(path: Path, resource: str, rows: Iterable[FeedRow]) -> int:
    """Insert resources given as (id, updated_at, JSON text); a known id is replaced and moves to the end of the feed."""
    insert = f"insert or replace into {resource} (id, updated_at, payload) values (?, ?, ?)"  # noqa: S608
    return rows_put(path, insert, rows)


def feed_put(path: Path, resource: str, items: Iterable[Mapping[str, Any]], *, stamp: str = "updated_at") -> int:
    """Insert resources given as mappings with `id` and the field named by `stamp`; returns how many."""
    return feed_put_rows(
        path,
        resource,
        ((str(item["id"]), item[stamp], json.dumps(item, ensure_ascii=False, separators=(",", ":"))) for item in items),
    )


def feed_open(path: Path) -> sqlite3.Connection:
    """Open the store for reading; the caller closes it."""
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=20, check_same_thread=False)


def json_list(payloads: Iterable[str]) -> str:
    """Join JSON texts into the text of a JSON array without reading them."""
    return "[" + ",".join(payloads) + "]"
