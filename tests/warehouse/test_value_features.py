"""What scores are computed from: the facts of the wanted persons, their hours, the orders of a scenario, all in scope."""

import numpy as np
import pytest
from tests.warehouse.chain import AS_OF, RETURN, Chain, Document, Line, days_before

from huitou.core.value.traits import average_ticket_fen, cycle_days, share_of
from huitou.warehouse.queries.value_features import best_hours, hours_of_everybody, scenario_persons, value_features
from huitou.warehouse.reader import Warehouse
from huitou.warehouse.scope import CHAIN, Scope

WEIGHTS = [0] * 9 + [100_000] * 12 + [0] * 3


@pytest.fixture
def reading(chain: Chain):
    chain.land(
        [
            Document(1, days_before(3), (Line(1, 700),), record_id=5, store_id=1, hour=2),  # 10 o'clock in Shanghai
            Document(2, days_before(30), (Line(1, 300),), record_id=6, store_id=2, hour=10),
            Document(3, days_before(31), (Line(1, 900),), record_id=6, store_id=2, hour=10),
            Document(4, days_before(2), (Line(2, 100),), record_id=6, store_id=2, hour=20),  # at night: 4 o'clock
        ]
    )
    chain.publish(1, {5: 50, 6: 60, 7: 70})
    store = Warehouse(chain.layout)
    with store.read() as found:
        yield found
    store.close()


def test_features_are_those_of_the_wanted_persons_in_scope(reading):
    ids, columns = value_features(reading.cursor, scope=CHAIN)
    assert ids.tolist() == [50, 60, 70]
    assert columns["net_fen"].tolist() == [700, 1300, 0]
    assert np.isnan(columns["last_day"]).tolist() == [False, False, True]
    assert value_features(reading.cursor, scope=CHAIN, person_ids=[70, 50])[0].tolist() == [50, 70]
    assert value_features(reading.cursor, scope=Scope((2,)))[0].tolist() == [60]
    assert value_features(reading.cursor, scope=Scope(()))[0].tolist() == []


@pytest.mark.accept("S45")
def test_hours_are_those_of_the_shop_and_quiet_ones_do_not_count(reading):
    hours = hours_of_everybody(reading.cursor, scope=CHAIN, as_of=AS_OF)
    assert {hour: int(hours[hour]) for hour in np.flatnonzero(hours)} == {4: 1, 10: 1, 18: 2}
    ids, best = best_hours(reading.cursor, scope=CHAIN, as_of=AS_OF, weights=WEIGHTS, allowed=range(9, 21))
    assert dict(zip(ids.tolist(), (23 - best % 100).tolist(), strict=True)) == {50: 10, 60: 18}


def test_a_scenario_asks_for_so_many_orders_of_its_categories_in_its_days(reading):
    wanted = {"scope": CHAIN, "as_of": AS_OF, "category_ids": [11], "days": 31}
    assert scenario_persons(reading.cursor, orders=1, **wanted).tolist() == [50, 60]
    assert scenario_persons(reading.cursor, orders=2, **wanted).tolist() == []  # the 31st day back is out
    assert scenario_persons(reading.cursor, orders=2, **{**wanted, "days": 32}).tolist() == [60]
    assert scenario_persons(reading.cursor, orders=1, hours=[10], **wanted).tolist() == [50]


@pytest.mark.accept("S31")
def test_ticket_cycle_and_category_equal_the_hand_count_of_twelve_orders_and_a_return(chain: Chain):
    """
    Twelve orders of ¥10 every 10 days, products of category 11 (8 of them) and 12 (4); but one of the latter is of ¥40, and comes
    back whole.
    """
    orders = [
        Document(
            number,
            days_before(10 * (12 - number)),
            (Line(2 if number % 3 == 0 else 1, 4_000 if number == 9 else 1_000),),
            record_id=5,
        )
        for number in range(1, 13)
    ]
    back = Document(90, days_before(25), (Line(2, 4_000),), record_id=5, kind=RETURN, net_order_id=9)
    chain.land([*orders, back])
    chain.publish(1, {5: 50})
    with Warehouse(chain.layout).read() as found:
        _, columns = value_features(found.cursor, scope=CHAIN)
    assert average_ticket_fen(columns["net_fen"], columns["orders_count"]).tolist() == [1_000]  # 11 orders left, ¥110
    days = cycle_days(columns["first_day"], columns["last_day"], columns["order_days"])
    assert days.tolist() == [11]  # 110 days between the first and the last of 11 purchase days
    assert columns["top_category_id"].tolist() == [11]
    assert share_of(columns["top_category_fen"], columns["net_fen"]).tolist() == [pytest.approx(8 / 11)]
