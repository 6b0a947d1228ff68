"""
The base: one immutable file rebuilt from all landed batches.

`lines` lie as they landed, which is by order id; orders and categories are built range by range of order ids and product days
range by range of days, so that each range is a short read, its groups fit the cache and memory stays bounded.
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

LINES_PER_RANGE = 2_000_000
LINES_PER_DAY_RANGE = 4_000_000
LINES_PER_RECORD_RANGE = 7_000_000
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
    """
    Append sales as they landed, then the lines of returns and voids by the order they net.

    Order ids grow with the batches, so either part lies by order already, and no sort of all lines is needed. Two threads
    write row groups of their own: which of two neighbouring batches comes first is left open.
    """
    sql = load_models()["lines"].sql
    connection.execute("set preserve_insertion_order = false")
    connection.execute(f"insert into lines by name select * from ({sql}) as line where kind = 0")
    connection.execute("set preserve_insertion_order = true")
    insert(connection, "lines", f"select * from ({sql}) as line where kind <> 0")


def _orders_by_range(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Group orders and categories range by range of order ids: each is a short read, and its groups fit the cache."""
    connection.execute("alter table temp.header rename to all_header")
    connection.execute(f"create temp table order_row ({COLUMNS['orders']})")
    for low, high in _ranges(connection, "net_order_id", LINES_PER_RANGE):
        condition = _slice(connection, "net_order_id", low, high)
        connection.execute(f"create or replace temp view header as select * from all_header where {condition}")
        bind_view(connection, "order_part")
        connection.execute(f"insert into order_row by name {load_models()['orders'].sql}")
        bind_view(connection, "category_part")
        run_model(connection, "order_category", as_of)
    connection.execute("drop view if exists temp.header")
    insert(connection, "orders", "select * from order_row")
    drop_steps(connection, "order_row")
    for low, high in _ranges(connection, "record_id", LINES_PER_RECORD_RANGE):
        condition = _slice(connection, "record_id", low, high)
        connection.execute(f"create or replace temp view category_slice as select * from order_category where {condition}")
        run_model(connection, "record_category", as_of)


def _slice(connection: duckdb.DuckDBPyConnection, column: str, low: object, high: object) -> str:
    """Bind `line_slice` to the lines with low <= column < high; return that condition for other tables."""
    connection.execute("set variable slice_low = $low", {"low": low})
    connection.execute("set variable slice_high = $high", {"high": high})
    condition = f"{column} >= getvariable('slice_low') and {column} < getvariable('slice_high')"
    connection.execute(f"create or replace temp view line_slice as select * from lines where {condition}")
    return condition


def _ranges(connection: duckdb.DuckDBPyConnection, column: str, lines: int) -> list[tuple[object, object]]:
    """Cut a column of all headers into ranges [low, high) that hold about that many lines each; empty without orders."""
    row = connection.execute(f"select (select count(*) from lines), min({column}), max({column}) + 1 from all_header").fetchone()
    if row is None or row[1] is None:
        return []
    count, lowest, end = row
    pieces = max(1, -(-count // lines))
    shares = [piece / pieces for piece in range(1, pieces)]
    found = connection.execute(
        f"select quantile_disc({column}, $shares) from all_header", {"shares": shares}
    ).fetchone() if shares else None  # fmt: skip
    return list(pairwise(sorted({lowest, *(found[0] if found else ()), end})))


def _points(connection: duckdb.DuckDBPyConnection) -> None:
    insert(connection, "points", "select * from landed_point")
    insert(connection, "balances", LATEST_BALANCE.format(source="landed_balance"))


LATEST_BALANCE = """
    select record_id, version_at, balance_points from {source}
    qualify row_number() over (partition by record_id order by version_at desc, balance_points desc) = 1
"""


def _days(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    connection.execute("create temp view day_order as select * from orders")
    bind_view(connection, "store_part")
    run_model(connection, "store_day", as_of)
    for low, high in _ranges(connection, "d", LINES_PER_DAY_RANGE):
        _slice(connection, "d", low, high)
        bind_view(connection, "product_part")
        run_model(connection, "product_day", as_of)
    drop_steps(connection, "all_header")
    bind_view(connection, "category_day_part")
    run_model(connection, "category_day", as_of)
