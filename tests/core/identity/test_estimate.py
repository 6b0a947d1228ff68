"""What a judged sample says about all files: weights, edges, and whether the interval keeps its promise."""

import numpy as np
import pytest

from huitou.core.identity.estimate import Stratum, stratified_share


def test_shares_are_weighed_by_the_size_of_their_stratum():
    found = stratified_share([Stratum(900, 20, 20), Stratum(100, 20, 10)])
    assert found is not None
    assert found.share == pytest.approx(0.9 * 1.0 + 0.1 * 0.5)
    assert found.low < found.share < found.high
    assert found.asked == 40


def test_nobody_asked_is_no_estimate_and_an_unseen_stratum_widens_the_interval():
    assert stratified_share([Stratum(100, 0, 0)]) is None
    assert stratified_share([]) is None
    seen = stratified_share([Stratum(50, 20, 19), Stratum(50, 20, 19)])
    unseen = stratified_share([Stratum(50, 20, 19), Stratum(50, 0, 0)])
    assert seen is not None
    assert unseen is not None
    assert unseen.share == pytest.approx(0.95)
    assert unseen.low < seen.low - 0.2


@pytest.mark.parametrize("wrong", [Stratum(5, 6, 1), Stratum(5, 2, 3), Stratum(5, -1, -1)])
def test_counts_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="right <= asked"):
        stratified_share([wrong])


def test_the_interval_holds_the_truth_about_as_often_as_it_says():
    """300 simulated samples of 3 strata: the 95 % interval misses the truth in 5 %, give or take the noise of 300 tries."""
    dice = np.random.default_rng(3)
    sizes, truths = (600, 300, 100), (0.97, 0.9, 0.8)
    truth = sum(size * share for size, share in zip(sizes, truths, strict=True)) / 1000
    held = 0
    for _try in range(300):
        right = [int(dice.binomial(20, share)) for share in truths]
        found = stratified_share([Stratum(size, 20, count) for size, count in zip(sizes, right, strict=True)])
        assert found is not None
        held += found.low <= truth <= found.high
    assert 0.91 <= held / 300 <= 0.99
