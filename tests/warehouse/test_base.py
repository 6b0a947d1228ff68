from typing import Any

import pytest
from tests.warehouse.chain import AS_OF, RETURN, VOID, Chain, Document, Line, days_before

from huitou.core.periods import Period
from huitou.warehouse.layout import Layout
from huitou.warehouse.queries.person_facts import person_facts
from huitou.warehouse.queries.timeline import timeline, timeline_lines
from huitou.warehouse.queries.totals import Level, totals, totals_by
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope


def facts_of(layout: Layout, person_id: int) -> dict[str, Any]:
    with Warehouse(layout).read() as reading:
        found = person_facts(reading.cursor, scope=CHAIN, person_id=person_id)
    assert found is not None
    return found


def test_a_return_nets_into_its_order_on_the_day_of_the_sale(chain: Chain):
    chain.land([
        Document(1, days_before(10), (Line(1, 1000), Line(2, 500)), record_id=5),
        Document(2, days_before(3), (Line(2, 500),), record_id=5, kind=RETURN, net_order_id=1, store_id=2),
    ])  # fmt: skip
    chain.publish(1, {5: 50})
    with Warehouse(chain.layout).read() as reading:
        (order,) = timeline(reading.cursor, scope=CHAIN, person_id=50)
        lines = timeline_lines(reading.cursor, scope=CHAIN, person_id=50, net_order_ids=[1])[1]
    assert (order.gross_fen, order.refund_fen, order.net_fen, order.d, order.order_no) == (
        1500,
        500,
        1000,
        days_before(10),
        "NO1",
    )
    assert [(line.kind, line.product_name, line.amount_fen) for line in lines] == [
        (0, "商品1", 1000), (0, "商品2", 500), (1, "商品2", -500),
    ]  # fmt: skip


@pytest.mark.parametrize(("case", "kind"), [("returned", RETURN), ("voided", VOID)])
def test_a_fully_netted_order_is_no_purchase(chain: Chain, case: str, kind: int):
    chain.land([Document(1, AS_OF, (Line(1, 900),), record_id=5), Document(2, AS_OF, (Line(1, 900),), kind=kind, net_order_id=1)])
    chain.publish(1, {5: 50})
    facts = facts_of(chain.layout, 50)
    assert (facts["orders_count"], facts["last_date"], facts["net_fen"], facts["refund_fen"]) == (0, None, 0, 900), case


def test_a_return_without_its_sale_is_an_order_of_its_own(chain: Chain):
    chain.land([Document(2, AS_OF, (Line(1, 900),), record_id=5, kind=RETURN, net_order_id=1)])
    chain.publish(1, {5: 50})
    with Warehouse(chain.layout).read() as reading:
        (order,) = timeline(reading.cursor, scope=CHAIN, person_id=50)
    assert (order.has_sale, order.gross_fen, order.net_fen, order.order_no) == (False, 0, -900, "NO2")


def test_windows_end_with_as_of_and_hold_exactly_their_days(chain: Chain):
    ages = (0, 29, 30, 89, 90, 364, 365)
    chain.land(Document(i + 1, days_before(age), (Line(1, 100),), record_id=5) for i, age in enumerate(ages))
    chain.publish(1, {5: 50})
    facts = facts_of(chain.layout, 50)
    assert [facts[f"orders_{days}d"] for days in (30, 90, 365)] == [2, 4, 6]
    assert [facts[f"net_{days}d_fen"] for days in (30, 90, 365)] == [200, 400, 600]
    assert (facts["first_date"], facts["last_date"]) == (days_before(365), AS_OF)


def test_ties_go_to_the_lower_store_and_category(chain: Chain):
    chain.land([
        Document(1, AS_OF, (Line(3, 100), Line(2, 100), Line(1, 50)), record_id=5, store_id=3),
        Document(2, AS_OF, (Line(1, 50),), record_id=5, store_id=2),
    ])  # fmt: skip
    chain.publish(1, {5: 50})
    facts = facts_of(chain.layout, 50)
    assert facts["main_store_id"] == 2
    assert [facts[f"{place}_category_id"] for place in ("top", "second", "third")] == [11, 12, 13]


