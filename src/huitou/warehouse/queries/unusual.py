"""What anomalies are told from, as arrays: days of stores, returns on the day they were brought, how often cards were used."""

from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.warehouse.scope import Scope, scope_sql

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class StoreGrid:
    """Days x stores: sales in fen, orders and returns of each day; NaN before the store's first sale."""

    store_ids: Ints
    gross_fen: Floats
    orders: Floats
    returns: Floats


@dataclass(frozen=True, slots=True)
class CardDays:
    """One row per person and day with a use: how many, and the store with most of them (-1: none)."""

    persons: Ints
    days: Ints  # from the first day asked, 0..
    counts: Ints
    stores: Ints


def store_grid(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, first: date, last: date) -> StoreGrid:
    """Return every store that sold anything by `last`, for the days from first to last, both counted."""
    condition, parameters = scope_sql(scope, "store_id")
    began = cursor.execute(
        f"""select store_id::bigint, (min(d) - ?::date)::bigint from store_day where d <= ? and {condition}
            group by 1 order by 1""",
        [first, last, *parameters],
    ).fetchall()
    size = (last - first).days + 1
    ids = np.array([store for store, _ in began], dtype=np.int64)
    opened = np.array([day for _, day in began], dtype=np.int64)
    start = np.where(np.arange(size)[:, None] < opened, np.nan, 0.0) if ids.size else np.zeros((size, 0))
    sold = f"""select store_id::bigint as store_id, (d - ?::date)::bigint as day, sum(gross_fen)::double as gross_fen,
            sum(orders)::double as orders
        from store_day where d >= ? and d <= ? and {condition} group by 1, 2"""
    brought = f"""select store_id::bigint as store_id, ((sold_at + interval 8 hour)::date - ?::date)::bigint as day,
            count(distinct order_id)::double as returned
        from lines
        where kind = 1 and (sold_at + interval 8 hour)::date >= ? and (sold_at + interval 8 hour)::date <= ? and {condition}
        group by 1, 2"""
    gross, orders, returns = start.copy(), start.copy(), start.copy()
    rows = cursor.execute(sold, [first, first, last, *parameters]).fetchnumpy()
    _put(gross, ids, rows, "gross_fen")
    _put(orders, ids, rows, "orders")
    _put(returns, ids, cursor.execute(brought, [first, first, last, *parameters]).fetchnumpy(), "returned")
    return StoreGrid(ids, gross, orders, returns)


def _put(grid: Floats, ids: Ints, rows: dict[str, npt.NDArray[np.generic]], name: str) -> None:
    stores, days = (np.asarray(rows[key], dtype=np.int64) for key in ("store_id", "day"))
    known = np.isin(stores, ids)
    grid[days[known], np.searchsorted(ids, stores[known])] = np.asarray(rows[name], dtype=np.float64)[known]


def card_orders(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, first: date, last: date) -> CardDays:
    """Return how many orders each person made on each day."""
    condition, parameters = scope_sql(scope, "o.store_id")
    sql = f"""
        select m.person_id::bigint as person_id, (o.d - ?::date)::bigint as day, count(*)::bigint as uses,
            mode(o.store_id)::bigint as store_id
        from orders as o inner join map as m on o.record_id = m.record_id
        where o.has_sale and o.d >= ? and o.d <= ? and {condition} group by 1, 2"""
    return _cards(cursor.execute(sql, [first, first, last, *parameters]).fetchnumpy())


def card_points(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, first: date, last: date) -> CardDays:
    """Return how many entries of the points ledger added points to each person on each day; in scope by the main store."""
    condition, parameters = scope_sql(scope, "f.main_store_id")
    sql = f"""
        select m.person_id::bigint as person_id, (p.d - ?::date)::bigint as day, count(*)::bigint as uses,
            coalesce(min(f.main_store_id), -1)::bigint as store_id
        from points as p inner join map as m on p.record_id = m.record_id left join facts as f on m.person_id = f.person_id
        where p.delta_points > 0 and p.d >= ? and p.d <= ? and {condition} group by 1, 2"""
    return _cards(cursor.execute(sql, [first, first, last, *parameters]).fetchnumpy())


def _cards(rows: dict[str, npt.NDArray[np.generic]]) -> CardDays:
    return CardDays(*(np.asarray(rows[name], dtype=np.int64) for name in ("person_id", "day", "uses", "store_id")))
