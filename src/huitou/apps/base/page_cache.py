"""How many pages of the database a connection keeps in memory while it writes much."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

_LARGE_KIB = 128 * 1024


@contextmanager
def large_page_cache() -> Iterator[None]:
    """
    Let SQLite keep 128 MB of pages for this connection until the end; PostgreSQL shares its memory among all.

    A run that writes a million rows touches every page of the indexes again and again. With the 2 MB a connection has otherwise,
    each is read anew, and copied once more into the log, for almost every row.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = {-_LARGE_KIB}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA cache_size = {int(before)}")
