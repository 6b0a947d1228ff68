"""What sells and who stands in which stage: the stores of the chain add up to it, and a stranger reads nothing."""

from collections import Counter
from datetime import timedelta

import pytest
from tests.warehouse.chain import AS_OF, RETURN, Chain, Document, Line, days_before

from huitou.core.periods import Period
from huitou.core.value.lifecycle import stage
from huitou.warehouse.product_figures import summed
from huitou.warehouse.queries.product_sales import ProductSums, product_sales, sold_days
from huitou.warehouse.queries.sellers import top_categories, top_products
from huitou.warehouse.queries.stages import stage_sums
from huitou.warehouse.queries.store_spend import StoreSpend, store_spend
from huitou.warehouse.queries.totals import first_sale_day, totals_by_day
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope

PERIOD = Period.last_days(28, as_of=AS_OF)


@pytest.fixture
def published(chain: Chain) -> Chain:
    chain.land(
        [
            Document(1, days_before(3), (Line(1, 700), Line(2, 100)), record_id=5, store_id=1),
            Document(2, days_before(2), (Line(1, 300),), record_id=6, store_id=2),
            Document(3, days_before(1), (Line(2, 40),), kind=RETURN, net_order_id=1, store_id=2),  # brought back elsewhere
            Document(4, days_before(40), (Line(5, 9_000),), record_id=6, store_id=2),
            Document(5, days_before(200), (Line(5, 50),), record_id=7, store_id=2),
        ]
    )
    chain.publish(1, {5: 50, 6: 60, 7: 70, 8: 80})
    return chain


def test_stores_add_up_to_the_chain_and_a_return_counts_where_it_was_sold(published: Chain):
    with Warehouse(published.layout).read() as reading:
        found = {
            scope.store_ids: {one.id: one.net_fen for one in top_products(reading.cursor, scope=scope, period=PERIOD)}
            for scope in (CHAIN, Scope((1,)), Scope((2,)), Scope(()))
        }
        categories = [(one.name, one.net_fen) for one in top_categories(reading.cursor, scope=Scope((1,)), period=PERIOD)]
        of_chain = top_categories(reading.cursor, scope=CHAIN, period=PERIOD, limit=1)
    assert found == {None: {1: 1_000, 2: 60}, (1,): {1: 700, 2: 60}, (2,): {1: 300}, (): {}}
    assert categories == [("品类1", 700), ("品类2", 60)]
    assert [(one.name, one.net_fen, one.qty_milli) for one in of_chain] == [("品类1", 1_000, 2_000)]


def test_spending_is_of_the_store_and_only_customers_of_then_are_counted(published: Chain):
    with Warehouse(published.layout).read() as reading:
        chain = store_spend(reading.cursor, scope=CHAIN, period=PERIOD)
        before = store_spend(reading.cursor, scope=CHAIN, period=Period(days_before(60), days_before(28)))
        second = store_spend(reading.cursor, scope=Scope((2,)), period=PERIOD)
        stranger = store_spend(reading.cursor, scope=Scope(()), period=PERIOD)
    assert chain == {1: StoreSpend(760, 1), 2: StoreSpend(300, 2)}
    assert before[2] == StoreSpend(9_000, 2)
    assert before.get(1) in (None, StoreSpend(0, 0))
    assert (second, stranger) == ({2: chain[2]}, {})
    assert chain[2].mean_fen == 150
    assert StoreSpend(5, 0).mean_fen is None


def test_stages_count_buyers_by_their_main_store(published: Chain):
    with Warehouse(published.layout).read() as reading:
        chain = stage_sums(reading.cursor, scope=CHAIN, as_of=AS_OF)
        first = stage_sums(reading.cursor, scope=Scope((1,)), as_of=AS_OF)
        stranger = stage_sums(reading.cursor, scope=Scope(()), as_of=AS_OF)
    assert [(one.stage.value, one.persons, one.net_365d_fen) for one in chain] == [
        ("new", 1, 760),
        ("active", 1, 9_300),
        ("dormant", 1, 50),
    ]
    assert [one.persons for one in first] == [1, 0, 0]
    assert [one.persons for one in stranger] == [0, 0, 0]


@pytest.mark.accept("S52")
def test_stages_counted_in_the_warehouse_are_those_of_the_rule_at_its_edges(chain: Chain):
    bought = {5: (30, 30), 6: (31, 31), 7: (400, 0), 8: (400, 89), 9: (400, 90), 10: (90, 90)}  # first and last, days ago
    days = [(record, ago) for record, pair in bought.items() for ago in pair]
    chain.land([Document(number, days_before(ago), (Line(1, 700),), record_id=who) for number, (who, ago) in enumerate(days, 1)])
    chain.publish(1, {record: record * 10 for record in bought})
    with Warehouse(chain.layout).read() as reading:
        found = {one.stage: one.persons for one in stage_sums(reading.cursor, scope=CHAIN, as_of=AS_OF)}
    assert found == Counter(stage(days_before(first), days_before(last), as_of=AS_OF) for first, last in bought.values())
    assert list(found.values()) == [1, 3, 2]


def test_days_without_a_sale_are_zeros_and_the_first_day_bounds_comparisons(published: Chain):
    with Warehouse(published.layout).read() as reading:
        days = totals_by_day(reading.cursor, scope=CHAIN, period=Period.last_days(4, as_of=AS_OF))
        firsts = [first_sale_day(reading.cursor, scope=scope) for scope in (CHAIN, Scope((1,)), Scope(()))]
    assert [(day, sums.net_fen) for day, sums in days.items()] == [
        (AS_OF - timedelta(days=3), 760),
        (AS_OF - timedelta(days=2), 300),
        (AS_OF - timedelta(days=1), 0),
        (AS_OF, 0),
    ]
    assert firsts == [days_before(200), days_before(3), None]


def test_one_products_sums_are_those_of_its_stores_and_days(published: Chain):
    with Warehouse(published.layout).read() as reading:

        def sums(product_id: int, scope: Scope) -> dict[tuple[int, int], ProductSums]:
            found = product_sales(reading.cursor, scope=scope, product_id=product_id, period=PERIOD)
            return {(store_id, (AS_OF - day).days): one for (store_id, day), one in found.items()}

        chain, brought_back = sums(1, CHAIN), sums(2, CHAIN)
        stores = [sums(1, Scope((store_id,))) for store_id in (1, 2)]
        stranger = sums(1, Scope(()))
        days = [sold_days(reading.cursor, scope=scope, product_id=5) for scope in (CHAIN, Scope((1,)))]
    assert chain == {
        (1, 3): ProductSums(700, 0, 700, 1_000, 1, 700),
        (2, 2): ProductSums(300, 0, 300, 1_000, 1, 300),
    }
    assert brought_back == {(1, 3): ProductSums(100, 40, 60, 0, 1, 60)}  # in the store and on the day of its sale
    assert {**stores[0], **stores[1]} == chain
    assert stranger == {}
    assert days == [(days_before(200), days_before(40)), None]
    assert summed(chain, lambda store_id, day: None) == {None: ProductSums(1_000, 0, 1_000, 2_000, 2, 1_000)}
