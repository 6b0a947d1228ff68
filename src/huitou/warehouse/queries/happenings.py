"""How much of what a window counts happened to one person."""

import duckdb

from huitou.core.filters.plan import Happened
from huitou.warehouse.purchases import MEASURES, purchases_sql
from huitou.warehouse.scope import Scope, scope_sql


def measured_of(cursor: duckdb.DuckDBPyConnection, happened: Happened, *, scope: Scope, person_id: int) -> int:
    """
    Return the measure in its stored unit (fen, thousandths of a piece), 0 where nothing happened or out of scope.

    A person is in scope when the main store is; all their purchases count then. Raises ValueError on an event that is not in
    the store.
    """
    rows, parameters = purchases_sql(happened)
    condition, scoped = scope_sql(scope, "f.main_store_id")
    sql = f"""
        select coalesce({MEASURES[happened.measure]}, 0)::bigint from ({rows}) as e
        where e.record_id in (select record_id from map where person_id = ?)
            and exists (select 1 from facts as f where f.person_id = ? and {condition})"""
    found = cursor.execute(sql, [*parameters, person_id, person_id, *scoped]).fetchone()
    return int(found[0]) if found else 0
