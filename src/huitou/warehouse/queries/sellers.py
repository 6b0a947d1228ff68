"""What sells most: categories of the first level and products, for the chain from day sums, for stores from their own lines."""

from dataclasses import dataclass

import duckdb

from huitou.core.periods import Period
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class Seller:
    """One category or product: net revenue of the period and sold quantity in thousandths, returns netted in."""

    id: int
    name: str
    net_fen: int
    qty_milli: int


_CATEGORY = """
    select root.category_id as id, root.name, sum(s.net_fen)::bigint as net_fen, sum(s.qty_milli)::bigint as qty_milli
    from ({sold}) as s
    inner join categories as c on s.category_id = c.category_id
    inner join categories as root on root.level = 1 and root.path = split_part(c.path, '/', 1)
    group by 1, 2 order by net_fen desc, id limit ?"""
_PRODUCT = """
    select p.product_id as id, p.name, sum(s.net_fen)::bigint as net_fen, sum(s.qty_milli)::bigint as qty_milli
    from ({sold}) as s inner join products as p on s.product_id = p.product_id
    group by 1, 2 order by net_fen desc, id limit ?"""
_CATEGORY_DAYS = "select category_id, net_fen, qty_milli from category_day where d >= ? and d < ?"
_PRODUCT_DAYS = "select product_id, net_fen, qty_milli from product_day where d >= ? and d < ?"
_LINES = """
    select l.product_id, p.category_id, l.amount_fen as net_fen, l.qty_milli
    from lines as l
    semi join (select net_order_id from orders where d >= ? and d < ? and {stores}) as o on l.net_order_id = o.net_order_id
    left join products as p on l.product_id = p.product_id
    where l.d >= ? and l.d < ?"""


def top_categories(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period, limit: int = 10) -> list[Seller]:
    """Return the first-level categories by net revenue, most first, ties by id. A sale counts in the store of the order."""
    return _top(cursor, _CATEGORY, _CATEGORY_DAYS, scope, period, limit)


def top_products(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period, limit: int = 10) -> list[Seller]:
    """Return the products by net revenue, most first, ties by id."""
    return _top(cursor, _PRODUCT, _PRODUCT_DAYS, scope, period, limit)


def _top(cursor: duckdb.DuckDBPyConnection, shape: str, days: str, scope: Scope, period: Period, limit: int) -> list[Seller]:
    bounds: list[object] = [period.start, period.end]
    if scope.store_ids is None:
        return [Seller(**row) for row in fetch(cursor, shape.format(sold=days), [*bounds, limit])]
    stores, parameters = scope_sql(scope, "store_id")
    sold = _LINES.format(stores=stores)
    return [Seller(**row) for row in fetch(cursor, shape.format(sold=sold), [*bounds, *parameters, *bounds, limit])]
