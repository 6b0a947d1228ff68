"""
The tail: one small immutable file with every group that changed since the base, recomputed whole.

Each curated table is a function applied group by group, built of commutative, associative integer aggregates only. So the
base row of a group may be merged with its new rows, untouched base rows plus the tail's rows equal a rebuild from empty,
and nothing is carried over from the tail before: a crash costs nothing and folding twice changes nothing.
"""

from collections.abc import Collection, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from huitou.warehouse.base.build import LATEST_BALANCE, count_rows
from huitou.warehouse.checks import TAIL_CHECKS, run_checks
from huitou.warehouse.dimensions import RECORD_MAP, Dims, fit
from huitou.warehouse.facts_schema import WINDOW_DAYS
from huitou.warehouse.landed import bind_landed
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.models import load_models
from huitou.warehouse.overlay import MASKS, column_names, overlay_sql
from huitou.warehouse.result import BuildResult, Progress, StepLog
from huitou.warehouse.staging import staged
from huitou.warehouse.steps import ScoreCuts, run_facts, run_model, run_step, write_meta
from huitou.warehouse.switch import base_path, tail_path
from huitou.warehouse.tables import KEYS, create_tables, insert

STEPS = ("landed", "map", "orders", "categories", "points", "days", "persons", "facts", "checks", "write")


def fold_tail(
    layout: Layout,
    *,
    number: int,
    base: int,
    batch_ids: Collection[int],
    map_changes: pa.Table,
    erased_record_ids: Sequence[int],
    as_of: date,
    map_seq: int,
    dims: Dims,
    limits: Limits | None = None,
    progress: Progress | None = None,
) -> BuildResult:
    """
    Build tail-<number>.duckdb on base-<base>.duckdb; nothing is published (see switch).

    batch_ids: every batch landed since the base, its own excepted. map_changes: record_id and person_id (null: the record has
    no person any more) of all records whose person may differ from the base's map. erased_record_ids: all records erased
    since the base; their sales become anonymous. dims: as they are now; a product that moved to another category does so in
    the next base. as_of may move on from the base's, never back.
    Raises ChecksFailed (the file is removed), ValueError on arguments that do not fit the base.
    """
    log = StepLog(STEPS, progress)
    final = tail_path(layout, number)
    with staged(layout, final, limits or Limits()) as version:
        connection = version.connection
        old_as_of, old_batches, cuts = _attach_base(connection, layout, base)
        _check_arguments(as_of, old_as_of, batch_ids, old_batches)
        create_tables(connection, prefix="t_")
        with log.step("landed"):
            _landed(connection, layout, batch_ids, erased_record_ids)
            _dimensions(connection, dims)
        with log.step("map"):
            _map(connection, map_changes)
        with log.step("orders"):
            _orders(connection, as_of)
        with log.step("categories"):
            _categories(connection, as_of)
        with log.step("points"):
            _points(connection)
        with log.step("days"):
            _days(connection, as_of)
        with log.step("persons"):
            _touched_persons(connection, old_as_of, as_of)
        with log.step("facts"):
            _facts(connection, as_of, cuts)
        with log.step("checks"):
            checks = run_checks(connection, TAIL_CHECKS, final.stem)
        with log.step("write"):
            ids = tuple(sorted({*old_batches, *batch_ids}))
            meta = {"number": number, "base_number": base, "as_of": as_of, "map_seq": map_seq, "batch_ids": list(ids)}
            write_meta(connection, meta, cuts)
            rows = count_rows(connection, prefix="t_")
            connection.execute("detach base")
            version.finish()
    log.done()
    return BuildResult(number, base, final, as_of, map_seq, ids, rows, cuts, checks, log.seconds)


