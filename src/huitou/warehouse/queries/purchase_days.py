"""Who bought on which day, as arrays: what forecasts are made from."""

from datetime import date, timedelta

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.warehouse.scope import Scope, scope_sql

HISTORY_DAYS = 3 * 365


def purchase_days(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> dict[str, npt.NDArray[np.generic]]:
    """
    Return `person_id`, `business_date` and `amount_fen` (net of returns), one row per person and day with a purchase.

    Of the three years up to as_of; purchases of records without a person are not there.
    """
    condition, parameters = scope_sql(scope, "o.store_id")
    sql = f"""
        select m.person_id::bigint as person_id, o.d as business_date, sum(o.net_fen)::double as amount_fen
        from orders as o inner join map as m on o.record_id = m.record_id
        where o.net_fen > 0 and o.d > ? and o.d <= ? and {condition}
        group by 1, 2"""
    found = cursor.execute(sql, [as_of - timedelta(HISTORY_DAYS), as_of, *parameters]).fetchnumpy()
    return {name: np.asarray(column) for name, column in found.items()}


def days_of_person(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_id: int, since: date) -> list[date]:
    """Return the days since `since` on which a person bought in these stores, oldest first."""
    condition, parameters = scope_sql(scope, "store_id")
    sql = f"""
        select distinct d from orders
        where record_id in (select record_id from map where person_id = ?) and net_fen > 0 and d >= ? and {condition}
        order by d"""
    return [row[0] for row in cursor.execute(sql, [person_id, since, *parameters]).fetchall()]
