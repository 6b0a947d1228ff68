"""
The base: one immutable file rebuilt from all landed batches.

`lines` is one global sort by record, anonymous lines last; orders and categories are then built record range by record
range, so that each range is a contiguous read and memory stays bounded.
"""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import pairwise

import duckdb
import pyarrow as pa

from huitou.warehouse.checks import BASE_CHECKS, run_checks
from huitou.warehouse.dimensions import RECORD_MAP, Dims, fit
from huitou.warehouse.landed import bind_landed
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.models import load_models
from huitou.warehouse.result import BuildResult, Progress, StepLog
from huitou.warehouse.staging import staged
from huitou.warehouse.steps import ScoreCuts, bind_view, drop_steps, run_facts, run_model, run_step, write_meta
from huitou.warehouse.tables import COLUMNS, create_tables, insert

LINES_PER_RANGE = 8_000_000
STEPS = ("dimensions", "headers", "lines", "orders", "points", "days", "facts", "checks", "write")


def build_base(
    layout: Layout,
    *,
    number: int,
    batch_ids: Collection[int],
    record_map: pa.Table,
    dims: Dims,
    as_of: date,
    map_seq: int,
    limits: Limits | None = None,
    erased_record_ids: Sequence[int] = (),
    cuts: ScoreCuts | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """
    Build base-<number>.duckdb from the landed batches; nothing is published (see switch).

    record_map: record_id -> person_id, both bigint, one row per record of a live person. as_of: the last business day of the
    windows, included. map_seq: how far the record map has been read, kept in `meta` for the next fold. erased_record_ids:
    records whose batch is not rewritten yet; their sales become anonymous. cuts: given only to repeat an older base's scores.
    Raises ChecksFailed (the file is removed), landing.read.BatchDamaged, ValueError on a bad record map.
    """
    log = StepLog(STEPS, progress)
    final = layout.warehouse / f"base-{number}.duckdb"
    with staged(layout, final, limits or Limits()) as version:
        connection = version.connection
        create_tables(connection)
        bind_landed(connection, layout, batch_ids, erased_record_ids)
        with log.step("dimensions"):
            _dimensions(connection, dims, record_map)
        with log.step("headers"):
            connection.execute("create temp view header_candidate as select * from landed_order")
            run_step(connection, "header", as_of)
        with log.step("lines"):
            _lines(connection)
        with log.step("orders"):
            _orders_by_range(connection, as_of)
        with log.step("points"):
            _points(connection)
        with log.step("days"):
            _days(connection, as_of)
        with log.step("facts"):
            connection.execute("create or replace temp view fact_category as select * from record_category")
            used = run_facts(connection, as_of, cuts=cuts)
        with log.step("checks"):
            checks = run_checks(connection, BASE_CHECKS, final.stem)
        with log.step("write"):
            ids = tuple(sorted(batch_ids))
            meta = {"number": number, "base_number": number, "as_of": as_of, "map_seq": map_seq, "batch_ids": list(ids)}
            write_meta(connection, meta, used)
            rows = count_rows(connection)
            version.finish()
    log.done()
    return BuildResult(number, number, final, as_of, map_seq, ids, rows, used, checks, log.seconds)


def count_rows(connection: duckdb.DuckDBPyConnection, *, prefix: str = "") -> dict[str, int]:
    counts = {}
    for name in COLUMNS:
        row = connection.execute(f"select count(*) from {prefix}{name}").fetchone()
        counts[name] = int(row[0]) if row else 0
    return counts


def load_map(connection: duckdb.DuckDBPyConnection, record_map: pa.Table) -> None:
    """Fill `map`. Raises ValueError on a record with two persons or a null."""
    rows = fit(record_map, RECORD_MAP, "record map")
    if rows["record_id"].null_count or rows["person_id"].null_count:
        raise ValueError("the record map has a null record_id or person_id")
    connection.register("map_in", rows)
    insert(connection, "map", "select * from map_in")
    connection.unregister("map_in")
    connection.execute("create index map_by_person on map (person_id)")
    twice = connection.execute("select record_id from map group by 1 having count(*) > 1 order by 1 limit 3").fetchall()
    if twice:
        raise ValueError(f"the record map gives a record two persons: {', '.join(str(row[0]) for row in twice)}")


def _dimensions(connection: duckdb.DuckDBPyConnection, dims: Dims, record_map: pa.Table) -> None:
    for name, table in (("stores", dims.stores), ("products", dims.products), ("categories", dims.categories)):
        connection.register("dimension_in", table)
        insert(connection, name, "select * from dimension_in")
        connection.unregister("dimension_in")
    load_map(connection, record_map)
    connection.execute("create temp view product_category as select product_id, category_id from products")


def _lines(connection: duckdb.DuckDBPyConnection) -> None:
    """Sort the lines of known records; anonymous ones follow as they landed, day by day, which no sort would improve."""
    sql = load_models()["lines"].sql
    insert(connection, "lines", f"select * from ({sql}) as line where record_id is not null")
    connection.execute(f"insert into lines by name select * from ({sql}) as line where record_id is null")


def _orders_by_range(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    connection.execute("alter table temp.header rename to all_header")
    for low, high in _ranges(connection):
        condition = "record_id is null"
        if low is not None:
            connection.execute("set variable slice_low = $low", {"low": low})
            connection.execute("set variable slice_high = $high", {"high": high})
            condition = "record_id >= getvariable('slice_low') and record_id < getvariable('slice_high')"
        connection.execute(f"create or replace temp view line_slice as select * from lines where {condition}")
        connection.execute(f"create or replace temp view header as select * from all_header where {condition}")
        bind_view(connection, "order_part")
        run_model(connection, "orders", as_of)
        if low is not None:
            bind_view(connection, "category_part")
            run_model(connection, "order_category", as_of)
            connection.execute(f"create or replace temp view category_slice as select * from order_category where {condition}")
            run_model(connection, "record_category", as_of)
    connection.execute("drop view temp.header")
    drop_steps(connection, "all_header")


def _ranges(connection: duckdb.DuckDBPyConnection) -> list[tuple[int | None, int | None]]:
    """Cut the known records into ranges of about LINES_PER_RANGE lines; (None, None) stands for the anonymous lines."""
    row = connection.execute("select count(*), min(record_id), max(record_id) from lines where record_id is not null").fetchone()
    if row is None or row[0] == 0:
        return [(None, None)]
    count, lowest, highest = row
    pieces = -(-count // LINES_PER_RANGE)
    shares = [piece / pieces for piece in range(1, pieces)]
    found = connection.execute(
        "select quantile_disc(record_id, $shares) from all_header where record_id is not null", {"shares": shares}
    ).fetchone() if shares else None  # fmt: skip
    bounds = sorted({lowest, *(found[0] if found else ()), highest + 1})
    return [*pairwise(bounds), (None, None)]


def _points(connection: duckdb.DuckDBPyConnection) -> None:
    insert(connection, "points", "select * from landed_point")
    insert(connection, "balances", LATEST_BALANCE.format(source="landed_balance"))


LATEST_BALANCE = """
    select record_id, version_at, balance_points from {source}
    qualify row_number() over (partition by record_id order by version_at desc, balance_points desc) = 1
"""


def _days(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    connection.execute("create temp view day_order as select * from orders")
    connection.execute("create or replace temp view line_slice as select * from lines")
    bind_view(connection, "store_part")
    run_model(connection, "store_day", as_of)
    bind_view(connection, "product_part")
    run_model(connection, "product_day", as_of)
    bind_view(connection, "category_day_part")
    run_model(connection, "category_day", as_of)
