"""Tier tables that cannot sort are refused; thresholds, the step a run allows and the gap at their edges."""

import numpy as np
import pytest

from huitou.core.value import tiers
from huitou.core.value.templates import SHIPPED
from huitou.core.value.tiers import SchemeInvalid, ShareTier, ThresholdTier

FINANCE = SHIPPED["finance"].threshold_tiers()


def places(*values):
    return np.array(values, dtype=np.int8)


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
        tiers.check_shares(table)
    assert refused.value.reason == reason


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


def test_nobody_falls_more_than_one_place_in_a_run():
    assert tiers.drop_at_most(places(0, 0, 2, -1), places(2, 1, 0, 3)).tolist() == [1, 1, 0, 3]


def test_the_gap_names_what_is_still_missing():
    have = {"assets_fen": 28_000_000, "trades": 9}
    assert tiers.gaps_up(have, FINANCE, 3) == {"assets_fen": 2_000_000, "services": 3}
    assert tiers.gaps_up(have, FINANCE, 0) is None
