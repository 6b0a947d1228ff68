"""RFM on hand tables: ties, returns, the edges of the window, and the cut values of a run."""

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.value.rfm import Purchases, purchases, rank_scores, rfm, scores_by_cuts

AS_OF = date(2026, 11, 21)


def documents(*rows):
    """Rows are (person, sale, days ago, fen)."""
    persons, orders, ago, fen = (np.array(column, dtype=np.int64) for column in zip(*rows, strict=True))
    return persons, orders, np.datetime64(AS_OF, "D") - ago, fen


def summed(*rows, window_days=365):
    found = purchases(*documents(*rows), as_of=AS_OF, window_days=window_days)
    columns = (found.person_ids, found.recency_days, found.orders, found.net_fen)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def of_people(recency, orders, net):
    count = len(recency)
    return Purchases(np.arange(1, count + 1), *(np.array(column, dtype=np.int64) for column in (recency, orders, net)))


@pytest.mark.parametrize(
    ("case", "rows", "expected"),
    [
        ("two orders", [(1, 10, 5, 300), (1, 11, 9, 200)], [(1, 5, 2, 500)]),
        ("a partial return", [(1, 10, 9, 300), (1, 10, 2, -100)], [(1, 9, 1, 200)]),
        ("returned whole: no purchase", [(1, 10, 9, 300), (1, 10, 2, -300)], []),
        ("the return comes after as_of", [(1, 10, 9, 300), (1, 10, -1, -300)], [(1, 9, 1, 300)]),
        ("a sale after as_of", [(1, 10, -1, 300)], []),
        ("last day of the window", [(1, 10, 364, 300)], [(1, 364, 1, 300)]),
        ("one day before the window", [(1, 10, 365, 300)], []),
        ("return in the window, sale before it", [(1, 10, 400, 300), (1, 10, 3, -100)], []),
        ("a return without its sale", [(1, 10, 3, -100)], []),
        ("beside a return whose sale is not known", [(1, 10, 9, 300), (1, 11, 3, -100)], [(1, 9, 1, 200)]),
        ("beside such a return before the window", [(1, 10, 9, 300), (1, 11, 365, -100)], [(1, 9, 1, 300)]),
        ("more paid back than was paid", [(1, 10, 9, 300), (1, 11, 5, 200), (1, 11, 2, -250)], [(1, 9, 1, 250)]),
        ("nothing left of all together", [(1, 10, 9, 300), (1, 11, 3, -300)], []),
        ("days of several orders", [(1, 10, 9, 300), (1, 11, 4, 200), (1, 11, 3, -200)], [(1, 9, 1, 300)]),
    ],
)
def test_purchases_are_net_and_in_the_window(case, rows, expected):
    assert summed(*rows) == expected, case


def test_rows_in_any_order_give_equal_purchases():
    rows = [(person, sale, (person * 7 + sale) % 300, 100 * sale) for person in range(1, 20) for sale in range(1, 5)]
    assert summed(*rows) == summed(*reversed(rows))


@pytest.mark.parametrize("window_days", [0, -1])
def test_a_window_without_a_day_is_refused(window_days):
    with pytest.raises(ValueError, match="at least one day"):
        summed((1, 10, 5, 300), window_days=window_days)


@pytest.mark.parametrize(
    ("case", "values", "expected"),
    [
        ("spread evenly", [1, 2, 3, 4, 5], [1, 2, 3, 4, 5]),
        ("ties share a score", [0, 0, 0, 9, 9], [2, 2, 2, 5, 5]),
        ("one value is the middle", [7, 7, 7], [3, 3, 3]),
    ],
)
def test_scores_go_by_rank(case, values, expected):
    assert rank_scores(np.array(values)).tolist() == expected, case


@pytest.mark.parametrize("values", [[], [1.0, float("nan")]])
def test_nothing_to_rank_is_refused(values):
    with pytest.raises(ValueError, match="without NaN"):
        rank_scores(np.array(values))


@pytest.mark.accept("S48")
def test_twenty_customers_equal_the_hand_table():
    """Customer k bought k days ago, 21-k times (the first ten: 11 times, a tie), for k yuan."""
    recency = list(range(1, 21))
    orders = [11] * 10 + list(range(10, 0, -1))
    found = rfm(of_people(recency, orders, [100 * day for day in recency]), as_of=AS_OF)
    assert found is not None
    assert found.r.tolist() == [5] * 4 + [4] * 4 + [3] * 4 + [2] * 4 + [1] * 4
    assert found.m.tolist() == [1] * 4 + [2] * 4 + [3] * 4 + [4] * 4 + [5] * 4
    assert found.f.tolist() == [4] * 10 + [3, 3, 2, 2, 2, 2, 1, 1, 1, 1]  # ranks 11..20 of 20 share the middle 15
    assert found.cuts.recency_days == (16, 12, 8, 4)
    assert found.cuts.orders == (5, 9, 11, None)
    assert found.cuts.net_fen == (500, 900, 1300, 1700)


def test_nobody_bought_is_no_answer():
    assert rfm(of_people([], [], []), as_of=AS_OF) is None


@given(st.lists(st.integers(0, 50), min_size=1, max_size=60))
def test_the_cuts_of_a_run_give_its_scores_back(days):
    table = of_people(days, [day % 4 + 1 for day in days], [day * 100 + 1 for day in days])
    found = rfm(table, as_of=AS_OF)
    assert found is not None
    assert scores_by_cuts(table.recency_days, found.cuts.recency_days, high_is_good=False).tolist() == found.r.tolist()
    assert scores_by_cuts(table.orders, found.cuts.orders).tolist() == found.f.tolist()
    assert scores_by_cuts(table.net_fen, found.cuts.net_fen).tolist() == found.m.tolist()


@given(st.lists(st.integers(0, 10**9), min_size=1))
def test_spending_more_never_scores_less(spend_fen):
    assert (np.diff(rank_scores(np.array(sorted(spend_fen)))) >= 0).all()


def test_the_window_ends_with_as_of():
    rows = documents((1, 10, 0, 300))
    assert purchases(*rows, as_of=AS_OF, window_days=1).person_ids.tolist() == [1]
    assert purchases(*rows, as_of=AS_OF - timedelta(days=1), window_days=1).person_ids.size == 0
