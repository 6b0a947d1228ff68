"""Orders: one person's, or one store's and day's, newest first, and the lines of one order."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from huitou.core.periods import Period
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class OrderKey:
    """Where a page ended; the next page starts after it."""

    sold_at: datetime  # aware UTC
    net_order_id: int

    def parameters(self) -> list[object]:
        moment = self.sold_at.astimezone(UTC).replace(tzinfo=None)
        return [moment, moment, self.net_order_id]


@dataclass(frozen=True, slots=True)
class OrderRow:
    """One order with its returns netted in. `has_sale` false: only a return has landed so far."""

    net_order_id: int
    order_no: str | None
    record_id: int | None
    d: date
    sold_at: datetime
    store_id: int
    store_name: str | None
    channel: int
    has_sale: bool
    gross_fen: int
    refund_fen: int
    net_fen: int
    discount_fen: int
    items_milli: int
    lines_count: int
    return_lines: int
    void_lines: int

    @property
    def key(self) -> OrderKey:
        return OrderKey(self.sold_at, self.net_order_id)


@dataclass(frozen=True, slots=True)
class LineRow:
    """One source line of an order: a sale (kind 0), a return (1) or a void (2); where it landed is its provenance."""

    net_order_id: int
    order_id: int
    line_no: int
    kind: int
    sold_at: datetime
    store_id: int
    product_id: int
    product_name: str | None
    qty_milli: int
    amount_fen: int
    discount_fen: int
    batch_id: int


ORDER_COLUMNS = """o.net_order_id, o.order_no, o.record_id, o.d, o.sold_at, o.store_id, s.name as store_name, o.channel,
    o.has_sale, o.gross_fen, o.refund_fen, o.net_fen, o.discount_fen, o.items_milli, o.lines_count, o.return_lines,
    o.void_lines"""
AFTER = "(o.sold_at < ? or (o.sold_at = ? and o.net_order_id < ?))"


def orders_of_stores(
    cursor: duckdb.DuckDBPyConnection,
    *,
    scope: Scope,
    period: Period,
    store_id: int | None = None,
    after: OrderKey | None = None,
    limit: int = 50,
) -> list[OrderRow]:
    """Return orders of the stores in scope with their day in the period, newest first; `after` continues a page."""
    condition, parameters = scope_sql(scope, "o.store_id")
    sql = f"""
        select {ORDER_COLUMNS} from orders as o left join stores as s on o.store_id = s.store_id
        where {condition} and o.d >= ? and o.d < ? and (?::integer is null or o.store_id = ?)
            and {AFTER if after else "true"}
        order by o.sold_at desc, o.net_order_id desc limit ?"""
    keys = after.parameters() if after else []
    rows = fetch(cursor, sql, [*parameters, period.start, period.end, store_id, store_id, *keys, limit])
    return [OrderRow(**row) for row in rows]


def orders_by_number(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, order_no: str) -> list[OrderRow]:
    """Return the orders with this number in the stores in scope; two sources may use the same number."""
    condition, parameters = scope_sql(scope, "o.store_id")
    sql = f"""
        select {ORDER_COLUMNS} from orders as o left join stores as s on o.store_id = s.store_id
        where {condition} and o.order_no = ? order by o.sold_at desc, o.net_order_id desc"""
    return [OrderRow(**row) for row in fetch(cursor, sql, [*parameters, order_no])]


def order_lines(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, net_order_id: int, record_id: int | None) -> list[LineRow]:
    """
    Return the lines of one order, returns after the sale, empty when its store is out of scope.

    record_id: the order's own; None: anonymous.
    """
    condition, parameters = scope_sql(scope, "o.store_id")
    whose = "l.record_id is null" if record_id is None else "l.record_id = ?"
    sql = f"""
        select l.net_order_id, l.order_id, l.line_no, l.kind, l.sold_at, l.store_id, l.product_id, p.name as product_name,
            l.qty_milli, l.amount_fen, l.discount_fen, l.batch_id
        from lines as l left join products as p on l.product_id = p.product_id
        where {whose} and l.net_order_id = ?
            and exists (select 1 from orders as o where o.net_order_id = ? and {condition})
        order by l.kind, l.sold_at, l.order_id, l.line_no"""
    owner = [] if record_id is None else [record_id]
    return [LineRow(**row) for row in fetch(cursor, sql, [*owner, net_order_id, net_order_id, *parameters])]
