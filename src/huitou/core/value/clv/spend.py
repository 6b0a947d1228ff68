"""Gamma-Gamma: what a customer spends per purchase, shrunk to the others when little is known."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from huitou.core.value.clv.newton import Fitted, Floats, maximise, per_frequency


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Spend per purchase is gamma(p, rate), the rate gamma(q, v). Source: docs/algorithms/clv.md."""

    fitted: Fitted

    @classmethod
    def fit(cls, frequency: ArrayLike, mean_value: ArrayLike) -> Self:
        """
        Fit to the repeat buyers whose mean spend is above zero; others tell nothing and are left out.

        mean_value: mean spend per repeat purchase, any unit. With fewer than two such buyers, or constant spend, the fit says so.
        """
        x, mean = _checked(frequency, mean_value)
        known = (x > 0) & (mean > 0)
        x, mean = x[known], mean[known]
        nothing = np.full(3, np.nan)
        if x.size < 2:
            return cls(Fitted(nothing, nothing, converged=False, reason="fewer than two repeat buyers with spend", steps=0))
        if mean.max() - mean.min() <= 1e-12 * mean.max():
            return cls(Fitted(nothing, nothing, converged=False, reason="everybody spends the same", steps=0))
        scale = float(mean.mean())
        found = maximise(lambda values: _likelihood(values, x, mean / scale), np.array([2.0, 3.0, 1.0]), count=float(x.size))
        back = np.array([1.0, 1.0, scale])
        reason = found.reason
        if found.converged and found.values[1] <= 1:
            reason = "the spread of spend is too wide for a mean (q <= 1)"
        return cls(Fitted(found.values * back, found.errors * back, reason == "", reason, found.steps))

    def expected_value(self, frequency: ArrayLike, mean_value: ArrayLike) -> Floats:
        """Return the expected spend per purchase, shape (n,): the mean of all where frequency is 0. Raises when unconverged."""
        if not self.fitted.converged:
            raise ValueError(f"the model did not converge: {self.fitted.reason}")
        x, mean = _checked(frequency, mean_value)
        p, q, v = self.fitted.values
        return np.asarray(p * (v + x * np.where(x > 0, mean, 0.0)) / (p * x + q - 1), dtype=np.float64)


def _checked(frequency: ArrayLike, mean_value: ArrayLike) -> tuple[Floats, Floats]:
    x, mean = np.asarray(frequency, dtype=np.float64).ravel(), np.asarray(mean_value, dtype=np.float64).ravel()
    if x.size != mean.size:
        raise ValueError(f"need one mean value per frequency: {x.size} and {mean.size}")
    if not (np.isfinite(x).all() and np.isfinite(mean).all()) or (x < 0).any() or (mean < 0).any():
        raise ValueError("frequency and mean value must be finite and not negative")
    if (x != np.floor(x)).any():
        raise ValueError("frequency must be a whole number from 0")
    return x, mean


def _likelihood(values: Floats, x: Floats, mean: Floats) -> tuple[float, Floats, Floats]:
    from scipy import special

    p, q, v = values
    k, total = p * x, v + x * mean
    log_total = np.log(total)
    height = per_frequency(x, lambda n: special.gammaln(p * n + q) - special.gammaln(p * np.maximum(n, 1))) - special.gammaln(q)
    height = height + q * np.log(v) + k * np.log(x * mean) - np.log(mean) - (k + q) * log_total
    psi_sum = per_frequency(x, lambda n: special.psi(p * n + q))
    tri_sum = per_frequency(x, lambda n: special.polygamma(1, p * n + q))
    psi_own = per_frequency(x, lambda n: special.psi(p * np.maximum(n, 1)))
    tri_own = per_frequency(x, lambda n: special.polygamma(1, p * np.maximum(n, 1)))
    gradient = np.array(
        [
            float((x * (psi_sum - psi_own + np.log(x * mean) - log_total)).mean()),
            float((psi_sum - special.psi(q) + np.log(v) - log_total).mean()),
            float((q / v - (k + q) / total).mean()),
        ]
    )
    pp = float((x**2 * (tri_sum - tri_own)).mean())
    pq, pv = float((x * tri_sum).mean()), float((-x / total).mean())
    qq, qv = float((tri_sum - special.polygamma(1, q)).mean()), float((1 / v - 1 / total).mean())
    vv = float((-q / v**2 + (k + q) / total**2).mean())
    return float(height.mean()), gradient, np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])
