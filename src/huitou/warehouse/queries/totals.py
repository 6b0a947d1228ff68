"""Revenue by store, region, day and channel; every level is a sum of the same store days."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import duckdb

from huitou.core.periods import Period
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


class Level(StrEnum):
    """What one row of totals stands for; the value is the column it is grouped by."""

    STORE = "t.store_id"
    REGION = "s.region_code"
    DAY = "t.d"
    CHANNEL = "t.channel"


@dataclass(frozen=True, slots=True)
class Totals:
    """
    Sums over the period. An order counts on the day and in the store of its sale, returns netted in.

    `orders` are those with something left; `identified_*` belong to a person, the rest is anonymous.
    """

    gross_fen: int
    refund_fen: int
    net_fen: int
    discount_fen: int
    items_milli: int
    orders: int
    identified_net_fen: int
    identified_orders: int


_SUMS = ", ".join(f"coalesce(sum(t.{name}), 0)::bigint as {name}" for name in Totals.__dataclass_fields__)


def totals(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period | None = None) -> Totals:
    """Return the sums over all stores in scope (headquarters: the whole chain); zeros when nothing was sold."""
    where, parameters = _where(scope, period)
    return Totals(**fetch(cursor, f"select {_SUMS} from store_day as t where {where}", parameters)[0])


def totals_by(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, level: Level, period: Period | None = None
) -> dict[int | str | date | None, Totals]:
    """
    Return the sums per store id, region code, day or channel (0 store, 1 online), in the order of that key.

    A store without a region gives the key None, so that the regions always add up to the chain.
    """
    where, parameters = _where(scope, period)
    sql = f"""
        select {level.value} as key, {_SUMS}
        from store_day as t left join stores as s on t.store_id = s.store_id
        where {where} group by 1 order by 1 nulls last"""
    return {row.pop("key"): Totals(**row) for row in fetch(cursor, sql, parameters)}


def first_sale_day(cursor: duckdb.DuckDBPyConnection, *, scope: Scope) -> date | None:
    """Return the first business day with a sale in scope, None without any: comparisons reach back no further."""
    condition, parameters = scope_sql(scope, "store_id")
    day: date | None = fetch(cursor, f"select min(d) as first from store_day where {condition}", parameters)[0]["first"]
    return day


def totals_by_day(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, period: Period) -> dict[date, Totals]:
    """Return the sums of every day of the period, days without a sale as zeros."""
    found = totals_by(cursor, scope=scope, level=Level.DAY, period=period)
    nothing = Totals(*(0,) * len(Totals.__dataclass_fields__))
    days = [period.start + timedelta(days=number) for number in range((period.end - period.start).days)]
    return {day: found.get(day, nothing) for day in days}


def _where(scope: Scope, period: Period | None) -> tuple[str, list[object]]:
    condition, parameters = scope_sql(scope, "t.store_id")
    if period is None:
        return condition, parameters
    return f"{condition} and t.d >= ? and t.d < ?", [*parameters, period.start, period.end]
