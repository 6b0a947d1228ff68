"""One person's orders, newest first."""

from collections.abc import Sequence

import duckdb

from huitou.warehouse.queries.orders import AFTER, ORDER_COLUMNS, LineRow, OrderKey, OrderRow
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


def timeline(
    cursor: duckdb.DuckDBPyConnection,
    *,
    scope: Scope,
    person_id: int,
    after: OrderKey | None = None,
    limit: int = 20,
    channel: int | None = None,
    record_ids: Sequence[int] | None = None,
) -> list[OrderRow]:
    """
    Return one page of a person's orders, newest first; `after` is the key of the last row of the page before.

    A store that the person mostly buys from sees the whole history, any other store only its own sales. channel: 0 stores,
    1 online; record_ids: only orders of these records of the person.
    """
    visible, parameters = _visible(scope, person_id)
    wanted, more = _wanted(channel, record_ids, "o")
    sql = f"""
        select {ORDER_COLUMNS}
        from orders as o inner join map as m on o.record_id = m.record_id left join stores as s on o.store_id = s.store_id
        where m.person_id = ? and {visible} and {wanted} and {AFTER if after else "true"}
        order by o.sold_at desc, o.net_order_id desc limit ?"""
    keys = after.parameters() if after else []
    return [OrderRow(**row) for row in fetch(cursor, sql, [person_id, *parameters, *more, *keys, limit])]


def timeline_count(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_id: int) -> int:
    """Return how many orders `timeline` has for this viewer."""
    visible, parameters = _visible(scope, person_id)
    sql = f"""
        select count(*) as orders from orders as o inner join map as m on o.record_id = m.record_id
        where m.person_id = ? and {visible}"""
    return int(fetch(cursor, sql, [person_id, *parameters])[0]["orders"])


def _wanted(channel: int | None, record_ids: Sequence[int] | None, table: str) -> tuple[str, list[object]]:
    parts: list[str] = []
    parameters: list[object] = []
    if channel is not None:
        parts.append(f"{table}.channel = ?")
        parameters.append(channel)
    if record_ids is not None:
        parts.append(f"list_contains(?::bigint[], {table}.record_id)")
        parameters.append(list(record_ids))
    return " and ".join(parts) or "true", parameters


def timeline_lines(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_id: int, net_order_ids: Sequence[int]
) -> dict[int, list[LineRow]]:
    """Return the lines of some of a person's orders by net_order_id, each order's sale lines first, then its returns."""
    if not net_order_ids:
        return {}
    visible, parameters = _visible(scope, person_id)
    orders = "inner join orders as o on l.net_order_id = o.net_order_id and l.record_id = o.record_id"
    sql = f"""
        select l.net_order_id, l.order_id, l.line_no, l.kind, l.sold_at, l.store_id, l.product_id, p.name as product_name,
            l.qty_milli, l.amount_fen, l.discount_fen, l.batch_id
        from lines as l inner join map as m on l.record_id = m.record_id {"" if scope.store_ids is None else orders}
        left join products as p on l.product_id = p.product_id
        where m.person_id = ? and l.net_order_id in ({", ".join("?" * len(net_order_ids))}) and {visible}
        order by l.net_order_id, l.kind, l.sold_at, l.order_id, l.line_no"""
    found: dict[int, list[LineRow]] = {net_order_id: [] for net_order_id in net_order_ids}
    for row in fetch(cursor, sql, [person_id, *net_order_ids, *parameters]):
        found[row["net_order_id"]].append(LineRow(**row))
    return found


def _visible(scope: Scope, person_id: int) -> tuple[str, list[object]]:
    by_sale, sale_parameters = scope_sql(scope, "o.store_id")
    if scope.store_ids is None:
        return by_sale, sale_parameters
    by_person, person_parameters = scope_sql(scope, "f.main_store_id")
    condition = f"({by_sale} or exists (select 1 from facts as f where f.person_id = ? and {by_person}))"
    return condition, [*sale_parameters, person_id, *person_parameters]
