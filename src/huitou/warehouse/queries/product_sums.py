"""What each product brought in a period and when it was last sold: for the chain from day sums, for stores from their lines."""

import duckdb
import pyarrow as pa

from huitou.core.periods import Period
from huitou.warehouse.attach import base_alias, tail_alias
from huitou.warehouse.scope import Scope, scope_sql
from huitou.warehouse.switch import Version

_SUMS = "sum(net_fen)::bigint as net_fen, sum(refund_fen)::bigint as refund_fen, sum(qty_milli)::bigint as qty_milli"
_OF_STORES = """
    select l.product_id, l.amount_fen as net_fen, case when l.kind = 0 then 0 else -l.amount_fen end as refund_fen, l.qty_milli
    from lines as l
    semi join (select net_order_id from orders where d >= ? and d < ? and {stores}) as o on l.net_order_id = o.net_order_id
    where l.d >= ? and l.d < ?"""
NOTHING_SOLD = pa.table({name: pa.array([], kind) for name, kind in (
    ("product_id", pa.int32()), ("net_fen", pa.int64()), ("refund_fen", pa.int64()), ("qty_milli", pa.int64()))})  # fmt: skip
NEVER_SOLD = pa.table({"product_id": pa.array([], pa.int32()), "last_date": pa.array([], pa.date32())})


def product_sums(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period) -> pa.Table:
    """
    Return product_id, net_fen, refund_fen and qty_milli (returns netted in) of the products sold or returned in the period.

    A sale counts on its day and in the store of its order; so does what came back of it.
    """
    bounds: list[object] = [period.start, period.end]
    if scope.store_ids is None:
        sold, parameters = "select * from product_day where d >= ? and d < ?", bounds
    else:
        stores, values = scope_sql(scope, "store_id")
        sold, parameters = _OF_STORES.format(stores=stores), [*bounds, *values, *bounds]
    return _arrow(cursor, f"select product_id, {_SUMS} from ({sold}) as s group by product_id", parameters)


def last_days_of_base(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, version: Version) -> pa.Table:
    """Return product_id and last_date, the last day with a sale, as far as the base of a version knows."""
    return _last_days(cursor, scope, base_alias(version), "")


def last_days_of_tail(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, version: Version) -> pa.Table:
    """Return the same of what came since. A sold day stays one, whatever comes back later, so the later day holds."""
    tail = tail_alias(version)
    return NEVER_SOLD if tail is None else _last_days(cursor, scope, tail, "t_")


def _last_days(cursor: duckdb.DuckDBPyConnection, scope: Scope, alias: str, prefix: str) -> pa.Table:
    if scope.store_ids is None:
        sold, parameters = f"{alias}.{prefix}product_day where gross_fen > 0", list[object]()
    else:
        stores, parameters = scope_sql(scope, "store_id")
        sold = f"{alias}.{prefix}lines where kind = 0 and {stores}"
    return _arrow(cursor, f"select product_id, max(d) as last_date from {sold} group by product_id", parameters)


def _arrow(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: list[object]) -> pa.Table:
    return cursor.sql(sql, params=parameters).to_arrow_table()
