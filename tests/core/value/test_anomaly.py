"""Odd days of stores and cards: planted ones are found the same day, ordinary ones and holidays are left alone."""

import numpy as np
import pytest

from huitou.core.value.anomaly import LIMIT, card_limit, return_days, store_days

DAYS, STORES = 140, 40
HOLIDAY = 120


def chain(seed=6):
    """Orders of 40 stores of very different size: weekends half as much again, a slow trend, a holiday that doubles all."""
    rng = np.random.default_rng(seed)
    size = np.exp(rng.normal(5, 0.8, STORES))
    week = np.where(np.arange(DAYS) % 7 >= 5, 1.5, 1.0)[:, None]
    trend = np.exp(0.0015 * np.arange(DAYS))[:, None]
    festive = np.where(np.arange(DAYS) == HOLIDAY, 2.0, 1.0)[:, None]
    return rng.poisson(size * week * trend * festive * np.exp(rng.normal(0, 0.1, (DAYS, STORES)))).astype(float)


@pytest.mark.accept("S72")
def test_a_clean_chain_raises_less_than_one_alarm_in_thirty_store_days():
    found = store_days(chain())
    assert np.isnan(found.away[:28]).all()
    judged = ~np.isnan(found.away)
    assert found.is_odd.sum() <= judged.sum() / 300
    assert not found.is_odd[HOLIDAY].any()  # all stores moved alike


@pytest.mark.accept("S72")
def test_a_store_without_sales_is_found_the_same_day():
    values = chain()
    values[100, 7] = values[HOLIDAY, 8] = 0
    found = store_days(values)
    for day, store in ((100, 7), (HOLIDAY, 8)):
        assert found.is_odd[day, store]
        assert found.away[day, store] < -LIMIT
        assert found.low[day, store] > 0
    assert not found.is_odd[107, 7]  # one odd day does not move the median of its weekday


def test_planted_days_come_back_with_few_others():
    rng = np.random.default_rng(2)
    values = chain(seed=9)
    planted = np.zeros(values.shape, dtype=bool)
    planted[rng.integers(60, DAYS, 60), rng.integers(0, STORES, 60)] = True
    values[planted] *= np.where(rng.random(planted.sum()) < 0.5, 0.25, 3.0)
    odd = store_days(values).is_odd
    hits = (odd & planted).sum()
    assert hits / planted.sum() >= 0.9
    assert hits / odd.sum() >= 0.85


def test_an_interval_holds_what_is_not_odd():
    found, values = store_days(chain()), chain()
    judged = ~np.isnan(found.away)
    inside = (values >= found.low) & (values <= found.high)
    assert (inside == ~found.is_odd)[judged].mean() > 0.999


@pytest.mark.parametrize(
    ("values", "answers"),
    [
        (np.zeros((0, 3)), 0),
        (np.full((28, 1), 9.0), 0),
        (np.full((29, 1), 9.0), 1),
        (np.full((60, 2), np.nan), 0),
        (np.zeros((29, 1)), 1),
    ],
)
def test_little_history_has_no_answer_and_the_same_every_day_is_not_odd(values, answers):
    found = store_days(values)
    assert (~np.isnan(found.away)).sum() == answers
    assert not found.is_odd.any()


def test_wrong_shapes_and_values_are_refused():
    with pytest.raises(ValueError, match="days x stores"):
        store_days(np.ones(3))
    with pytest.raises(ValueError, match="values from 0"):
        store_days(np.full((3, 3), -1.0))
    with pytest.raises(ValueError, match="one shape"):
        return_days(np.ones((3, 3)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="once or more"):
        card_limit(np.array([0, 1]))


def test_too_many_returns_are_odd_and_few_never_are():
    rng = np.random.default_rng(3)
    orders = rng.poisson(200, (100, 20)).astype(float)
    returns = rng.binomial(orders.astype(int), 0.03).astype(float)
    assert return_days(returns, orders).is_odd.sum() == 0
    returns[90, 4] = 60
    returns[91, 5] = 0
    found = return_days(returns, orders)
    assert [tuple(place) for place in np.argwhere(found.is_odd)] == [(90, 4)]
    assert np.isnan(found.away[:28]).all()
    few = return_days(np.where(orders > 0, 4.0, 0.0), np.full(orders.shape, 5.0))
    assert not few.is_odd.any()


@pytest.mark.accept("S72")
def test_a_card_that_swipes_for_many_stands_out_and_ordinary_ones_do_not():
    rng = np.random.default_rng(4)
    flagged = 0
    for _ in range(30):
        counts = 1 + rng.geometric(0.9, 20_000) - 1
        limit = card_limit(np.append(counts, 60))
        assert limit <= 12
        flagged += (counts >= limit).sum()
    assert flagged <= 1  # in thirty days
    assert card_limit(np.ones(5, dtype=np.int64)) == 5
    assert card_limit(np.array([60])) is not None
    assert card_limit(np.zeros(0, dtype=np.int64)) is None
