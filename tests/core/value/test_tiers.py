"""Tier tables at their edges: exact shares, ties, thresholds, the grid, hysteresis and what-if."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from huitou.core.value import tiers
from huitou.core.value.templates import SHIPPED
from huitou.core.value.tiers import GRID_CODES, SchemeInvalid, ShareTier, ThresholdTier

PYRAMID, FINANCE = SHIPPED["pyramid"].share_tiers(), SHIPPED["finance"].threshold_tiers()


def by_share(goodness, revenue=None, table=PYRAMID, **more):
    count = len(goodness)
    revenue_fen = np.array(revenue if revenue is not None else [0] * count, dtype=np.int64)
    return tiers.tiers_by_share(np.array(goodness, dtype=np.int64), revenue_fen, np.arange(1, count + 1), table, **more)


def places(*values):
    return np.array(values, dtype=np.int8)


@pytest.mark.accept("S56")
@pytest.mark.parametrize("goodness", [range(10_000), [5] * 10_000], ids=["all differ", "all tie"])
def test_the_pyramid_cuts_ten_thousand_exactly(goodness):
    assert np.bincount(by_share(list(goodness))).tolist() == [200, 1_800, 3_000, 5_000]


def test_ties_go_by_revenue_then_by_the_lower_id():
    halves = (ShareTier("A", 0.5), ShareTier("B", 0.5))
    assert by_share([7, 7, 7, 7], [1, 9, 1, 1], halves).tolist() == [0, 0, 1, 1]


@given(st.lists(st.integers(0, 5), max_size=80))
def test_everybody_stands_in_one_tier_and_nobody_better_stands_below(goodness):
    found = by_share(goodness)
    assert found.shape == (len(goodness),)
    order = sorted(range(len(goodness)), key=lambda index: (-goodness[index], index))
    assert (np.diff(found[order]) >= 0).all()


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ((), "no_tiers"),
        ((ShareTier("A", 0.5), ShareTier("B", 0.4)), "shares_not_whole"),
        ((ShareTier("A", 0.5), ShareTier("B", 0.6)), "shares_not_whole"),
        ((ShareTier("A", 1.0), ShareTier("B", 0.0)), "share_out_of_range"),
        ((ShareTier("A", float("nan")),), "share_out_of_range"),
        ((ShareTier("A", 0.5), ShareTier("A", 0.5)), "code_twice"),
    ],
)
def test_shares_that_cannot_cut_are_refused(table, reason):
    with pytest.raises(SchemeInvalid) as refused:
        by_share([1, 2], table=table)
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("case", "keep_margin", "expected"),
    [("no margin", 0.0, 1), ("inside the margin", 0.1, 0), ("one below", 0.05, 1)],
)
def test_hysteresis_keeps_who_fell_just_below_the_edge(case, keep_margin, expected):
    """Of 100, person 56 ranks 56th in a half; the margin of 10 % reaches rank 60, that of 5 % rank 55."""
    halves = (ShareTier("A", 0.5), ShareTier("B", 0.5))
    found = by_share(list(range(100, 0, -1)), table=halves, before=np.zeros(100, dtype=np.int8), keep_margin=keep_margin)
    assert found[55] == expected, case
    assert found[60] == 1


def test_who_was_in_no_tier_is_not_kept():
    halves = (ShareTier("A", 0.5), ShareTier("B", 0.5))
    assert by_share([4, 3, 2, 1], table=halves, before=places(-1, -1, -1, -1), keep_margin=0.5).tolist() == [0, 0, 1, 1]


@pytest.mark.accept("S60")
def test_five_customers_land_one_in_each_finance_tier():
    inputs = {
        "assets_fen": np.array([500_000_000, 499_999_999, 30_000_000, 5_000_000, 4_999_999], dtype=float),
        "trades": np.array([24, 24, 6, 2, 2], dtype=float),
        "services": np.array([12, 12, 3, 1, 1], dtype=float),
    }
    found = tiers.tiers_by_thresholds(inputs, FINANCE)
    assert [FINANCE[place].code for place in found] == ["VIP", "PLATINUM", "GOLD", "SILVER", "STANDARD"]


def test_a_missing_answer_meets_no_threshold():
    table = (ThresholdTier("A", {"trades": 0}), ThresholdTier("B", {}))
    assert tiers.tiers_by_thresholds({"trades": np.array([0.0, np.nan])}, table).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("table", "reason", "detail"),
    [
        ((ThresholdTier("A", {"visits": 1}), ThresholdTier("B", {})), "input_missing", "visits"),
        ((ThresholdTier("A", {"trades": 1}),), "last_tier_asks", "A"),
        ((ThresholdTier("A", {"trades": 1}), ThresholdTier("B", {"trades": 2}), ThresholdTier("C", {})), "tier_unreachable", "B"),
        ((ThresholdTier("A", {"trades": float("nan")}), ThresholdTier("B", {})), "threshold_not_a_number", "trades"),
    ],
)
def test_thresholds_that_cannot_sort_are_refused(table, reason, detail):
    with pytest.raises(SchemeInvalid) as refused:
        tiers.check_thresholds(table, inputs=("trades",))
    assert (refused.value.reason, refused.value.detail) == (reason, detail)


def test_the_grid_puts_everybody_into_one_of_six_classes():
    """Ten people: the two with the highest CLV are the top 20 %; totals at 12/11 and 8/7."""
    totals = np.array([12, 11, 12, 11, 8, 7, 15, 3, 8, 7], dtype=np.int8)
    clv = np.array([100, 90, 1, 1, 1, 1, 1, 1, 1, 1], dtype=np.int64)
    found = tiers.six_classes(totals, clv, np.zeros(10, dtype=np.int64), np.arange(10))
    assert [GRID_CODES[place] for place in found] == [
        "HIGH_ACTIVE", "PROMISING", "STEADY", "LOW_VALUE", "LOW_VALUE", "WIN_BACK", "STEADY", "WIN_BACK", "LOW_VALUE", "WIN_BACK",
    ]  # fmt: skip


@pytest.mark.accept("S51")
@pytest.mark.parametrize("clv", [np.arange(1_000), np.full(1_000, 7)], ids=["all differ", "all tie"])
def test_of_a_thousand_exactly_200_are_high_and_everybody_is_in_one_class(clv):
    totals = np.arange(1_000) % 13 + 3
    found = tiers.six_classes(totals.astype(np.int8), clv.astype(np.int64), np.zeros(1_000, dtype=np.int64), np.arange(1_000))
    counts = np.bincount(found, minlength=6)
    assert counts.sum() == 1_000
    assert counts[:3].sum() == 200
    assert (counts > 0).all()


def test_nobody_falls_more_than_one_place_in_a_run():
    assert tiers.drop_at_most(places(0, 0, 2, -1), places(2, 1, 0, 3)).tolist() == [1, 1, 0, 3]


def test_what_if_counts_persons_and_revenue_from_tier_to_tier():
    found = tiers.moves(places(0, 0, 1, 1), places(0, 1, 1, 0), np.array([10, 20, 30, 40]), tiers=2)
    assert found.persons.tolist() == [[1, 1], [1, 1]]
    assert found.revenue_fen.tolist() == [[10, 20], [40, 30]]
    assert found.moved == 2


def test_what_if_refuses_a_place_that_the_scheme_does_not_have():
    with pytest.raises(ValueError, match=r"outside 0\.\.1"):
        tiers.moves(places(0), places(2), np.array([10]), tiers=2)


def test_the_gap_names_what_is_still_missing():
    have = {"assets_fen": 28_000_000, "trades": 9}
    assert tiers.gaps_up(have, FINANCE, 3) == {"assets_fen": 2_000_000, "services": 3}
    assert tiers.gaps_up(have, FINANCE, 0) is None
