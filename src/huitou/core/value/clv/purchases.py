"""BG/NBD and MBG/NBD: how often a customer will buy, and whether he still does."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from huitou.core.value.clv.histories import Floats, Groups, Histories, grouped, histories, pieces, sample
from huitou.core.value.clv.newton import Fitted, climb

START = (0.5, 0.2, 0.5, 2.0)  # times in units of the oldest customer's age
LARGEST_EXPONENT = 700.0


@dataclass(frozen=True, slots=True)
class BGNBD:
    """
    Purchases at a gamma(r, alpha) rate, dropout after each with a beta(a, b) probability. Source: docs/algorithms/clv.md.

    A model that did not converge predicts nothing: see `fitted.reason`.
    """

    fitted: Fitted
    drops_at_first: ClassVar[int] = 0

    @classmethod
    def fit(cls, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Self:  # noqa: N803 - the name of the literature
        """Fit to all customers, one-time buyers too. Raises ValueError on bad input; without any repeat buyer the fit says so."""
        data = histories(frequency, recency, T)
        if not data.frequency.any():
            nothing = np.full(4, np.nan)
            return cls(Fitted(nothing, nothing, converged=False, reason="nobody bought twice", steps=0))
        groups = grouped(data)
        scale = float(groups.times[-1])
        found = climb(
            lambda part: lambda values: cls._likelihood(values, part),
            (groups, lambda customers: sample(groups, customers)),
            np.array(START) * [1.0, scale, 1.0, 1.0],
            count=float(data.frequency.size),
            scales=np.array([1.0, scale, 1.0, 1.0]),
        )
        return cls(found)

    def alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability of still being a customer, shape (n,). Raises ValueError when the fit did not converge."""
        return self._alive(histories(frequency, recency, T))

    def expected_purchases(self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:  # noqa: N803
        """Return the expected purchases in the next `horizon` units of T, shape (n,), never below 0."""
        return self.forecast(horizon, frequency, recency, T)[0]

    def forecast(
        self,
        horizon: float,
        frequency: ArrayLike,
        recency: ArrayLike,
        T: ArrayLike,  # noqa: N803
    ) -> tuple[Floats, Floats]:
        """Return expected purchases in the next `horizon` units of T and the probability of being a customer yet, (n,) each."""
        if not horizon >= 0:
            raise ValueError(f"the horizon must be 0 or more, got {horizon}")
        data = histories(frequency, recency, T)
        alive = self._alive(data)
        expected = _per_pair(data, lambda x, age: self._if_alive(horizon, x, age))
        expected *= alive
        return expected, alive

    def _values(self) -> tuple[float, float, float, float]:
        if not self.fitted.converged:
            raise ValueError(f"the model did not converge: {self.fitted.reason}")
        r, alpha, a, b = (float(value) for value in self.fitted.values)
        return r, alpha, a, b

    def _if_alive(self, horizon: float, x: Floats, age: Floats) -> Floats:
        """Expected purchases of those who have not dropped out; Euler's form, which does not overflow at a high frequency."""
        from scipy import special

        r, alpha, a, b = self._values()
        a = a if abs(a - 1) > 1e-6 else 1 + 1e-6  # the formula divides by a - 1, its limit there is smooth
        total = a + b + x + self.drops_at_first - 1
        kept = (alpha + age) / (alpha + age + horizon)
        shrunk = kept ** (a - 1) * special.hyp2f1(total - r - x, a - 1, total, 1 - kept)
        return np.asarray(np.maximum(total / (a - 1) * (1 - shrunk), 0.0), dtype=np.float64)

    def _alive(self, data: Histories) -> Floats:
        r, alpha, a, b = self._values()
        logs = np.log(alpha + data.times)
        base = _odds_base(int(data.frequency.max()), a, b, self.drops_at_first)
        alive = np.empty(data.frequency.size)
        for part in pieces(alive.size):
            x = data.frequency[part]
            odds = base[x] + (r + x) * (logs[data.age[part]] - logs[data.recency[part]])
            alive[part] = 1 / (1 + np.exp(np.minimum(odds, LARGEST_EXPONENT)))
        return alive

    @classmethod
    def _likelihood(cls, values: Floats, data: Groups) -> tuple[float, Floats, Floats]:
        """
        Return mean log-likelihood, gradient and Hessian in (r, alpha, a, b).

        What depends on the frequency or the age alone is summed per frequency and per age; only the odds of having dropped
        out need every unique history. No BLAS: its threads cost more than they give at this size.
        """
        from scipy import special

        r, alpha, a, b = (float(value) for value in values)
        k = np.arange(float(data.customers_by_frequency.size))
        by_x, by_age, bought = data.customers_by_frequency, data.customers_by_age, data.purchases_by_age
        n, g = float(by_x.sum()), r * by_age + bought
        start = b + cls.drops_at_first
        logs, inverse = np.log(alpha + data.times), 1 / (alpha + data.times)
        ln, psi, tri = special.gammaln, special.psi, partial(special.zeta, 2.0)
        psi_total, tri_total = psi(a + start + k), tri(a + start + k)

        height = float((by_x * (ln(r + k) - ln(r) + ln(start + k) - ln(a + start + k))).sum() - (g * logs).sum())
        height += n * (r * np.log(alpha) - float(ln(b)) + float(ln(a + b)))
        gradient = np.array(
            [
                (by_x * (psi(r + k) - psi(r))).sum() + n * np.log(alpha) - (by_age * logs).sum(),
                n * r / alpha - (g * inverse).sum(),
                n * psi(a + b) - (by_x * psi_total).sum(),
                (by_x * (psi(start + k) - psi_total)).sum() + n * (psi(a + b) - psi(b)),
            ]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = (by_x * (tri(r + k) - tri(r))).sum()
        hessian[0, 1] = n / alpha - (by_age * inverse).sum()
        hessian[1, 1] = -n * r / alpha**2 + (g * inverse**2).sum()
        hessian[2, 2] = hessian[2, 3] = n * tri(a + b) - (by_x * tri_total).sum()
        hessian[3, 3] = (by_x * tri(start + k)).sum() - n * tri(b) + hessian[2, 3]

        dropped = _dropout_sums(data, (r, a, b), (logs, inverse), cls.drops_at_first)
        height, gradient, hessian = height + dropped[0], gradient + dropped[1], hessian + dropped[2]
        lower = np.tril_indices(4, -1)
        hessian[lower] = hessian.T[lower]
        return height / n, gradient / n, hessian / n


class MBGNBD(BGNBD):
    """BG/NBD in which a customer may drop out right after the first purchase, too."""

    __slots__ = ()
    drops_at_first: ClassVar[int] = 1


def _odds_base(most: int, a: float, b: float, drops_at_first: int) -> Floats:
    """Per frequency, the log-odds of having dropped out before the silence counts; -inf where that cannot be yet."""
    after = b + np.arange(float(most + 1)) + drops_at_first - 1
    possible = np.arange(most + 1) + drops_at_first > 0
    return np.where(possible, np.log(a) - np.log(np.where(possible, after, 1.0)), -np.inf)


def _dropout_sums(
    data: Groups, values: tuple[float, float, float], tables: tuple[Floats, Floats], drops_at_first: int
) -> tuple[float, Floats, Floats]:
    """Sum ln(1 + e^u) with its first and second derivatives (upper triangle) over all customers, u the log-odds of dropout."""
    r, a, b = values
    logs, inverse = tables
    most = data.customers_by_frequency.size - 1
    base = _odds_base(most, a, b, drops_at_first)
    by_b = -1 / np.where(np.isfinite(base), b + np.arange(most + 1.0) + drops_at_first - 1, np.inf)
    height, sums, spread = 0.0, np.zeros(7), np.zeros(9)
    dot = np.einsum  # of two vectors: its own loop, no BLAS
    for part in pieces(data.frequency.size, 0 if drops_at_first else data.first_repeat):
        x, age, recency, n = data.frequency[part], data.age[part], data.recency[part], data.counts[part]
        g = r + x
        per_r = logs[age] - logs[recency]
        odds = base[x] + g * per_r
        e = np.exp(np.minimum(odds, LARGEST_EXPONENT))
        height += float(dot("i,i->", n, np.maximum(np.log(1 + e), odds)))
        share = e / (1 + e)
        weight = n * share
        end, last = inverse[age], inverse[recency]
        fall = end - last
        per_alpha, per_b = g * fall, by_b[x]
        bent = weight * per_b
        sums += (
            dot("i,i->", weight, per_r), dot("i,i->", weight, per_alpha), weight.sum(), bent.sum(),
            dot("i,i->", weight, fall), -dot("i,i->", weight * per_alpha, end + last), dot("i,i->", bent, per_b),
        )  # fmt: skip
        own = weight * (1 - share)
        own_r, own_alpha, own_b = own * per_r, own * per_alpha, own * per_b
        spread += (
            dot("i,i->", own_r, per_r), dot("i,i->", own_r, per_alpha), own_r.sum(), dot("i,i->", own_r, per_b),
            dot("i,i->", own_alpha, per_alpha), own_alpha.sum(), dot("i,i->", own_alpha, per_b), own_b.sum(), own.sum(),
        )  # fmt: skip
        spread_bb = dot("i,i->", own_b, per_b)
        sums[6] += spread_bb
    gradient = np.array([sums[0], sums[1], sums[2] / a, sums[3]])
    hessian = np.zeros((4, 4))
    hessian[0] = spread[0], spread[1] + sums[4], spread[2] / a, spread[3]
    hessian[1, 1:] = spread[4] + sums[5], spread[5] / a, spread[6]
    hessian[2, 2:] = spread[8] / a**2 - sums[2] / a**2, spread[7] / a
    hessian[3, 3] = sums[6]
    return height, gradient, hessian


def _per_pair(data: Histories, formula: Callable[[Floats, Floats], Floats]) -> Floats:
    """Return a formula of (frequency, age), worked out once per pair that occurs, for every customer."""
    wide = data.times.size
    if (int(data.frequency.max()) + 1) * wide > max(4 * data.frequency.size, 1 << 22):
        unique, codes = np.unique(data.frequency.astype(np.int64) * wide + data.age, return_inverse=True)
        return formula((unique // wide).astype(np.float64), data.times[unique % wide])[codes]
    codes = data.frequency * np.int32(wide)
    codes += data.age
    occurs = np.zeros((int(data.frequency.max()) + 1) * wide, dtype=bool)
    occurs[codes] = True
    unique = np.flatnonzero(occurs)
    table = np.empty(occurs.size)
    table[unique] = formula((unique // wide).astype(np.float64), data.times[unique % wide])
    return np.asarray(table[codes], dtype=np.float64)
