"""The facts of one person."""

from typing import Any

import duckdb

from huitou.warehouse.facts_schema import COLUMNS
from huitou.warehouse.queries.rows import fetch
from huitou.warehouse.scope import Scope, scope_sql


def person_facts(cursor: duckdb.DuckDBPyConnection, *, scope: Scope, person_id: int) -> dict[str, Any] | None:
    """
    Return the facts by the names of facts_schema, or None for a person without records or out of scope.

    A person is in scope when the main store is; somebody who never bought has none and is seen by the whole chain only.
    """
    condition, parameters = scope_sql(scope, "main_store_id")
    rows = fetch(cursor, f"select {', '.join(COLUMNS)} from facts where person_id = ? and {condition}", [person_id, *parameters])
    return rows[0] if rows else None