@pytest.mark.accept("S27")
def test_top_category_and_price_sensitivity_equal_a_hand_count_over_till_and_mall(chain: Chain):
    bargain = (*[Line(1, 100, discount_fen=20)] * 8, Line(2, 450), Line(3, 450))
    chain.land([
        Document(1, AS_OF, bargain, record_id=5),  # 8 of 10 lines discounted; category 11: 800, 12: 450, 13: 450
        Document(2, AS_OF, (Line(2, 400),), record_id=6, channel=1),  # the same person in the mall: category 12: 850
        *(Document(10 + i, AS_OF, tuple(Line(1, 100) for _ in range(10)), record_id=10 + i) for i in range(9)),
    ])  # fmt: skip
    chain.publish(1, {5: 50, 6: 50, **{10 + i: 100 + i for i in range(9)}})
    facts = facts_of(chain.layout, 50)
    assert facts["price_sensitivity"] == 5
    assert (facts["top_category_id"], facts["top_category_fen"], facts["second_category_id"]) == (12, 850, 11)
    assert (facts["online_orders"], facts["store_orders"]) == (1, 1)


def test_price_sensitivity_has_no_answer_under_five_lines(chain: Chain):
    chain.land([Document(1, AS_OF, tuple(Line(1, 100, 10) for _ in range(4)), record_id=5)])
    chain.publish(1, {5: 50})
    assert facts_of(chain.layout, 50)["price_sensitivity"] is None


def test_a_person_without_orders_has_facts_of_zero(chain: Chain):
    chain.land([], points=[(1, 5, AS_OF, 30), (2, 5, AS_OF, -10)])
    chain.publish(1, {5: 50})
    facts = facts_of(chain.layout, 50)
    assert (facts["orders_count"], facts["last_date"], facts["points_balance"]) == (0, None, 20)


def sell_in_four_stores(chain: Chain) -> None:
    chain.land(
        Document(
            i,
            days_before(i % 3),
            (Line(1 + i % 8, 100 * i),),
            record_id=None if i % 3 == 0 else i,
            store_id=1 + i % 4,
            channel=i % 2,
        )
        for i in range(1, 30)
    )
    chain.publish(1, {i: 100 + i for i in range(1, 30) if i % 3})


def test_stores_and_regions_add_up_to_headquarters(chain: Chain):
    sell_in_four_stores(chain)
    with Warehouse(chain.layout).read() as reading:
        chain_wide = totals(reading.cursor, scope=CHAIN)
        for level in Level:
            parts = totals_by(reading.cursor, scope=CHAIN, level=level)
            assert sum(part.net_fen for part in parts.values()) == chain_wide.net_fen, level
            assert sum(part.orders for part in parts.values()) == chain_wide.orders, level
    assert chain_wide.net_fen == sum(100 * i for i in range(1, 30))


def test_anonymous_revenue_is_in_the_totals_and_in_nobodys_facts(chain: Chain):
    sell_in_four_stores(chain)
    anonymous_fen = sum(100 * i for i in range(3, 30, 3))
    with Warehouse(chain.layout).read() as reading:
        sums = totals(reading.cursor, scope=CHAIN, period=Period.last_days(30, as_of=AS_OF))
        in_facts = reading.cursor.execute("select sum(net_fen) from facts").fetchone()
    assert in_facts == (sums.net_fen - anonymous_fen,)
    assert sums.identified_net_fen == sums.net_fen - anonymous_fen


def test_another_stores_scope_sees_nothing(chain: Chain):
    chain.land([Document(1, AS_OF, (Line(1, 100),), record_id=5, store_id=1)], points=[(1, 5, AS_OF, 3)])
    chain.publish(1, {5: 50})
    for scope, seen in ((Scope((1,)), True), (Scope((2,)), False), (Scope(()), False)):
        with Warehouse(chain.layout).read() as reading:
            assert bool(timeline(reading.cursor, scope=scope, person_id=50)) is seen
            assert (person_facts(reading.cursor, scope=scope, person_id=50) is not None) is seen
            assert (totals(reading.cursor, scope=scope).net_fen > 0) is seen
