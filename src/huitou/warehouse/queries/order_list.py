"""Orders as a list: filtered by any tree, sorted by any column, read from anywhere, counted; cut to stores."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb

from huitou.warehouse.filters import Wanted
from huitou.warehouse.keyset import Keyset
from huitou.warehouse.queries.rows import Row, fetch
from huitou.warehouse.scope import Scope, scope_sql

ID, DAY = "net_order_id", "d"
# The columns that fields of orders may name besides those of the table; pieces are rounded to whole ones.
ORDERS = """(select *, (items_milli + 500) // 1000 as items, case channel when 1 then 'online' else 'store' end as channel_code,
    case when record_id is null then 'anonymous' else 'known' end as buyer_code from orders)"""
_PROBED_ROWS = 5_000  # orders of the days that are looked at first


def orders_listed(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, wanted: Wanted, keyset: Keyset) -> list[Row]:
    """
    Return the orders of one stretch, in the order of reading, with all columns of ORDERS.

    The table lies by customer, so that no order of a list is an order on disk. A few days, as many as hold some thousand
    orders, are sorted first: by date they are all that is needed, and by any other column their last value bounds the search
    of the whole.
    """
    condition, parameters = _matching(scope, wanted, keyset)
    days = _probed_days(cursor, scope, keyset)
    if days is None:
        return []
    keys = _keys(cursor, keyset, f"{condition} and d >= ? and d <= ?", [*parameters, *days])
    is_whole = keyset.column == DAY and len(keys) == keyset.limit
    if not is_whole:
        bound, more = _bound(keyset, keys)
        keys = _keys(cursor, keyset, f"{bound} and {condition}", [*more, *parameters])
    return _rows(cursor, scope, [row_id for row_id, _value in keys])


def orders_counted(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, wanted: Wanted) -> int:
    """Return how many orders match: one pass over the columns that are asked about."""
    condition, parameters = _matching(scope, wanted, None)
    return int(fetch(cursor, f"select count(*) as orders from {ORDERS} where {condition}", parameters)[0]["orders"])


def order_matches(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, wanted: Wanted, net_order_id: int) -> bool:
    """Say whether one order is in scope and matches."""
    condition, parameters = _matching(scope, wanted, None)
    return bool(fetch(cursor, f"select 1 from {ORDERS} where {ID} = ? and {condition}", [net_order_id, *parameters]))


def orders_summed(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, wanted: Wanted) -> tuple[int, int]:
    """Return how many orders match and their net in fen."""
    condition, parameters = _matching(scope, wanted, None)
    sql = f"select count(*) as orders, coalesce(sum(net_fen), 0)::bigint as net from {ORDERS} where {condition}"
    row = fetch(cursor, sql, parameters)[0]
    return int(row["orders"]), int(row["net"])


def order_row(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, net_order_id: int) -> Row | None:
    """Return one order with all columns of ORDERS; None for one that is not there and for one of another store alike."""
    rows = _rows(cursor, scope, [net_order_id])
    return rows[0] if rows else None


def _matching(scope: Scope, wanted: Wanted, keyset: Keyset | None) -> tuple[str, list[object]]:
    reach, stores = scope_sql(scope, "store_id")
    condition, values = wanted.sql()
    behind, start = keyset.behind_sql() if keyset else ("true", [])
    return f"{reach} and {condition} and {behind}", [*stores, *values, *start]


def _keys(cursor: duckdb.DuckDBPyConnection, keyset: Keyset, condition: str, parameters: list[object]) -> list[tuple[int, Any]]:
    column = keyset.column or ID
    sql = f"select {ID}, {column} as place from {ORDERS} where {condition} order by {keyset.order_sql()} limit ?"
    found: list[tuple[int, Any]] = cursor.execute(sql, [*parameters, keyset.limit]).fetchall()
    return found


def _bound(keyset: Keyset, probed: Sequence[tuple[int, Any]]) -> tuple[str, list[object]]:
    """Return the condition that every row of the stretch fulfils because as many rows as asked for do."""
    if len(probed) < keyset.limit or not keyset.column:
        return "true", []
    return f"{keyset.column} {'>=' if keyset.falls else '<='} ?", [probed[-1][1]]


def _probed_days(cursor: duckdb.DuckDBPyConnection, scope: Scope, keyset: Keyset) -> tuple[date, date] | None:
    """Return the first and last of the days next to the start by date, else of the newest days; None where no order is left."""
    by_day = keyset.column == DAY
    start = keyset.start[0] if by_day and keyset.start else None
    falls = keyset.falls if by_day else True
    reach, stores = scope_sql(scope, "store_id")
    sql = f"""
        select d, sum(order_rows)::bigint as held from store_day
        where {reach} and (?::date is null or d {"<=" if falls else ">="} ?) group by d order by d {"desc" if falls else "asc"}"""
    cursor.execute(sql, [*stores, start, start])
    held, days = 0, list[date]()
    while held < _PROBED_ROWS and (found := cursor.fetchone()) is not None:
        days.append(found[0])
        held += found[1]
    return (min(days), max(days)) if days else None


def _rows(cursor: duckdb.DuckDBPyConnection, scope: Scope, ids: list[int]) -> list[Row]:
    if not ids:
        return []
    reach, stores = scope_sql(scope, "o.store_id")
    sql = f"""
        select o.*, s.name as store_name from {ORDERS} as o left join stores as s on o.store_id = s.store_id
        where o.{ID} in (select unnest(?::bigint[])) and {reach}"""
    found = {row[ID]: row for row in fetch(cursor, sql, [ids, *stores])}
    return [found[row_id] for row_id in ids if row_id in found]
