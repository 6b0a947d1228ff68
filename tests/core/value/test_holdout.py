"""Uplift against a group held out: by hand, by simulation, and never without the group."""

import numpy as np
import pytest

from huitou.core.value.holdout import LEAST, NoComparison, change_uplift, held_out, rate_uplift


@pytest.mark.accept("S76")
def test_no_uplift_without_a_group_to_compare_with():
    some = np.arange(30, dtype=float)
    assert (LEAST, change_uplift(some, some).difference, rate_uplift(30, 3, 30, 3).difference) == (30, 0, 0)
    refused_by = [(some, some[:0], "none"), (some[:0], some, "none"), (some, some[:-1], "few"), (some[:-1], some, "few")]
    for treated, held, reason in refused_by:
        with pytest.raises(NoComparison) as refused:
            change_uplift(treated, held)
        assert refused.value.reason == reason
        with pytest.raises(NoComparison):
            rate_uplift(treated.size, 0, held.size, 0)


@pytest.mark.accept("S76")
def test_the_interval_of_a_change_equals_a_count_by_hand():
    treated, held = np.repeat([10.0, 30.0], 50), np.repeat([0.0, 20.0], 25)
    found = change_uplift(treated, held)
    error = (10**2 * 100 / 99 / 100 + 10**2 * 50 / 49 / 50) ** 0.5
    assert (found.treated_mean, found.held_mean, found.difference) == (20, 10, 10)
    assert (found.low, found.high) == pytest.approx((10 - 1.96 * error, 10 + 1.96 * error), abs=1e-3)


@pytest.mark.accept("S76")
def test_nineteen_of_twenty_intervals_hold_the_truth():
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(1_000):
        found = change_uplift(rng.gamma(0.5, 100, 400) + 5, rng.gamma(0.5, 100, 200))
        inside += found.low <= 5 <= found.high
    assert 925 <= inside <= 970


@pytest.mark.accept("S163")
def test_two_rates_are_compared_as_published():
    """Newcombe 1998, table II, example (a): 56 of 70 against 48 of 80, 0.0524 to 0.3339."""
    found = rate_uplift(70, 56, 80, 48)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert rate_uplift(40, 0, 40, 0).low < 0 < rate_uplift(40, 0, 40, 0).high
    with pytest.raises(ValueError, match="41 of 40"):
        rate_uplift(40, 41, 40, 0)


def test_the_lot_depends_on_the_person_alone():
    ids = np.arange(1, 100_001)
    out = held_out(ids, 0.1, 7)
    assert out.mean() == pytest.approx(0.1, abs=0.004)
    assert (held_out(ids[::-1], 0.1, 7)[::-1] == out).all()
    assert (out <= held_out(ids, 0.3, 7)).all()  # a larger share keeps whom the smaller one left out
    assert (held_out(ids, 0.1, 8) & out).mean() == pytest.approx(0.01, abs=0.002)
    assert not held_out(ids, 0.0, 7).any()
    assert held_out(ids, 1.0, 7).all()
