"""
What a refusal must leave alone, read from the database itself: every row as it is, and how often any row was begun to be written.

Both are asked inside the transaction of a test, on the connection that the requests of the test client use.
"""

from hashlib import blake2b

from django.db import connection

# What PostgreSQL counted of this transaction so far, subtransactions that were rolled back included. The log of requests and
# the session are rows like any other.
_BEGUN = """
select coalesce(sum(
    pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
), 0)
from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace
"""
# ctid: the place of the row's version, another one after an update that changes nothing
_ROWS = "select '{table}', count(*), coalesce(sum(hashtextextended(t.ctid::text || t::text, 0)), 0) from {table} as t"


def state() -> bytes:
    """Return a hash over the whole database as this transaction sees it: SQLite page by page, PostgreSQL row by row."""
    if connection.vendor == "sqlite":
        return blake2b(connection.connection.serialize()).digest()
    tables = sorted(connection.introspection.table_names())
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(_ROWS.format(table=connection.ops.quote_name(table)) for table in tables))
        return blake2b(repr(sorted(cursor.fetchall())).encode()).digest()


def touched() -> int:
    """Return how many rows this connection has inserted, changed or deleted since it began, rolled back or not."""
    if connection.vendor == "sqlite":
        return int(connection.connection.total_changes)
    with connection.cursor() as cursor:
        cursor.execute(_BEGUN)
        return int(cursor.fetchone()[0])
