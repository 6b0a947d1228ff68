"""Writes what the fake mall serves: `<chain>/mall/mall.sqlite3`. Field names and formats: README.md beside this file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from huitou.connectors.feed_store import FeedRow, feed_create, feed_put, feed_put_rows

FILE_NAME = "mall.sqlite3"
RESOURCES = ("stores", "products", "customers", "orders", "enquiries", "messages")


def create(path: Path) -> None:
    """Create an empty mall."""
    feed_create(path, RESOURCES)


def put(path: Path, resource: str, items: Iterable[Mapping[str, Any]]) -> int:
    """Add or replace resources (README.md: each has `id` and `updated_at` as UTC text ending in Z); returns how many."""
    return feed_put(path, resource, items)


def put_rows(path: Path, resource: str, rows: Iterable[FeedRow]) -> int:
    """Add or replace many resources given as (id, updated_at, JSON text)."""
    return feed_put_rows(path, resource, rows)
