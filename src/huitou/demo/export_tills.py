"""Write what the tills export: daily receipt files and the master data."""

from datetime import date
from pathlib import Path

import duckdb

from huitou.connectors.pos import fake_store
from huitou.connectors.pos.client import PRODUCT_COLUMNS, RECEIPT_COLUMNS
from huitou.demo.tables import read_table

MASTER_UPDATED_AT = "2025-11-01 06:00:00"


def collect_receipt_rows(workshop: duckdb.DuckDBPyConnection) -> None:
    """Fill `till_rows`: export_day and the columns of a receipt file as text, sales first, then returns and voids."""
    workshop.execute((Path(__file__).parent / "sql" / "till_rows.sql").read_text(encoding="utf-8"))


def write_tills(workshop: duckdb.DuckDBPyConnection, outbox: Path) -> int:
    """Write a receipt file per export day and the two master files; returns the number of receipt files."""
    outbox.mkdir(parents=True, exist_ok=True)
    columns = ", ".join(RECEIPT_COLUMNS)
    workshop.execute(
        "create table till_files as select export_day, nullif(columns(* exclude (export_day)), '') from till_rows"
        " order by export_day, sold_at, receipt_no, line_no::integer"
    )
    days: list[date] = [row[0] for row in workshop.execute("select distinct export_day from till_files order by 1").fetchall()]
    for day in days:
        path = outbox / fake_store.receipt_file_name(day)
        workshop.execute(
            f"copy (select {columns} from till_files where export_day = date '{day}') to '{path}' (header, delimiter ',')"  # noqa: S608
        )
    _write_masters(workshop, outbox)
    return len(days)


def _write_masters(workshop: duckdb.DuckDBPyConnection, outbox: Path) -> None:
    fake_store.stores_write(
        outbox, ({**{k: v for k, v in row.items() if k != "code"}, "store_code": row["code"], "updated_at": MASTER_UPDATED_AT}
                 for row in read_table("stores"))
    )  # fmt: skip
    rows = workshop.execute(
        "select sku, name, split_part(path, '/', 1), split_part(path, '/', 2), split_part(path, '/', 3), brand, unit,"
        " yuan(price_fen), yuan(cost_fen), ? from products order by sku",
        [MASTER_UPDATED_AT],
    ).fetchall()
    # The old back office writes its product list in the Chinese code page.
    fake_store.products_write(outbox, (dict(zip(PRODUCT_COLUMNS, row, strict=True)) for row in rows), encoding="gb18030")
