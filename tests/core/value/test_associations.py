"""Association rules against counting every set by hand, the edges of the thresholds, and refusals."""

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from huitou.core.value import associations
from huitou.core.value.associations import Rules, Thresholds, TooManySets, rules_of


def rows(baskets: list[set[int]]) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(number, item) for number, basket in enumerate(baskets) for item in sorted(basket)]
    return np.array([one for one, _ in pairs], dtype=np.int64), np.array([item for _, item in pairs], dtype=np.int64)


def drawn(seed: int, count: int, items: int) -> list[set[int]]:
    """Baskets of 1 to 6 items; item 1 pulls item 2, items 3 and 4 together pull item 5."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        basket = set(rng.choice(np.arange(1, items + 1), size=rng.integers(1, 7), replace=False).tolist())
        if 1 in basket and rng.random() < 0.7:
            basket.add(2)
        if {3, 4} <= basket:
            basket.add(5)
        found.append(basket)
    return found


def by_hand(
    baskets: list[set[int]], limits: Thresholds
) -> dict[tuple[tuple[int, ...], int], tuple[Fraction, Fraction, Fraction]]:
    """Support, confidence and lift of every rule of two and three items, as exact fractions."""
    size = len(baskets)

    def holds(wanted: tuple[int, ...]) -> int:
        return sum(set(wanted) <= basket for basket in baskets)

    found = {}
    for length in (2, 3):
        for wanted in combinations(sorted(set().union(*baskets)), length):
            both = holds(wanted)
            for right in wanted if both else ():
                left = tuple(one for one in wanted if one != right)
                support, confidence = Fraction(both, size), Fraction(both, holds(left))
                lift = confidence / Fraction(holds((right,)), size)
                if float(support) >= limits.support and confidence >= limits.confidence and lift >= limits.lift:
                    found[left, right] = support, confidence, lift
    return found


def as_rows(rules: Rules) -> dict[tuple[tuple[int, ...], int], tuple[float, float, float]]:
    lines = zip(rules.left.tolist(), rules.right.tolist(), rules.support, rules.confidence, rules.lift, strict=True)
    return {(tuple(one for one in left if one >= 0), right): tuple(figures) for left, right, *figures in lines}


@pytest.mark.accept("S71", "S201")
@pytest.mark.parametrize("chunk", [associations.CHUNK, 64])
def test_rules_of_200_baskets_equal_a_count_of_every_set(monkeypatch: pytest.MonkeyPatch, chunk: int):
    monkeypatch.setattr(associations, "CHUNK", chunk)
    baskets = drawn(7, 200, 12)
    limits = Thresholds(0.02, 0.3, 1.1)
    wanted = by_hand(baskets, limits)
    order = np.random.default_rng(1).permutation(sum(map(len, baskets)))
    units, items = (column[order] for column in rows(baskets))
    found = as_rows(rules_of(np.append(units, units[:9]), np.append(items, items[:9]), limits))
    assert found.keys() == wanted.keys()
    assert {len(left) for left, _ in wanted} == {1, 2}
    for key, figures in wanted.items():
        assert found[key] == pytest.approx([float(one) for one in figures], rel=1e-12)
    lifts = [one[2] for one in found.values()]
    assert lifts == sorted(lifts, reverse=True)


@pytest.mark.parametrize(
    ("support", "confidence", "lift", "count"),
    [
        (0.5, 2 / 3, 8 / 9, 2),  # all three just met
        (0.51, 2 / 3, 8 / 9, 0),
        (0.5, 0.67, 8 / 9, 0),
        (0.5, 2 / 3, 0.89, 0),
    ],
)
def test_a_threshold_that_is_just_met_is_met(support: float, confidence: float, lift: float, count: int):
    """Items 1 and 2 are in three of four baskets each and in two together: support 1/2, confidence 2/3, lift 8/9."""
    assert rules_of(*rows([{1, 2}, {1, 2}, {1}, {2}]), Thresholds(support, confidence, lift)).right.size == count


def test_no_basket_and_single_items_give_no_rule():
    nothing = np.zeros(0, dtype=np.int64)
    assert rules_of(nothing, nothing, Thresholds()).right.size == 0
    assert rules_of(np.arange(5), np.ones(5, dtype=np.int64), Thresholds()).left.shape == (0, 2)


def test_bad_input_is_refused(monkeypatch: pytest.MonkeyPatch):
    with pytest.raises(ValueError, match="one basket per item"):
        rules_of(np.arange(3), np.arange(2), Thresholds())
    for name, limits in (("support", (0, 0.1, 1)), ("confidence", (0.1, 1.1, 1)), ("lift", (0.1, 0.1, float("nan")))):
        with pytest.raises(ValueError, match=name):
            Thresholds(*limits)
    monkeypatch.setattr(associations, "MOST_SETS", 3)
    with pytest.raises(TooManySets, match="pairs"):
        rules_of(*rows([set(range(4))]), Thresholds())
