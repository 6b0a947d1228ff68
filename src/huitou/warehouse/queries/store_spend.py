"""What known customers spent in each store over a period, and how many the store had by its end."""

from dataclasses import dataclass

import duckdb

from huitou.core.periods import Period
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class StoreSpend:
    """
    net_fen: sold in the store to known persons, returns netted into the day of the sale. customers: persons with this main
    store who had bought by the end of the period; the main store is that of the as-of date, it has no history.
    """

    net_fen: int
    customers: int

    @property
    def mean_fen(self) -> int | None:
        return round(self.net_fen / self.customers) if self.customers else None


def store_spend(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period) -> dict[int, StoreSpend]:
    """Return the sums per store in scope that sold to somebody known, or has a customer."""
    sold, of_stores = scope_sql(scope, "store_id")
    lives, of_persons = scope_sql(scope, "main_store_id")
    sql = f"""
        select store_id::bigint as store_id, sum(net_fen)::bigint as net_fen, sum(customers)::bigint as customers
        from (
            select store_id, identified_net_fen as net_fen, 0 as customers from store_day
            where {sold} and d >= ? and d < ?
            union all
            select main_store_id, 0, count(*) from facts
            where {lives} and main_store_id is not null and first_date < ? group by main_store_id
        ) group by 1"""
    rows = fetch(cursor, sql, [*of_stores, period.start, period.end, *of_persons, period.end])
    return {row["store_id"]: StoreSpend(row["net_fen"], row["customers"]) for row in rows}
