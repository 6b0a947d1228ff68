"""Intervals of whole purchases around a forecast that hold four of five customers."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huitou.core.value.clv.histories import Floats

Bounds = NDArray[np.int64]

COVERAGE = 0.8
STEPS_PER_FACTOR = 40  # forecasts are rounded to steps of 2.5 %
SMALLEST = 1e-3
TRIED_ON, LARGEST_EXCESS = 50_000, 0.1
TAILS = np.linspace(0.005, 0.5, 100)
SPREADS = np.exp(np.linspace(np.log(1e-3), np.log(30), 60))


@dataclass(frozen=True, slots=True)
class Spread:
    """
    Purchases scatter with variance m + phi m^2 around a forecast m (negative binomial).

    excess: by how much more customers than promised the intervals held where they were tried; later promises are cut by it.
    """

    phi: float
    excess: float

    @classmethod
    def fit(cls, forecast: Floats, actual: Floats, days: int) -> "Spread":
        """Learn from a backtest: the likeliest phi of those tried, and how many customers its intervals really held."""
        m = np.maximum(forecast, SMALLEST)
        every = max(1, m.size // TRIED_ON)
        heights = [_likelihood(float(phi), m[::every], actual[::every]) for phi in SPREADS]
        plain = cls(float(SPREADS[int(np.argmax(heights))]), 0.0)
        low, high, promised = plain._intervals(forecast, days, COVERAGE)
        held = float(((actual >= low) & (actual <= high)).mean())
        return cls(plain.phi, float(np.clip(held - promised, -LARGEST_EXCESS, LARGEST_EXCESS)))

    def intervals(self, forecast: Floats, days: int) -> tuple[Bounds, Bounds]:
        """
        Return (low, high), both inclusive, shape (n,): whole purchases, both tails alike, that hold `COVERAGE` of customers.

        days: of the horizon; nobody has more purchase days than that.

        A whole number holds more than its share for some customers, so the tails are set for all of them together.
        """
        low, high, _ = self._intervals(forecast, days, COVERAGE - self.excess)
        return low, high

    def _intervals(self, forecast: Floats, days: int, coverage: float) -> tuple[Bounds, Bounds, float]:
        from scipy import special

        codes = np.rint(STEPS_PER_FACTOR * np.log(np.clip(forecast, SMALLEST, days) / SMALLEST)).astype(np.int64)
        used, at, counts = np.unique(codes, return_inverse=True, return_counts=True)
        m = SMALLEST * np.exp(used / STEPS_PER_FACTOR)
        most = min(days, int(m.max() + 12 * np.sqrt(m.max() + self.phi * m.max() ** 2) + 12))
        size = 1 / self.phi
        k = np.arange(float(most) + 1)
        up_to = special.betainc(size, k + 1, (size / (size + m))[:, None])  # one row per rounded forecast
        below = np.hstack((np.zeros((m.size, 1)), up_to))
        rows = np.arange(m.size)
        best: tuple[float, Bounds, Bounds] | None = None
        for tail in TAILS:
            low = (up_to < tail).sum(axis=1)
            low = np.minimum(low, most)
            high = np.clip((up_to < 1 - tail).sum(axis=1), low, most)
            held = float((counts * (below[rows, high + 1] - below[rows, low])).sum() / counts.sum())
            if best is None or abs(held - coverage) < abs(best[0] - coverage):
                best = held, low, high
        assert best is not None
        return best[1][at], best[2][at], best[0]


def _likelihood(phi: float, m: Floats, y: Floats) -> float:
    from scipy import special

    size = 1 / phi
    terms = special.gammaln(size + y) - special.gammaln(size) + size * np.log(size / (size + m)) + y * np.log(m / (size + m))
    return float(terms.mean())
