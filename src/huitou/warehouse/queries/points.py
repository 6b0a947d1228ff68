"""The points ledger of a person, and its reconciliation with the balance the membership system states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb

from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class PointsEntry:
    """One entry of the ledger."""

    entry_id: int
    record_id: int
    occurred_at: datetime
    d: date
    delta_points: int
    reason_code: str | None


@dataclass(frozen=True, slots=True)
class BalanceDifference:
    """A member whose ledger does not add up to the stated balance."""

    record_id: int
    person_id: int | None
    ledger_points: int
    balance_points: int
    version_at: datetime


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many members state a balance, and for how many of them the ledger sums to it."""

    members: int
    equal: int

    @property
    def equal_share(self) -> float | None:
        return self.equal / self.members if self.members else None


_COMPARED = """
    from balances as b
    left join (select record_id, sum(delta_points)::bigint as ledger_points from points group by record_id) as p
        on b.record_id = p.record_id
    left join map as m on b.record_id = m.record_id
    left join facts as f on m.person_id = f.person_id
"""


def points_of(
    cursor: duckdb.DuckDBPyConnection,
    *,
    scope: Scope,
    person_id: int,
    limit: int = 100,
    after: tuple[datetime, int] | None = None,
    record_ids: Sequence[int] | None = None,
) -> list[PointsEntry]:
    """
    Return a person's newest entries, newest first; empty when the person's main store is out of scope.

    after: moment (aware) and id of the last entry of the page before. record_ids: only entries of these records.
    """
    condition, parameters = scope_sql(scope, "f.main_store_id")
    before, keys = "true", list[object]()
    if after is not None:
        moment = after[0].astimezone(UTC).replace(tzinfo=None)
        before, keys = "(p.occurred_at < ? or (p.occurred_at = ? and p.entry_id < ?))", [moment, moment, after[1]]
    if record_ids is not None:
        before, keys = f"{before} and list_contains(?::bigint[], p.record_id)", [*keys, list(record_ids)]
    sql = f"""
        select p.entry_id, p.record_id, p.occurred_at, p.d, p.delta_points, p.reason_code
        from points as p inner join map as m on p.record_id = m.record_id
        inner join facts as f on m.person_id = f.person_id
        where m.person_id = ? and {condition} and {before}
        order by p.occurred_at desc, p.entry_id desc limit ?"""
    return [PointsEntry(**row) for row in fetch(cursor, sql, [person_id, *parameters, *keys, limit])]


def points_count(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_id: int) -> int:
    """Return how many entries `points_of` has for this viewer."""
    condition, parameters = scope_sql(scope, "f.main_store_id")
    sql = f"""
        select count(*) as entries from points as p inner join map as m on p.record_id = m.record_id
        inner join facts as f on m.person_id = f.person_id where m.person_id = ? and {condition}"""
    return int(fetch(cursor, sql, [person_id, *parameters])[0]["entries"])


def reconciliation(cursor: duckdb.DuckDBPyConnection, *, scope: Scope) -> Reconciliation:
    """Compare every member's ledger with the stated balance."""
    condition, parameters = scope_sql(scope, "f.main_store_id")
    sql = f"""
        select count(*) as members, count(*) filter (where coalesce(p.ledger_points, 0) = b.balance_points) as equal
        {_COMPARED} where {condition}"""
    return Reconciliation(**fetch(cursor, sql, parameters)[0])


def balance_differences(
    cursor: duckdb.DuckDBPyConnection, *, scope: Scope, limit: int | None = None
) -> Iterator[BalanceDifference]:
    """Yield the members whose ledger differs from the stated balance, greatest difference first."""
    condition, parameters = scope_sql(scope, "f.main_store_id")
    sql = f"""
        select b.record_id, m.person_id, coalesce(p.ledger_points, 0) as ledger_points, b.balance_points, b.version_at
        {_COMPARED} where {condition} and coalesce(p.ledger_points, 0) <> b.balance_points
        order by abs(coalesce(p.ledger_points, 0) - b.balance_points) desc, b.record_id limit ?"""
    yield from (BalanceDifference(**row) for row in fetch(cursor, sql, [*parameters, limit]))
