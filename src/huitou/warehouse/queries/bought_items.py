"""Who bought which product on which day, and which products stood in one basket, as arrays: what recommendations come from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.warehouse.scope import Scope, scope_sql

Ints = npt.NDArray[np.int64]
HISTORY_DAYS = 365
BASKET_DAYS = 180
BLOCK_ROWS = 500_000


@dataclass(frozen=True, slots=True)
class Bought:
    """One row per person, product and day with something of it left after returns; days since 1970. Whole persons."""

    persons: Ints
    products: Ints
    days: Ints


def buyers_count(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> int:
    """Return how many persons bought in the year up to as_of."""
    condition, parameters = scope_sql(scope, "o.store_id")
    sql = f"""
        select count(distinct m.person_id) from orders as o inner join map as m on o.record_id = m.record_id
        where o.net_fen > 0 and o.d > ? and o.d <= ? and {condition}"""
    ((count,),) = cursor.execute(sql, [as_of - timedelta(HISTORY_DAYS), as_of, *parameters]).fetchall()
    return int(count)


def bought_items(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date, every: int = 1, rows: int = BLOCK_ROWS
) -> Iterator[Bought]:
    """
    Yield everybody's purchases of the year up to as_of in blocks of about `rows`, persons in rising order.

    every: only every so manieth person, by a draw that depends on the id alone. A product counts on the day of its sale.
    """
    condition, parameters = scope_sql(scope, "l.store_id")
    sql = f"""
        select m.person_id::bigint as person_id, l.product_id::bigint as product_id, (l.d - date '1970-01-01')::bigint as day
        from lines as l inner join map as m on l.record_id = m.record_id
        where l.d > ? and l.d <= ? and hash(m.person_id) % ? = 0 and {condition}
        group by 1, 2, 3 having sum(l.amount_fen) > 0 order by 1"""
    kept: list[tuple[Ints, Ints, Ints]] = []
    found = cursor.sql(sql, params=[as_of - timedelta(HISTORY_DAYS), as_of, every, *parameters])
    for batch in found.to_arrow_reader(rows):
        persons, products, days = (batch.column(place).to_numpy(zero_copy_only=False) for place in range(3))
        if not persons.size:
            continue
        whole = int(np.searchsorted(persons, persons[-1]))  # the last person may go on in the next batch
        if whole:
            yield _joined([*kept, (persons[:whole], products[:whole], days[:whole])])
            kept = []
        kept.append((persons[whole:], products[whole:], days[whole:]))
    if kept:
        yield _joined(kept)


def _joined(parts: list[tuple[Ints, Ints, Ints]]) -> Bought:
    persons, products, days = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    return Bought(persons, products, days)


def baskets(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date, most: int) -> Bought:
    """Return at most about `most` orders of the last 180 days with their products; `persons` are net orders."""
    condition, parameters = scope_sql(scope, "store_id")
    first = as_of - timedelta(BASKET_DAYS)
    counted = f"select count(*) from orders where net_fen > 0 and d > ? and d <= ? and {condition}"
    ((orders_count,),) = cursor.execute(counted, [first, as_of, *parameters]).fetchall()
    every = max(1, -(-int(orders_count) // most))
    sql = f"""
        select net_order_id::bigint as net_order_id, product_id::bigint as product_id,
            min(d - date '1970-01-01')::bigint as day
        from lines where d > ? and d <= ? and hash(net_order_id) % ? = 0 and {condition}
        group by 1, 2 having sum(amount_fen) > 0"""
    rows = cursor.execute(sql, [first, as_of, every, *parameters]).fetchnumpy()
    orders, products, days = (np.asarray(rows[name], dtype=np.int64) for name in ("net_order_id", "product_id", "day"))
    return Bought(orders, products, days)


def last_sold(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> dict[int, date]:
    """Return the newest day on which each product was sold, up to as_of."""
    condition, parameters = scope_sql(scope, "store_id")
    sql = f"select product_id, max(d) from lines where kind = 0 and d <= ? and {condition} group by 1"
    return {int(product): day for product, day in cursor.execute(sql, [as_of, *parameters]).fetchall()}
