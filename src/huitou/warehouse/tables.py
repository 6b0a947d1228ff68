"""
The curated tables with their types pinned, once for base and tail: inserts by name, so that the same value is stored with
the same type on both ways (an int that hashes unlike a bigint was the only difference ever found between them).

Text exists only in order numbers, codes and the names of stores, products and categories; never an identifier of a person.
"""

import duckdb

# Columns by table; ORDER_ON_DISK says how a table is sorted when it is written: short keys, since every further one costs the
# sort a third, and only so far as readers skip blocks by them. No reader relies on the order of rows.
COLUMNS: dict[str, str] = {
    "lines": """record_id bigint, net_order_id bigint, order_id bigint, line_no integer, kind tinyint, d date,
        sold_at timestamp, store_id integer, channel tinyint, product_id integer, qty_milli bigint, amount_fen bigint,
        discount_fen bigint, batch_id integer""",
    "orders": """record_id bigint, net_order_id bigint, header_order_id bigint, has_sale boolean, order_no varchar, d date,
        sold_at timestamp, store_id integer, channel tinyint, gross_fen bigint, refund_fen bigint, net_fen bigint,
        discount_fen bigint, items_milli bigint, lines_count bigint, discounted_lines bigint, return_lines bigint,
        void_lines bigint""",
    "order_category": """record_id bigint, net_order_id bigint, category_id integer, d date, net_fen bigint,
        items_milli bigint""",
    "map": "record_id bigint, person_id bigint",
    "facts": """person_id bigint, first_date date, last_date date, orders_count bigint, order_days bigint, net_fen bigint,
        gross_fen bigint, refund_fen bigint, discount_fen bigint, items_milli bigint, orders_30d bigint, orders_90d bigint,
        orders_365d bigint, net_30d_fen bigint, net_90d_fen bigint, net_365d_fen bigint, online_orders bigint,
        store_orders bigint, main_store_id integer, lines_count bigint, discounted_lines bigint, price_sensitivity integer,
        top_category_id integer, second_category_id integer, third_category_id integer, top_category_fen bigint,
        return_orders bigint, max_order_fen bigint, points_balance bigint""",
    "points": """record_id bigint, entry_id bigint, occurred_at timestamp, d date, delta_points bigint, reason_code varchar,
        batch_id integer""",
    "balances": "record_id bigint, version_at timestamp, balance_points bigint",
    "store_day": """store_id integer, channel tinyint, d date, gross_fen bigint, refund_fen bigint, net_fen bigint,
        discount_fen bigint, items_milli bigint, orders bigint, identified_net_fen bigint, identified_orders bigint,
        order_rows bigint""",
    "product_day": """product_id integer, d date, qty_milli bigint, gross_fen bigint, refund_fen bigint, net_fen bigint,
        anonymous_net_fen bigint, line_rows bigint""",
    "category_day": """category_id integer, d date, qty_milli bigint, gross_fen bigint, refund_fen bigint, net_fen bigint,
        anonymous_net_fen bigint, line_rows bigint, member_orders bigint""",
    "stores": """store_id integer, code varchar, name varchar, region_code varchar, region_name varchar, city varchar""",
    "products": "product_id integer, code varchar, name varchar, category_id integer, brand varchar",
    "categories": "category_id integer, parent_id integer, name varchar, path varchar, level integer",
}

# In bases only, for the folds on them: sums that new orders are added to and the old state of changed orders is taken from.
BASE_COLUMNS: dict[str, str] = {"record_category": "record_id bigint, category_id integer, net_fen bigint"}

META = """number bigint, base_number bigint, as_of date, map_seq bigint, batch_ids integer[], cut_2 bigint, cut_3 bigint,
    cut_4 bigint, cut_5 bigint"""
CHECKS = "name varchar, blocking boolean, difference bigint, unit varchar"

ORDER_ON_DISK: dict[str, str] = {
    "lines": "net_order_id",
    "orders": "record_id nulls last, net_order_id",
    "order_category": "d, category_id",
    "record_category": "record_id",
    "map": "record_id",
    "facts": "person_id",
    "points": "record_id, occurred_at, entry_id",
    "balances": "record_id",
    "store_day": "d, store_id, channel",
    "product_day": "d, product_id",
    "category_day": "d, category_id",
    "stores": "store_id",
    "products": "product_id",
    "categories": "category_id",
}

# Columns whose values come in runs in that order, stored as runs; other numbers are packed into bits. Saying so saves the
# comparison of all ways to compress, which is half of the work of writing a table.
RUNS: dict[str, frozenset[str]] = {
    "lines": frozenset(
        ("record_id", "net_order_id", "order_id", "kind", "d", "sold_at", "store_id", "channel", "batch_id"),
    ),
    "order_category": frozenset(("d",)),
    "record_category": frozenset(("record_id",)),
    "product_day": frozenset(("d",)),
    "category_day": frozenset(("d",)),
    "store_day": frozenset(("d",)),
}
PACKED_TYPES = frozenset(("bigint", "integer", "tinyint", "date", "timestamp"))

# What identifies the groups a tail recomputes: the tail's mask of the table holds these columns.
KEYS: dict[str, tuple[str, ...]] = {
    "lines": ("net_order_id",),
    "orders": ("net_order_id",),
    "order_category": ("net_order_id",),
    "map": ("record_id",),
    "facts": ("person_id",),
    "points": ("record_id",),
    "balances": ("record_id",),
    "store_day": ("store_id", "channel", "d"),
    "product_day": ("product_id", "d"),
    "category_day": ("category_id", "d"),
    "stores": ("store_id",),
    "products": ("product_id",),
    "categories": ("category_id",),
}

# Named steps between the models, kept only while a build runs.
STEP_COLUMNS: dict[str, str] = {
    "header": """net_order_id bigint, header_order_id bigint, has_sale boolean, order_no varchar, record_id bigint,
        store_id integer, channel tinyint, sold_at timestamp, d date""",
}


def create_tables(connection: duckdb.DuckDBPyConnection, *, prefix: str = "") -> None:
    """Create every curated table, empty, in the open file; a tail's carry the prefix "t_" and lack what only bases have."""
    for name, columns in (COLUMNS if prefix else {**COLUMNS, **BASE_COLUMNS}).items():
        connection.execute(f"create table {prefix}{name} ({_stored(name, columns)})")
    connection.execute(f"create table meta ({META})")
    connection.execute(f"create table checks ({CHECKS})")


def _stored(table: str, columns: str) -> str:
    """Add to every column how it is compressed; text and flags are left to DuckDB."""
    stored = []
    for column in columns.split(","):
        name, kind = column.split()
        if name in RUNS.get(table, ()):
            stored.append(f"{column} using compression rle")
        else:
            stored.append(f"{column} using compression bitpacking" if kind in PACKED_TYPES else column)
    return ", ".join(stored)


def insert(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    select: str,
    parameters: dict[str, object] | None = None,
    *,
    prefix: str = "",
) -> None:
    """Append a SELECT of ours to a curated table, by column name, in the table's order on disk."""
    connection.execute(
        f"insert into {prefix}{table} by name select * from ({select}) as rows_in order by {ORDER_ON_DISK[table]}",
        parameters or {},
    )
