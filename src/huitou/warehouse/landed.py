"""The landed batches of a build as relations: `landed_line`, `landed_order`, `landed_point`, `landed_balance`."""

from collections.abc import Collection, Sequence

import duckdb
import pyarrow as pa

from huitou.warehouse.landing.read import line_files
from huitou.warehouse.landing.schema import LINE_PART
from huitou.warehouse.layout import Layout

_SOURCES = {"lines": "line_files", "orders": "order_files", "points": "point_files", "balances": "balance_files"}

# An erased record is none: its sales stay in revenue as anonymous ones, everything else of it is left out.
_VIEWS = {
    "landed_line": """
        select
            l.order_id, l.line_no, l.net_order_id, l.kind, {record} as record_id, l.store_id, l.channel, l.sold_at,
            l.business_date, l.product_id, coalesce(l.qty_milli, 0) as qty_milli, l.amount_fen,
            coalesce(l.discount_fen, 0) as discount_fen, l.batch_id
        from raw_lines as l {erased}
    """,
    "landed_order": """
        select
            l.net_order_id, l.order_id, l.kind, l.order_no, {record} as record_id, l.store_id, l.channel, l.sold_at,
            l.business_date
        from raw_orders as l {erased}
    """,
    "landed_point": """
        select l.record_id, l.entry_id, l.occurred_at, l.business_date as d, l.delta_points, l.reason_code, l.batch_id
        from raw_points as l where l.record_id is not null {not_erased}
    """,
    "landed_balance": """
        select l.record_id, l.version_at, l.balance_points
        from raw_balances as l where l.record_id is not null {not_erased}
    """,
}


def bind_landed(
    connection: duckdb.DuckDBPyConnection, layout: Layout, batch_ids: Collection[int], erased_record_ids: Sequence[int]
) -> None:
    """
    Create the temporary views over the batches' Parquet files and the table `erased`. Every row carries its batch_id.

    Raises landing.read.BatchDamaged when a batch has no folder.
    """
    erased = pa.table({"record_id": pa.array(sorted(set(erased_record_ids)), pa.int64())})
    connection.register("erased_in", erased)
    connection.execute("create temp table erased as select record_id from erased_in")
    connection.unregister("erased_in")
    for table, variable in _SOURCES.items():
        _bind_files(connection, layout, batch_ids, table, variable)
    texts = {
        "record": "case when e.record_id is null then l.record_id end" if erased_record_ids else "l.record_id",
        "erased": "left join erased as e on l.record_id = e.record_id" if erased_record_ids else "",
        "not_erased": "and l.record_id not in (select record_id from erased)" if erased_record_ids else "",
    }
    for name, text in _VIEWS.items():
        connection.execute(f"create temp view {name} as {text.format(**texts)}")


def _bind_files(
    connection: duckdb.DuckDBPyConnection, layout: Layout, batch_ids: Collection[int], table: str, variable: str
) -> None:
    paths = line_files(layout, batch_ids, table)
    if not paths:
        columns = ", ".join(
            f"null::{_type_name(field.type)} as {field.name}" for field in (*LINE_PART[table], pa.field("batch_id", pa.int32()))
        )
        connection.execute(f"create temp view raw_{table} as select {columns} where false")
        return
    connection.execute(f"set variable {variable} = $files", {"files": [str(path) for path in paths]})
    connection.execute(f"set variable {variable}_batch = $ids", {"ids": [int(path.parent.name) for path in paths]})
    connection.execute(
        f"""create temp view raw_{table} as
            select *, list_extract(getvariable('{variable}_batch'), file_index::bigint + 1)::integer as batch_id
            from read_parquet(getvariable('{variable}'))"""
    )


def _type_name(arrow: pa.DataType) -> str:
    names = {
        pa.int64(): "bigint", pa.int32(): "integer", pa.int8(): "tinyint", pa.string(): "varchar", pa.date32(): "date",
        pa.timestamp("us"): "timestamp",
    }  # fmt: skip
    return names[arrow]
