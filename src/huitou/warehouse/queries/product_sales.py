"""What one product brought, by store and day, with its returns netted in."""

from dataclasses import dataclass
from datetime import date

import duckdb

from huitou.core.periods import Period
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class ProductSums:
    """
    Sums of one product. A sale counts on its day and in the store of its order; so does what came back of it.

    orders: those on which something of it is left; identified_net_fen: what belongs to a person, the rest is anonymous.
    """

    gross_fen: int = 0
    refund_fen: int = 0
    net_fen: int = 0
    qty_milli: int = 0
    orders: int = 0
    identified_net_fen: int = 0


NOTHING = ProductSums()
_SALES = """
    with bought as (
        select o.store_id, o.d, o.record_id is not null as is_known, sum(l.qty_milli) as qty_milli,
            sum(case when l.kind = 0 then l.amount_fen else 0 end) as gross_fen, sum(l.amount_fen) as net_fen
        from (select * from lines where product_id = ? and d >= ? and d < ?) as l
        inner join (select * from orders where d >= ? and d < ? and {stores}) as o on l.net_order_id = o.net_order_id
        group by o.net_order_id, 1, 2, 3)
    select store_id, d, sum(gross_fen)::bigint as gross_fen, (sum(gross_fen) - sum(net_fen))::bigint as refund_fen,
        sum(net_fen)::bigint as net_fen, sum(qty_milli)::bigint as qty_milli,
        count(*) filter (where net_fen > 0) as orders,
        coalesce(sum(net_fen) filter (where is_known), 0)::bigint as identified_net_fen
    from bought group by 1, 2 order by 1, 2"""


def product_sales(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, product_id: int, period: Period
) -> dict[tuple[int, date], ProductSums]:
    """Return the sums per (store id, day) that has an order with the product; nothing for a product nobody bought."""
    stores, values = scope_sql(scope, "store_id")
    bounds: list[object] = [period.start, period.end]
    rows = fetch(cursor, _SALES.format(stores=stores), [product_id, *bounds, *bounds, *values])
    return {(row.pop("store_id"), row.pop("d")): ProductSums(**row) for row in rows}


def sold_days(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, product_id: int) -> tuple[date, date] | None:
    """Return the first and the last day on which a store in scope sold the product; None for never."""
    stores, values = scope_sql(scope, "store_id")
    sql = f"select min(d) as first, max(d) as last from lines where product_id = ? and kind = 0 and {stores}"
    row = fetch(cursor, sql, [product_id, *values])[0]
    return None if row["first"] is None else (row["first"], row["last"])
