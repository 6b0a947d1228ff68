"""Gamma-Gamma: what a customer spends per purchase, shrunk to the others when little is known."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from huitou.core.value.clv.histories import Codes, Floats, pieces, whole
from huitou.core.value.clv.newton import Fitted, climb


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
        found = climb(
            lambda part: lambda values: _likelihood(values, part),
            (spending(x, mean), lambda customers: spending(*_spread(x, mean, customers))),
            np.array([2.0, 3.0, scale]),
            count=float(x.size),
            scales=np.array([1.0, 1.0, scale]),
        )
        reason = found.reason
        if found.converged and found.values[1] <= 1:
            reason = "the spread of spend is too wide for a mean (q <= 1)"
        return cls(Fitted(found.values, found.errors, reason == "", reason, found.steps))

    def expected_value(self, frequency: ArrayLike, mean_value: ArrayLike) -> Floats:
        """Return the expected spend per purchase, shape (n,): the mean of all where frequency is 0. Raises when unconverged."""
        if not self.fitted.converged:
            raise ValueError(f"the model did not converge: {self.fitted.reason}")
        x, mean = _checked(frequency, mean_value)
        p, q, v = self.fitted.values
        return np.asarray(p * (v + x * np.where(x > 0, mean, 0.0)) / (p * x + q - 1), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Spending:
    """Repeat buyers: purchases and total spend of each, customers per number of purchases, and what no parameter changes."""

    frequency: Codes
    total: Floats
    customers_by_frequency: Floats
    sum_weighted_log_total: float  # of frequency x log(total)
    sum_log_mean: float


def spending(frequency: Codes, mean: Floats) -> Spending:
    """Sum up repeat buyers; frequency and mean spend are above 0."""
    total = frequency * mean
    customers = np.bincount(frequency).astype(np.float64)
    weighted, plain = 0.0, 0.0
    for part in pieces(total.size):
        logs = np.log(total[part])
        weighted += float(np.einsum("i,i->", frequency[part].astype(np.float64), logs))
        plain += float(logs.sum())
    log_frequencies = float((customers * np.log(np.maximum(np.arange(customers.size), 1))).sum())
    return Spending(frequency, total, customers, weighted, plain - log_frequencies)


def _spread(frequency: Codes, mean: Floats, customers: int) -> tuple[Codes, Floats]:
    step = max(1, frequency.size // customers)
    return frequency[::step], mean[::step]


def _checked(frequency: ArrayLike, mean_value: ArrayLike) -> tuple[Codes, Floats]:
    x, mean = np.asarray(frequency).ravel(), np.asarray(mean_value, dtype=np.float64).ravel()
    if x.size != mean.size:
        raise ValueError(f"need one mean value per frequency: {x.size} and {mean.size}")
    if not x.size:
        return x.astype(np.int32), mean
    if not np.isfinite(float(x.max()) + float(x.min()) + float(mean.max()) + float(mean.min())) or x.min() < 0 or mean.min() < 0:
        raise ValueError("frequency and mean value must be finite and not negative")
    counts = whole(x)
    if counts is None:
        raise ValueError("frequency must be a whole number from 0")
    return counts, mean


def _likelihood(values: Floats, data: Spending) -> tuple[float, Floats, Floats]:
    """Mean log-likelihood, gradient and Hessian in (p, q, v); gamma functions run once per number of purchases."""
    from scipy import special

    p, q, v = (float(value) for value in values)
    customers = data.customers_by_frequency
    k = np.arange(float(customers.size))
    own = p * np.maximum(k, 1)
    n = float(customers.sum())
    sums = np.zeros(6)
    for part in pieces(data.total.size):
        x = data.frequency[part].astype(np.float64)
        whole_spend = v + data.total[part]
        log, inverse = np.log(whole_spend), 1 / whole_spend
        squared = inverse * inverse
        sums += (
            log.sum(), np.einsum("i,i->", x, log), inverse.sum(), np.einsum("i,i->", x, inverse),
            squared.sum(), np.einsum("i,i->", x, squared),
        )  # fmt: skip
    log_sum, x_log, inverse_sum, x_inverse, squared_sum, x_squared = sums
    height = float((customers * (special.gammaln(p * k + q) - special.gammaln(own))).sum())
    height += n * (q * np.log(v) - float(special.gammaln(q))) + p * (data.sum_weighted_log_total - x_log) - q * log_sum
    psi_sum, psi_own = special.psi(p * k + q), special.psi(own)
    tri_sum, tri_own = special.zeta(2.0, p * k + q), special.zeta(2.0, own)
    gradient = np.array(
        [
            (customers * k * (psi_sum - psi_own)).sum() + data.sum_weighted_log_total - x_log,
            (customers * psi_sum).sum() + n * (np.log(v) - special.psi(q)) - log_sum,
            n * q / v - p * x_inverse - q * inverse_sum,
        ]
    )
    pp = (customers * k**2 * (tri_sum - tri_own)).sum()
    pq, pv = (customers * k * tri_sum).sum(), -x_inverse
    qq, qv = (customers * tri_sum).sum() - n * special.zeta(2.0, q), n / v - inverse_sum
    vv = -n * q / v**2 + p * x_squared + q * squared_sum
    hessian = np.array([[pp, pq, pv], [pq, qq, qv], [pv, qv, vv]])
    return (height - data.sum_log_mean) / n, gradient / n, hessian / n
