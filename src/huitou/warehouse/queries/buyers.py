"""What every buyer of the last 365 days did, as arrays for scoring."""

from datetime import date

import duckdb
import numpy as np

from huitou.core.value.rfm import Purchases
from huitou.warehouse.scope import Scope, scope_sql


def buyers(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> Purchases:
    """
    Return persons with an order in the 365 days up to as_of and something paid net, in rising person_id; nobody gives empty.

    A person is in scope when the main store is.
    """
    condition, parameters = scope_sql(scope, "main_store_id")
    sql = f"""
        select
            person_id::bigint as person_id,
            greatest(?::date - last_date, 0)::bigint as recency_days,
            orders_365d as orders,
            net_365d_fen as net_fen
        from facts
        where orders_365d > 0 and net_365d_fen > 0 and {condition}
        order by person_id"""
    found = cursor.execute(sql, [as_of, *parameters]).fetchnumpy()
    return Purchases(*(np.asarray(found[name], dtype=np.int64) for name in ("person_id", "recency_days", "orders", "net_fen")))