def _attach_base(connection: duckdb.DuckDBPyConnection, layout: Layout, base: int) -> tuple[date, tuple[int, ...], ScoreCuts]:
    quoted = str(base_path(layout, base)).replace("'", "''")
    connection.execute(f"attach '{quoted}' as base (read_only)")
    known = "select 1 from duckdb_tables() where database_name = 'base' and table_name = 'record_category'"
    if connection.execute(known).fetchone() is None:
        raise ValueError(f"base-{base} was written by an older version of the program: build a new base")
    row = connection.execute("select as_of, batch_ids, cut_2, cut_3, cut_4, cut_5 from base.meta").fetchone()
    if row is None:
        raise ValueError(f"base-{base} has no meta row: build a new base")
    return row[0], tuple(row[1]), ScoreCuts(*row[2:])


def _check_arguments(as_of: date, old_as_of: date, batch_ids: Collection[int], old_batches: tuple[int, ...]) -> None:
    if as_of < old_as_of:
        raise ValueError(f"as_of {as_of} lies before the base's {old_as_of}")
    twice = sorted(set(batch_ids) & set(old_batches))
    if twice:
        raise ValueError(f"batches {twice[:3]} are in the base already")


def _landed(
    connection: duckdb.DuckDBPyConnection, layout: Layout, batch_ids: Collection[int], erased_record_ids: Sequence[int]
) -> None:
    """Read the new batches once: the temporary tables new_line and new_order."""
    bind_landed(connection, layout, batch_ids, erased_record_ids)
    connection.execute("create table erased_record as select record_id from erased")
    for view, table in (("landed_line", "new_line"), ("landed_order", "new_order")):
        connection.execute(f"create temp table {table} as select * from {view}")
        connection.execute(f"create or replace temp view {view} as select * from {table}")


def _dimensions(connection: duckdb.DuckDBPyConnection, dims: Dims) -> None:
    for name, table in (("stores", dims.stores), ("products", dims.products), ("categories", dims.categories)):
        connection.register("dimension_in", table)
        insert(connection, name, f"select * from dimension_in except select * from base.{name}", prefix="t_")
        connection.unregister("dimension_in")
        (key,) = KEYS[name]
        connection.execute(f"create table {MASKS[name]} as select {key} from t_{name}")
    connection.execute(
        """create temp view product_category as
           select product_id, category_id from base.products
           union all select product_id, category_id from t_products anti join base.products using (product_id)"""
    )
    _bind_overlay(connection, "stores")


