"""
A generated landing for the warehouse benchmark: synthetic, deterministic, streamed day by day with bounded memory.

36 stores, 20,000 products in 30 categories; 1.3 records per member; 15 % of orders anonymous, 15 % online, 1 % land 1-7 days
late; one order in ten brings a fifth of its lines back 1-14 days later. One batch per day, every attribute a hash of its id.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from huitou.warehouse.dimensions import CATEGORIES, PRODUCTS, STORES, Dims
from huitou.warehouse.layout import Layout

FIRST_DAY = date(2025, 11, 21)
STORES_COUNT, PRODUCTS_COUNT, CATEGORIES_COUNT = 36, 20_000, 30
LINES_PER_ORDER = 8
DAYS = 365


@dataclass(frozen=True)
class Size:
    """How large the chain is; batches 1..DAYS make the base, DAYS + 1 is one more day, DAYS + 2 a micro-batch."""

    members: int
    lines: int

    @property
    def records(self) -> int:
        return self.members * 13 // 10

    @property
    def orders_a_day(self) -> int:
        return self.lines // DAYS // LINES_PER_ORDER

    def orders_of(self, batch_id: int) -> int:
        """The extra day is a busy one (200,000 of 50M lines a year), the micro-batch half a minute's worth."""
        if batch_id == DAYS + 1:
            return self.lines // 250 // LINES_PER_ORDER
        return max(1, self.orders_a_day // 35) if batch_id == DAYS + 2 else self.orders_a_day


def as_of(batch_id: int) -> date:
    return FIRST_DAY + timedelta(days=batch_id - 1)


_MACROS = """
    create macro draw(id, salt, below) as (hash(id * 64 + salt) % below)::bigint;
    create macro record_of(id) as
        case when draw(id, 1, 100) >= 15 then 1 + draw(id, 2, $records) * draw(id, 3, 1000) // 1000 end;
    create macro lines_of(id) as 1 + draw(id, 4, 15);
    create macro day_of(id) as
        (date '2025-11-21' + (id // 1000000 - 1)::integer
            - (case when draw(id, 5, 100) = 0 then 1 + draw(id, 6, 7) else 0 end)::integer)::date;
    create macro moment_of(id) as day_of(id)::timestamp + to_seconds(draw(id, 7, 50000));
    create macro product_of(id, line) as
        1 + (draw(id * 16 + line, 8, $products) * draw(id * 16 + line, 9, 1000) // 1000)::integer;
    create macro is_returned(id) as draw(id, 10, 10) = 0;
    create macro return_delay(id) as 1 + draw(id, 11, 14);
"""

_DOCUMENTS = """
    select id as order_id, id as net_order_id, 0 as kind, id as sale_id, day_of(id) as business_date, moment_of(id) as sold_at
    from (select $batch * 1000000 + range as id from range($orders))
    union all
    select id + 500000, id, 1, id, (day_of(id) + return_delay(id)::integer)::date,
        moment_of(id) + to_days(return_delay(id)::integer)
    from (select b * 1000000 + range as id, b from range($usual), (select unnest(range($batch - 14, $batch)) as b))
    where b >= 1 and b <= 365 and is_returned(id) and return_delay(id) = $batch - b
"""


def generate(layout: Layout, size: Size) -> None:
    """Write the landing, the record map and the products; a folder that is there already is taken as it is."""
    done = layout.root / f"complete-{size.members}-{size.lines}"
    if done.exists():
        return
    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    macros = _MACROS.replace("$records", str(size.records)).replace("$products", str(PRODUCTS_COUNT))
    for statement in connection.extract_statements(macros):
        connection.execute(statement)
    for batch_id in range(1, DAYS + 3):
        _batch(connection, layout.batch("till", batch_id), batch_id, size)
    pq.write_table(record_map(size), layout.root / "record_map.parquet")
    pq.write_table(dims().products, layout.root / "products.parquet")
    done.touch()


def _batch(connection: duckdb.DuckDBPyConnection, folder: Path, batch_id: int, size: Size) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    usual = 0 if batch_id == DAYS + 2 else size.orders_a_day
    connection.execute(f"create or replace temp table document as {_DOCUMENTS}",
                       {"batch": batch_id, "orders": size.orders_of(batch_id), "usual": usual})  # fmt: skip
    head = """d.order_id, d.net_order_id, d.kind::tinyint as kind, record_of(sale_id) as record_id,
        (1 + draw(sale_id, 12, 36))::integer as store_id,
        (case when draw(sale_id, 13, 100) < 15 then 1 else 0 end)::tinyint as channel,
        d.sold_at, d.business_date"""
    origin = "1::integer as page_no, (row_number() over ())::integer as row_no"
    connection.execute(
        f"""copy (select {head}, 'NO' || d.order_id as order_no, {origin} from document as d)
            to '{folder}/orders.parquet' (compression zstd)"""
    )
    connection.execute(
        f"""copy (
            select {head}, line_no::integer as line_no, product_of(sale_id, line_no) as product_id,
                case when kind = 0 then pieces else -pieces end as qty_milli,
                case when kind = 0 then fen else -fen end as amount_fen,
                case when draw(sale_id * 16 + line_no, 15, 5) = 0 then fen // 10 else 0 end as discount_fen, {origin}
            from (
                select d.*, line_no, 1000 * (1 + draw(sale_id * 16 + line_no, 16, 3)) as pieces,
                    200 + draw(sale_id * 16 + line_no, 17, 4000) as fen
                from (select *, unnest(range(1, 1 + lines_of(sale_id))) as line_no from document) as d
            ) as d
            where kind = 0 or line_no % 5 = 1
        ) to '{folder}/lines.parquet' (compression zstd, row_group_size 122880)"""
    )


def record_map(size: Size) -> pa.Table:
    """Every member has one record, three in ten members a second one."""
    query = """
        select r as record_id, case when r <= $members then r else 1 + (r - $members - 1) * 3 % $members end as person_id
        from (select unnest(range(1, $records + 1)) as r)"""
    return duckdb.sql(query, params={"members": size.members, "records": size.records}).to_arrow_table()


def dims() -> Dims:
    """The chain's dimensions; products lie evenly in the categories."""
    return Dims(
        stores=pa.Table.from_pylist(
            [{"store_id": s, "code": f"S{s}", "name": f"门店{s}", "region_code": f"r{s % 4}", "region_name": f"大区{s % 4}",
              "city": ""} for s in range(1, STORES_COUNT + 1)], schema=STORES),
        products=pa.Table.from_pylist(
            [{"product_id": p, "code": f"P{p}", "name": f"商品{p}", "category_id": 1 + p % CATEGORIES_COUNT, "brand": ""}
             for p in range(1, PRODUCTS_COUNT + 1)], schema=PRODUCTS),
        categories=pa.Table.from_pylist(
            [{"category_id": c, "parent_id": None, "name": f"品类{c}", "path": f"品类{c}", "level": 1}
             for c in range(1, CATEGORIES_COUNT + 1)], schema=CATEGORIES),
    )  # fmt: skip
