"""What every reader must keep to: a scope in the signature, and no identifier in any file."""

import importlib
import inspect
import pkgutil

import duckdb
import pytest
from tests.warehouse.chain import AS_OF, Chain, Document, Line, days_before
from tests.warehouse.test_tail import fold

from huitou.core.periods import Period
from huitou.warehouse import queries
from huitou.warehouse.facts_schema import COLUMNS as FACT_COLUMNS
from huitou.warehouse.facts_schema import FACTS, KEY
from huitou.warehouse.queries.orders import order_lines, orders_by_number, orders_of_stores
from huitou.warehouse.queries.points import balance_differences, points_of, reconciliation
from huitou.warehouse.queries.timeline import timeline, timeline_lines
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope
from huitou.warehouse.switch import base_path, switch, tail_path
from huitou.warehouse.tables import COLUMNS

# Numbers, codes and the chain's own names; nothing a person could be found by.
TEXT_COLUMNS = {
    "orders.order_no", "points.reason_code", "stores.code", "stores.name", "stores.region_code", "stores.region_name",
    "stores.city", "products.code", "products.name", "products.brand", "categories.name", "categories.path", "checks.name",
    "checks.unit",
}  # fmt: skip
OUTSIDE_REACH = {"rows", "changes"}  # row helper; the publisher's job, which writes the operations database


def readers() -> list:
    found = []
    for module in pkgutil.iter_modules(queries.__path__):
        if module.name not in OUTSIDE_REACH:
            loaded = importlib.import_module(f"huitou.warehouse.queries.{module.name}")
            functions = inspect.getmembers(loaded, inspect.isfunction)
            found += [function for name, function in functions if function.__module__ == loaded.__name__ and name[0] != "_"]
    return found


@pytest.mark.parametrize("reader", readers(), ids=lambda reader: reader.__name__)
def test_every_public_reader_requires_a_scope(reader):
    scope = inspect.signature(reader).parameters.get("scope")
    assert scope is not None
    assert scope.default is inspect.Parameter.empty
    assert scope.annotation is Scope


def test_no_file_has_a_text_column_that_could_hold_an_identifier(chain: Chain):
    chain.land([Document(1, AS_OF, (Line(1, 100),), record_id=5)])
    base = chain.base(1, {5: 50})
    fold(chain, 2, base, {})
    for path in (base_path(chain.layout, 1), tail_path(chain.layout, 2)):
        with duckdb.connect(str(path), read_only=True) as connection:
            columns = connection.execute(
                "select table_name || '.' || column_name, data_type from duckdb_columns() where not internal"
            ).fetchall()
        text = {name.removeprefix("t_") for name, kind in columns if kind not in NUMBERS}
        assert text <= TEXT_COLUMNS, path.name


NUMBERS = {"BIGINT", "INTEGER", "TINYINT", "DATE", "TIMESTAMP", "BOOLEAN", "INTEGER[]"}


def test_facts_have_the_columns_and_types_that_the_publisher_reads():
    stored = [part.split() for part in COLUMNS["facts"].split(",")]
    assert [name for name, _ in stored] == list(FACT_COLUMNS)
    assert dict(stored) == {KEY: "bigint", **{fact.name: fact.type for fact in FACTS}}


def two_stores(chain: Chain) -> None:
    chain.land(
        [Document(i, days_before(i), (Line(1, 10 * i),), record_id=5, store_id=1 + i % 2, hour=i) for i in range(1, 10)],
        points=[(1, 5, AS_OF, 30), (2, 5, AS_OF, -10), (3, 6, AS_OF, 4)],
        balances=[(5, 20, AS_OF), (6, 5, AS_OF)],
    )
    base = chain.publish(1, {5: 50, 6: 60})
    chain.land([Document(20, AS_OF, (Line(2, 7),), record_id=5, store_id=2)])
    fold(chain, 2, base, {})
    switch(chain.layout, base=1, tail=2)


def test_pages_of_a_timeline_join_without_gap_or_repeat(chain: Chain):
    two_stores(chain)
    with Warehouse(chain.layout).read() as reading:
        pages, after = [], None
        while page := timeline(reading.cursor, scope=CHAIN, person_id=50, after=after, limit=4):
            pages.append([order.net_order_id for order in page])
            after = page[-1].key
    assert pages == [[20, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


def test_the_main_store_sees_the_whole_history_and_another_store_its_own_sales(chain: Chain):
    two_stores(chain)
    with Warehouse(chain.layout).read() as reading:
        seen = {
            store: {order.store_id for order in timeline(reading.cursor, scope=Scope((store,)), person_id=50)}
            for store in (1, 2, 3)
        }
        mine = timeline_lines(reading.cursor, scope=Scope((1,)), person_id=50, net_order_ids=[1, 2])
    assert seen == {1: {1}, 2: {1, 2}, 3: set()}  # five orders in each; store 2 got one more by the tail
    assert {order: len(lines) for order, lines in mine.items()} == {1: 0, 2: 1}


def test_orders_are_found_by_store_day_and_number_within_the_scope(chain: Chain):
    two_stores(chain)
    period = Period.last_days(3, as_of=AS_OF)
    with Warehouse(chain.layout).read() as reading:
        cursor = reading.cursor
        assert [o.net_order_id for o in orders_of_stores(cursor, scope=CHAIN, period=period)] == [20, 1, 2]
        assert [o.net_order_id for o in orders_of_stores(cursor, scope=Scope((1,)), period=period)] == [2]
        assert [o.net_order_id for o in orders_of_stores(cursor, scope=CHAIN, period=period, store_id=2)] == [20, 1]
        assert [o.net_fen for o in orders_by_number(cursor, scope=CHAIN, order_no="NO20")] == [7]
        assert orders_by_number(cursor, scope=Scope((1,)), order_no="NO20") == []
        assert [line.amount_fen for line in order_lines(cursor, scope=CHAIN, net_order_id=20, record_id=5)] == [7]
        assert order_lines(cursor, scope=Scope((1,)), net_order_id=20, record_id=5) == []


def test_ledgers_are_reconciled_with_the_stated_balance(chain: Chain):
    two_stores(chain)
    with Warehouse(chain.layout).read() as reading:
        assert [entry.delta_points for entry in points_of(reading.cursor, scope=CHAIN, person_id=50)] == [-10, 30]
        found = reconciliation(reading.cursor, scope=CHAIN)
        (difference,) = balance_differences(reading.cursor, scope=CHAIN)
        assert list(balance_differences(reading.cursor, scope=Scope((3,)))) == []
    assert (found.members, found.equal) == (2, 1)
    assert (difference.person_id, difference.ledger_points, difference.balance_points) == (60, 4, 5)
