"""What tiers and tags are computed from, as arrays: the facts of persons, their hours of the day, the orders of scenarios."""

from collections.abc import Collection, Sequence
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.warehouse.scope import Scope, scope_sql

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HOURS = 24
HOUR_WINDOW_DAYS = 365
_PLAIN = (
    "orders_count", "order_days", "net_fen", "orders_365d", "net_90d_fen", "net_365d_fen", "online_orders", "store_orders",
    "lines_count", "discounted_lines", "items_milli", "top_category_fen",
)  # fmt: skip
_NULLABLE = ("main_store_id", "price_sensitivity", "top_category_id")
_DAYS = ("first_date", "last_date")
FEATURES = (*_PLAIN, *_NULLABLE, *(f"{name.removesuffix('_date')}_day" for name in _DAYS))


def value_features(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_ids: Collection[int] | None = None
) -> tuple[Ints, dict[str, Floats]]:
    """
    Return the persons with facts in rising id, and FEATURES as floats (NaN: none); days are counted from 1970-01-01.

    person_ids: only these, None: all. A person is in scope when the main store is.
    """
    condition, parameters = scope_sql(scope, "main_store_id")
    columns = [f"{name}::double as {name}" for name in _PLAIN]
    columns += [f"coalesce({name}::double, 'nan'::double) as {name}" for name in _NULLABLE]
    columns += [
        f"coalesce(({name} - date '1970-01-01')::double, 'nan'::double) as {name.removesuffix('_date')}_day" for name in _DAYS
    ]
    wanted, only = _only(person_ids, "person_id")
    sql = f"""
        select person_id::bigint as person_id, {", ".join(columns)}
        from facts where {condition} and {wanted} order by person_id"""
    found = cursor.execute(sql, [*parameters, *only]).fetchnumpy()
    return np.asarray(found["person_id"], dtype=np.int64), {name: np.asarray(found[name], dtype=np.float64) for name in FEATURES}


def hours_of_everybody(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> Ints:
    """Return how many purchases of the last 365 days began in each hour of the day (Asia/Shanghai): shape (24,)."""
    condition, parameters = scope_sql(scope, "store_id")
    rows = cursor.execute(
        f"""select (hour(sold_at) + 8) % 24, count(*) from orders
            where net_fen > 0 and record_id is not null and d > ?::date - {HOUR_WINDOW_DAYS} and d <= ? and {condition}
            group by 1""",
        [as_of, as_of, *parameters],
    ).fetchall()
    counts = np.zeros(HOURS, dtype=np.int64)
    for hour, count in rows:
        counts[hour] = count
    return counts


def best_hours(
    cursor: duckdb.DuckDBPyConnection,
    *,
    scope: Scope,
    as_of: date,
    weights: Sequence[int],
    allowed: Collection[int],
    person_ids: Collection[int] | None = None,
) -> tuple[Ints, Ints]:
    """
    Return the persons with a purchase in an allowed hour, and the hour of theirs with the greatest count + weight.

    weights: what each hour has before anything is counted, in millionths of a purchase. Ties go to the earlier hour.
    """
    condition, parameters = scope_sql(scope, "o.store_id")
    wanted, only = _only(person_ids, "m.person_id")
    sql = f"""
        select person_id::bigint as person_id, max((n * 1000000 + list_extract(?::bigint[], hour + 1)) * 100 + 23 - hour) as best
        from (
            select m.person_id, ((hour(o.sold_at) + 8) % 24)::integer as hour, count(*) as n
            from orders as o inner join map as m on o.record_id = m.record_id
            where o.net_fen > 0 and o.d > ?::date - {HOUR_WINDOW_DAYS} and o.d <= ? and {condition} and {wanted}
            group by 1, 2
        ) as counted
        where list_contains(?::integer[], hour)
        group by 1 order by 1"""
    found = cursor.execute(sql, [list(weights), as_of, as_of, *parameters, *only, sorted(allowed)]).fetchnumpy()
    return np.asarray(found["person_id"], dtype=np.int64), np.asarray(found["best"], dtype=np.int64)


def scenario_persons(
    cursor: duckdb.DuckDBPyConnection,
    *,
    scope: Scope,
    as_of: date,
    category_ids: Collection[int],
    orders: int,
    days: int,
    hours: Collection[int] | None = None,
    person_ids: Collection[int] | None = None,
) -> Ints:
    """Return who made so many purchases with one of the categories in `days` days up to as_of, begun in one of `hours`."""
    condition, parameters = scope_sql(scope, "o.store_id")
    wanted, only = _only(person_ids, "m.person_id")
    timed = "true" if hours is None else "list_contains(?::integer[], ((hour(o.sold_at) + 8) % 24)::integer)"
    sql = f"""
        select m.person_id::bigint as person_id
        from order_category as c
        inner join orders as o on c.net_order_id = o.net_order_id
        inner join map as m on c.record_id = m.record_id
        where list_contains(?::integer[], c.category_id) and c.net_fen > 0 and c.d > ?::date - ?::integer and c.d <= ?
            and {timed} and {condition} and {wanted}
        group by 1 having count(distinct c.net_order_id) >= ? order by 1"""
    given: list[object] = [sorted(category_ids), as_of, days, as_of]
    given += [] if hours is None else [sorted(hours)]
    found = cursor.execute(sql, [*given, *parameters, *only, orders]).fetchnumpy()
    return np.asarray(found["person_id"], dtype=np.int64)


def _only(person_ids: Collection[int] | None, column: str) -> tuple[str, list[object]]:
    """Return the condition that keeps these persons, and its parameter."""
    if person_ids is None:
        return "true", []
    return f"{column} in (select unnest(?::bigint[]))", [sorted(person_ids)]
