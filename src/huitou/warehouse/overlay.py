"""How base and tail are read as one: untouched base rows plus the tail's recomputed ones."""

from collections.abc import Collection

from huitou.warehouse.tables import COLUMNS, KEYS

# The tail's table of keys whose base rows no longer count, per curated table.
MASKS: dict[str, str] = {
    "lines": "moved_order",
    "orders": "touched_order",
    "order_category": "touched_order",
    "map": "touched_record",
    "facts": "touched_person",
    "points": "erased_record",
    "balances": "touched_balance",
    "store_day": "touched_store_day",
    "product_day": "touched_product_day",
    "category_day": "touched_category_day",
    "stores": "touched_store",
    "products": "touched_product",
    "categories": "touched_category",
}


def column_names(table: str) -> tuple[str, ...]:
    """Return the columns of a curated table in their stored order."""
    return tuple(part.split()[0] for part in COLUMNS[table].split(","))


def overlay_sql(table: str, *, base: str, tail: str | None, filled: Collection[str] | None = None) -> str:
    """
    Return the SELECT of a curated table over a base and, if there is one, its tail.

    base, tail: names the files are attached under ("b12", "t17"), made by us. filled: the tail's tables that have rows, if
    known; the others are left out, which saves most of the planning time of a short query.
    """
    columns = ", ".join(column_names(table))
    untouched = f"select {columns} from {base}.{table}"
    if tail is None:
        return untouched
    if filled is None or MASKS[table] in filled:
        untouched += f" anti join {tail}.{MASKS[table]} using ({', '.join(KEYS[table])})"
    if filled is None or f"t_{table}" in filled:
        untouched += f" union all select {columns} from {tail}.t_{table}"
    return untouched


def filled_sql(tail: str) -> str:
    """Return the SELECT of the names of a tail's masks and tables that have rows."""
    names = sorted({*MASKS.values(), *(f"t_{table}" for table in COLUMNS)})
    return " union all ".join(f"(select '{name}' from {tail}.{name} limit 1)" for name in names)
