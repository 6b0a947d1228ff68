"""What SQLite's planner knows of how full the tables are."""

from django.db import connection


def tables_known() -> set[str] | None:
    """Return the tables it has figures of; None in a database that sees to that by itself."""
    if connection.vendor != "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tbl FROM sqlite_stat1")
        return {name for (name,) in cursor.fetchall()}
