"""How much of what a window counts happened to one person."""

import duckdb

from huitou.core.filters.plan import Happened
from huitou.warehouse.purchases import MEASURES, purchases_sql


def measured_of(cursor: duckdb.DuckDBPyConnection, happened: Happened, *, person_id: int) -> int:
    """
    Return the measure in its stored unit (fen, thousandths of a piece), 0 where nothing happened.

    No scope: the caller has asked for the person in reach. Raises ValueError on an event that is not in the store.
    """
    rows, parameters = purchases_sql(happened)
    sql = f"""
        select coalesce({MEASURES[happened.measure]}, 0)::bigint from ({rows}) as e
        where e.record_id in (select record_id from map where person_id = ?)"""
    found = cursor.execute(sql, [*parameters, person_id]).fetchone()
    return int(found[0]) if found else 0
