"""What the database's planner knows of how full the tables are."""

from django.db import connection

LARGE_ROWS = 10_000
_ROWS_SAMPLED = 1_000  # per index; milliseconds at any size


def statistics_refresh() -> None:
    """
    Let SQLite's planner look at the large tables; PostgreSQL does so by itself. For after whatever fills tables as a whole.

    Without figures SQLite starts at any index it may use, however many rows that leaves. Figures of a small table are thrown
    away: it may be large a minute later, and a planner that takes it for small then reads all of it again and again.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={_ROWS_SAMPLED}")
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < %s", [LARGE_ROWS])
