"""How base and tail are read as one: untouched base rows plus the tail's recomputed ones."""

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


def overlay_sql(table: str, *, base: str, tail: str | None) -> str:
    """
    Return the SELECT of a curated table over a base and, if there is one, its tail.

    base, tail: names the files are attached under ("b12", "t17"), made by us.
    """
    columns = ", ".join(column_names(table))
    if tail is None:
        return f"select {columns} from {base}.{table}"
    keys = ", ".join(KEYS[table])
    return (
        f"select {columns} from {base}.{table} anti join {tail}.{MASKS[table]} using ({keys})"
        f" union all select {columns} from {tail}.t_{table}"
    )