def _bind_overlay(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    connection.execute(f"create or replace temp view {table} as {overlay_sql(table, base='base', tail='main')}")


def _map(connection: duckdb.DuckDBPyConnection, map_changes: pa.Table) -> None:
    """Fill touched_record and t_map with the records whose person really differs from the base's."""
    connection.register("map_in", fit(map_changes, RECORD_MAP, "map changes"))
    connection.execute(
        """create temp table map_change as
           select c.record_id, c.person_id, b.person_id as old_person_id
           from (
               select record_id, person_id from map_in anti join erased using (record_id)
               union all select record_id, null::bigint as person_id from erased
           ) as c left join base.map as b using (record_id)
           where c.person_id is distinct from b.person_id"""
    )
    connection.unregister("map_in")
    twice = connection.execute("select record_id from map_change group by 1 having count(*) > 1 limit 3").fetchall()
    if twice:
        raise ValueError(f"the map changes name a record twice: {', '.join(str(row[0]) for row in twice)}")
    connection.execute("create table touched_record as select record_id from map_change")
    insert(connection, "map", "select record_id, person_id from map_change where person_id is not null", prefix="t_")
    _bind_overlay(connection, "map")


def _orders(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Merge the base rows of touched orders with the new lines; move the lines of orders whose record or day changes."""
    connection.execute(
        """create table touched_order as
           select net_order_id from new_line union select net_order_id from base.orders where record_id in (from erased)"""
    )
    connection.execute("create temp table old_order as select * from base.orders semi join touched_order using (net_order_id)")
    connection.execute(
        """create temp view header_candidate as
           select net_order_id, order_id, kind, order_no, record_id, store_id, channel, sold_at, business_date from new_order
           union all
           select o.net_order_id, o.header_order_id, case when o.has_sale then 0 else 1 end, o.order_no,
               case when e.record_id is null then o.record_id end, o.store_id, o.channel, o.sold_at, o.d
           from old_order as o left join erased as e on o.record_id = e.record_id"""
    )
    run_step(connection, "header", as_of)
    run_model(connection, "lines", as_of, prefix="t_")
    connection.execute("create or replace temp view line_slice as select * from t_lines")
    part = (
        "net_order_id, gross_fen, refund_fen, discount_fen, items_milli, lines_count, discounted_lines, return_lines, void_lines"
    )
    connection.execute(
        f"""create temp view order_part as
            select {part} from ({load_models()["order_part"].sql}) union all select {part} from old_order"""
    )
    run_model(connection, "orders", as_of, prefix="t_")
    connection.execute(
        """create table moved_order as
           select o.net_order_id from old_order as o inner join header as h on o.net_order_id = h.net_order_id
           where o.record_id is distinct from h.record_id or o.d <> h.d"""
    )
    connection.execute(
        """create temp table left_line as
           select * from base.lines where (select count(*) from moved_order) > 0 and net_order_id in (from moved_order)"""
    )
    insert(
        connection,
        "lines",
        """select l.* replace (h.record_id as record_id, h.d as d)
           from left_line as l inner join header as h on l.net_order_id = h.net_order_id""",
        prefix="t_",
    )


def _categories(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Merge base rows and new lines by order and category; an order that moved is recomputed from its lines."""
    connection.execute(
        """create temp table old_category as
           select * from base.order_category
           where d >= $first and d <= $last and net_order_id in (select net_order_id from old_order)""",
        _days_of(connection, "old_order"),
    )
    part = "record_id, net_order_id, category_id, d, net_fen, items_milli"
    connection.execute(
        f"""create temp view category_part as
            select {part} from ({load_models()["category_part"].sql})
            union all select {part} from old_category anti join moved_order using (net_order_id)"""
    )
    run_model(connection, "order_category", as_of, prefix="t_")


def _days_of(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, object]:
    """Return the first and last day of a table: constants let a scan skip the blocks of all other days. None when empty."""
    row = connection.execute(f"select min(d), max(d) from {table}").fetchone()
    return {"first": row[0], "last": row[1]} if row else {"first": None, "last": None}


def _points(connection: duckdb.DuckDBPyConnection) -> None:
    insert(connection, "points", "select * from landed_point", prefix="t_")
    connection.execute("create table touched_balance as select record_id from landed_balance union select record_id from erased")
    known = """select record_id, version_at, balance_points from base.balances
               where record_id in (from touched_balance) and record_id not in (from erased)
               union all select record_id, version_at, balance_points from landed_balance"""
    insert(connection, "balances", LATEST_BALANCE.format(source=f"({known}) as known"), prefix="t_")


def _days(connection: duckdb.DuckDBPyConnection, as_of: date) -> None:
    """Take the old share of every changed order and line out of its day and put the new one in."""
    _store_changes(connection)
    model = load_models()["product_part"].sql
    taken_out = _negated(model.replace("line_slice", "left_line"), "product_day")
    connection.execute(f"create temp table product_change as select * from ({model}) union all by name ({taken_out})")
    connection.execute(
        """create temp table category_change as
            select coalesce(c.category_id, 0) as category_id, p.* exclude (product_id), 0 as member_orders
            from product_change as p left join product_category as c on p.product_id = c.product_id
            union all by name
            select category_id, d, 0 as qty_milli, 0 as gross_fen, 0 as net_fen, 0 as anonymous_net_fen, 0 as line_rows,
                case when net_fen > 0 then 1 else 0 end as member_orders from t_order_category
            union all by name
            select category_id, d, 0 as qty_milli, 0 as gross_fen, 0 as net_fen, 0 as anonymous_net_fen, 0 as line_rows,
                case when net_fen > 0 then -1 else 0 end as member_orders from old_category"""
    )
    for table, part, change in (
        ("store_day", "store_part", "store_change"),
        ("product_day", "product_part", "product_change"),
        ("category_day", "category_day_part", "category_change"),
    ):
        keys = ", ".join(KEYS[table])
        columns = ", ".join(name for name in column_names(table) if name != "refund_fen" or table == "store_day")
        connection.execute(f"create table {MASKS[table]} as select distinct {keys} from {change}")
        connection.execute(
            f"""create or replace temp view {part} as
                select {columns} from {change}
                union all select {columns} from base.{table} semi join {MASKS[table]} using ({keys})"""
        )
        run_model(connection, table, as_of, prefix="t_")


def _store_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """An order's share of its store day changes with the order itself, and when its record gains or loses its person."""
    connection.execute(
        """create temp table flipped_order as
           select * from base.orders
           where record_id in (select record_id from map_change where (person_id is null) <> (old_person_id is null))
               and net_order_id not in (from touched_order)"""
    )
    model = load_models()["store_part"].sql
    connection.execute("create temp view day_order as select * from old_order union all select * from flipped_order")
    connection.execute("create or replace temp view map as select * from base.map")
    connection.execute(f"create temp table store_change as {_negated(model, 'store_day')}")
    orders = ", ".join(column_names("orders"))
    connection.execute(
        f"""create or replace temp view day_order as
            select {orders} from t_orders union all select {orders} from flipped_order"""
    )
    _bind_overlay(connection, "map")
    connection.execute(f"insert into store_change by name {model}")


def _negated(part_sql: str, table: str) -> str:
    """Return a part model's SELECT with every measure negated; the keys of its table stay."""
    keys = KEYS[table]
    return f"select {', '.join(keys)}, -columns(* exclude ({', '.join(keys)})) from ({part_sql})"


def _touched_persons(connection: duckdb.DuckDBPyConnection, old_as_of: date, as_of: date) -> None:
    """Under the old and the new map: persons of changed orders, records and points, and of orders that cross a window edge."""
    records = [
        "select record_id from t_orders",
        "select record_id from old_order",
        "select record_id from touched_record",
        "select record_id from t_points",
    ]
    parameters: dict[str, object] = {}
    if as_of > old_as_of:
        edges = ["(d > $old and d <= $new)", *(f"(d > $old - {w} and d <= $new - {w})" for w in WINDOW_DAYS)]
        records.append(f"select record_id from base.orders where {' or '.join(edges)}")
        parameters = {"old": old_as_of, "new": as_of}
    connection.execute(f"create temp table changed_record as {' union '.join(records)}", parameters)
    connection.execute(
        """create table touched_person as
           select person_id from base.map where record_id in (from changed_record)
           union select person_id from map where record_id in (from changed_record)"""
    )
    connection.execute(
        "create temp table person_record as select record_id, person_id from map where person_id in (from touched_person)"
    )


def _facts(connection: duckdb.DuckDBPyConnection, as_of: date, cuts: ScoreCuts) -> None:
    connection.execute("create or replace temp view map as select * from person_record")
    _bind_overlay(connection, "points")
    # Named in each base branch: the later join with the persons' records reaches no scan through a union.
    orders = ", ".join(column_names("orders"))
    connection.execute(
        f"""create temp view orders as
            select {orders} from (select * from base.orders semi join person_record using (record_id))
                anti join touched_order using (net_order_id)
            union all select {orders} from t_orders"""
    )
    connection.execute(
        """create temp view fact_category as
           select record_id, category_id, net_fen from base.record_category semi join person_record using (record_id)
           union all select record_id, category_id, net_fen from t_order_category
           union all select record_id, category_id, -net_fen as net_fen from old_category"""
    )
    run_facts(connection, as_of, cuts=cuts, few=True, prefix="t_")
