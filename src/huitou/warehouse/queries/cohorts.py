"""Who first bought in a month, and how many of them stayed away."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from huitou.core.value.lifecycle import DORMANT_DAYS
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class Cohort:
    """
    The buyers of one month of first purchase (its first day).

    ripe: who first bought long enough ago to be dormant; dormant: who is.
    """

    month: date
    persons: int
    ripe: int
    dormant: int

    @property
    def churn_share(self) -> float | None:
        """Return dormant ÷ ripe; None where nobody can be dormant yet."""
        return self.dormant / self.ripe if self.ripe else None


def cohorts_by_month(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> list[Cohort]:
    """
    Return the cohorts, oldest first; months without a first purchase are left out. A person is in scope when the main store is.
    """
    condition, parameters = scope_sql(scope, "main_store_id")
    sql = f"""
        select
            date_trunc('month', first_date)::date as month,
            count(*)::bigint as persons,
            (count(*) filter (where first_date <= ?))::bigint as ripe,
            (count(*) filter (where last_date <= ?))::bigint as dormant
        from facts where first_date is not null and {condition} group by 1 order by 1"""
    edge = as_of - timedelta(days=DORMANT_DAYS)
    return [Cohort(**row) for row in fetch(cursor, sql, [edge, edge, *parameters])]


def newest_buyers(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, most: int) -> list[int]:
    """Return at most so many persons who first bought last, the newest first, ties by the higher id; in scope as above."""
    condition, parameters = scope_sql(scope, "main_store_id")
    sql = f"""
        select person_id::bigint as person_id from facts where first_date is not null and {condition}
        order by first_date desc, person_id desc limit ?"""
    return [row[0] for row in cursor.execute(sql, [*parameters, most]).fetchall()]
