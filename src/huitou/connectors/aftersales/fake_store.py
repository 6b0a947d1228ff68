"""Writes what the fake desk serves: `<chain>/aftersales/aftersales.sqlite3`. Formats: README.md beside this file."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from huitou.connectors.feed_store import FeedRow, feed_create, feed_put, feed_put_rows

FILE_NAME = "aftersales.sqlite3"
RESOURCES = ("tickets", "events")
STAMPS = {"tickets": "updated_at", "events": "recorded_at"}  # the field that numbered pages are ordered by


def create(path: Path) -> None:
    """Create an empty desk."""
    feed_create(path, RESOURCES)


def put(path: Path, resource: str, items: Iterable[Mapping[str, Any]]) -> int:
    """Add or replace resources (README.md: times as text with +08:00); returns how many."""
    return feed_put(path, resource, items, stamp=STAMPS[resource])


def put_rows(path: Path, resource: str, rows: Iterable[FeedRow]) -> int:
    """Add or replace many resources given as (id, updated_at or recorded_at, JSON text)."""
    return feed_put_rows(path, resource, rows)
