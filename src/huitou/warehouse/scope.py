"""The row scope that every reader of the analytical store must be given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Stores whose rows may be read: None is the whole chain, an empty tuple nothing."""

    store_ids: tuple[int, ...] | None


CHAIN = Scope(None)  # for jobs and builds; a web reader passes its viewer's scope


def scope_sql(scope: Scope, column: str) -> tuple[str, list[object]]:
    """
    Compile a scope to a condition on `column` (a name written in our own SQL, never user input) and its parameters.

    Returns ("true", []) for the whole chain; otherwise one list parameter.
    """
    if not column.replace(".", "").replace("_", "").isalnum():
        raise ValueError(f"not a column name: {column!r}")
    if scope.store_ids is None:
        return "true", []
    return f"list_contains(?::integer[], {column})", [list(scope.store_ids)]
