"""How good the files are, judged by a steward's look at a random sample of them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 20_000
_SEED = 20_261_126
_PRIOR = 0.5  # Jeffreys' prior: a stratum in which all were right is still not certain


@dataclass(frozen=True, slots=True)
class Stratum:
    """size: persons it stands for; asked: how many of them were looked at; right: how many of those were right."""

    size: int
    asked: int
    right: int


@dataclass(frozen=True, slots=True)
class ShareEstimate:
    """The share of persons that are right, 0..1, with an interval, and how many were looked at."""

    share: float
    low: float
    high: float
    asked: int


def stratified_share(strata: Sequence[Stratum], *, level: float = 0.95) -> ShareEstimate | None:
    """
    Return the share of right persons over all strata, each weighed by its size; None when nobody was looked at.

    share: the strata's own shares by size; a stratum nobody looked at is taken to be like the others together. low, high: the
    middle `level` of the weighted sum of draws from Beta(right + 1/2, asked - right + 1/2), one per stratum (fixed seed), so an
    unseen stratum widens the interval by all it may hold. Empty strata do not count. Raises ValueError for counts that cannot be.
    """
    for one in strata:
        if not 0 <= one.right <= one.asked <= one.size:
            raise ValueError(f"{one}: wanted is 0 <= right <= asked <= size")
    held = [one for one in strata if one.size]
    asked = sum(one.asked for one in held)
    if not asked:
        return None
    pooled = sum(one.right for one in held) / asked
    sizes = np.array([one.size for one in held], float)
    weights = sizes / sizes.sum()
    shares = np.array([one.right / one.asked if one.asked else pooled for one in held])
    right = np.array([one.right for one in held], float) + _PRIOR
    wrong = np.array([one.asked - one.right for one in held], float) + _PRIOR
    drawn = np.random.default_rng(_SEED).beta(right, wrong, size=(DRAWS, len(held))) @ weights
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    share = float(shares @ weights)
    return ShareEstimate(share, min(float(low), share), max(float(high), share), asked)
