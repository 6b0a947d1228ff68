"""How many persons stand in each stage of the lifecycle, and what they spent."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from huitou.core.value.lifecycle import DORMANT_DAYS, NEW_DAYS, Stage
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


@dataclass(frozen=True, slots=True)
class StageSum:
    """Buyers of one stage and their net spend of the last 365 days."""

    stage: Stage
    persons: int
    net_365d_fen: int


def stage_sums(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, as_of: date) -> list[StageSum]:
    """
    Return one sum per stage (new, active, dormant) over persons with at least one order; zeros where there is nobody.

    A person is in scope when the main store is. Persons who never bought are new as well (core.value.lifecycle), but have no
    main store: whoever shows them counts them in the operations database.
    """
    condition, parameters = scope_sql(scope, "main_store_id")
    sql = f"""
        select
            case when first_date >= ? then 'new' when last_date <= ? then 'dormant' else 'active' end as stage,
            count(*)::bigint as persons,
            sum(net_365d_fen)::bigint as net_365d_fen
        from facts where first_date is not null and {condition} group by 1"""
    days = [as_of - timedelta(days=NEW_DAYS), as_of - timedelta(days=DORMANT_DAYS)]
    found = {row["stage"]: row for row in fetch(cursor, sql, [*days, *parameters])}
    empty = {"persons": 0, "net_365d_fen": 0}
    return [
        StageSum(stage, **{name: found.get(stage.value, empty)[name] for name in empty})
        for stage in (Stage.NEW, Stage.ACTIVE, Stage.DORMANT)
    ]
