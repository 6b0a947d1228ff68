"""BG/NBD and MBG/NBD: how often a customer will buy, and whether he still does."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from huitou.core.value.clv.newton import Fitted, Floats, maximise, per_frequency


@dataclass(frozen=True, slots=True)
class Histories:
    """Unique (frequency, recency, T) with the number of customers behind each, and where each customer went."""

    frequency: Floats
    recency: Floats
    age: Floats
    counts: Floats
    inverse: np.ndarray[tuple[int], np.dtype[np.int64]]


def histories(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Histories:
    """
    Group customers of equal history.

    frequency: repeat purchases, whole numbers; recency: time from first to last purchase; age: time from first purchase to now.
    Raises ValueError for no customers, unequal lengths, values that are not finite, or not 0 <= recency <= age.
    """
    x, last, age_ = (np.asarray(part, dtype=np.float64).ravel() for part in (frequency, recency, age))
    if not x.size or not x.size == last.size == age_.size:
        raise ValueError(f"need as many recencies and ages as frequencies, and one at least: {x.size}, {last.size}, {age_.size}")
    if not (np.isfinite(x).all() and np.isfinite(last).all() and np.isfinite(age_).all()):
        raise ValueError("frequency, recency and T must be finite")
    if (x < 0).any() or (x != np.floor(x)).any():
        raise ValueError("frequency must be a whole number from 0")
    if (last < 0).any() or (last > age_).any():
        raise ValueError("need 0 <= recency <= T: a purchase lies after the day of the forecast")
    if ((x == 0) != (last == 0)).any():
        raise ValueError("recency must be 0 exactly where frequency is 0")
    order = np.lexsort((age_, last, x))
    table = np.column_stack((x, last, age_))[order]
    first = np.concatenate(([True], (table[1:] != table[:-1]).any(axis=1)))
    inverse = np.empty(x.size, dtype=np.int64)
    inverse[order] = np.cumsum(first) - 1
    unique = table[first]
    counts = np.bincount(inverse).astype(np.float64)
    return Histories(unique[:, 0].copy(), unique[:, 1].copy(), unique[:, 2].copy(), counts, inverse)


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
        grouped = histories(frequency, recency, T)
        if not grouped.frequency.any():
            nothing = np.full(4, np.nan)
            return cls(Fitted(nothing, nothing, converged=False, reason="nobody bought twice", steps=0))
        scale = float(grouped.age.max())
        unit = Histories(grouped.frequency, grouped.recency / scale, grouped.age / scale, grouped.counts, grouped.inverse)
        found = maximise(
            lambda values: cls._likelihood(values, unit), np.array([0.5, 0.2, 0.5, 2.0]), count=float(unit.counts.sum())
        )
        back = np.array([1.0, scale, 1.0, 1.0])
        return cls(Fitted(found.values * back, found.errors * back, found.converged, found.reason, found.steps))

    def alive(self, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:  # noqa: N803
        """Return the probability of still being a customer, shape (n,). Raises ValueError when the fit did not converge."""
        grouped = histories(frequency, recency, T)
        return self._alive(grouped)[grouped.inverse]

    def expected_purchases(self, horizon: float, frequency: ArrayLike, recency: ArrayLike, T: ArrayLike) -> Floats:  # noqa: N803
        """Return the expected purchases in the next `horizon` units of T, shape (n,), never below 0."""
        from scipy import special

        if not horizon >= 0:
            raise ValueError(f"the horizon must be 0 or more, got {horizon}")
        grouped = histories(frequency, recency, T)
        alive = self._alive(grouped)
        r, alpha, a, b = self._values()
        a = a if abs(a - 1) > 1e-6 else 1 + 1e-6  # the formula divides by a - 1, its limit there is smooth
        rate, after = r + grouped.frequency, b + grouped.frequency + self.drops_at_first
        total = a + after - 1
        kept = (alpha + grouped.age) / (alpha + grouped.age + horizon)
        shrunk = kept ** (a - 1) * special.hyp2f1(
            total - rate, a - 1, total, 1 - kept
        )  # Euler's form: no overflow at high frequency
        expected = np.maximum(alive * total / (a - 1) * (1 - shrunk), 0.0)
        return np.asarray(expected[grouped.inverse], dtype=np.float64)

    def _values(self) -> tuple[float, float, float, float]:
        if not self.fitted.converged:
            raise ValueError(f"the model did not converge: {self.fitted.reason}")
        r, alpha, a, b = (float(value) for value in self.fitted.values)
        return r, alpha, a, b

    def _alive(self, grouped: Histories) -> Floats:
        from scipy import special

        r, alpha, a, b = self._values()
        return np.asarray(special.expit(-_dropout_odds(grouped, (r, alpha, a, b), self.drops_at_first)), dtype=np.float64)

    @classmethod
    def _likelihood(cls, values: Floats, data: Histories) -> tuple[float, Floats, Floats]:
        from scipy import special

        r, alpha, a, b = values
        x, counts = data.frequency, data.counts
        g, start = r + x, b + cls.drops_at_first
        bx = start + x
        end, last = 1 / (alpha + data.age), 1 / (alpha + data.recency)
        log_end = -np.log(end)
        odds = _dropout_odds(data, (r, alpha, a, b), cls.drops_at_first)
        w = special.expit(odds)
        ln = special.gammaln
        beta = per_frequency(x, lambda k: ln(start + k) - ln(a + start + k)) - ln(b) + ln(a + b)
        height = per_frequency(x, lambda k: ln(r + k)) - ln(r) + r * np.log(alpha) + beta - g * log_end + np.logaddexp(0, odds)

        du = (log_end + np.log(last), g * (end - last), np.full_like(x, 1 / a), -1 / np.maximum(bx - 1, 1e-300) * (w > 0))
        psi_ab, psi_abx = special.psi(a + b), per_frequency(x, lambda k: special.psi(a + start + k))
        base = (
            per_frequency(x, lambda k: special.psi(r + k)) - special.psi(r) + np.log(alpha) - log_end,
            r / alpha - g * end,
            psi_ab - psi_abx,
            per_frequency(x, lambda k: special.psi(start + k)) - psi_abx - special.psi(b) + psi_ab,
        )
        n = counts.sum()
        gradient = np.array([float((counts * (base[i] + w * du[i])).sum() / n) for i in range(4)])

        tri = special.polygamma
        both = tri(1, a + b) - per_frequency(x, lambda k: tri(1, a + start + k))
        second: dict[tuple[int, int], Floats] = {
            (0, 0): per_frequency(x, lambda k: tri(1, r + k)) - tri(1, r),
            (0, 1): 1 / alpha - end + w * (end - last),
            (1, 1): -r / alpha**2 + g * end**2 + w * g * (last**2 - end**2),
            (2, 2): both - w / a**2,
            (2, 3): both,
            (3, 3): per_frequency(x, lambda k: tri(1, start + k)) - tri(1, b) + both + w * du[3] ** 2,
        }
        hessian = np.empty((4, 4))
        spread = counts * w * (1 - w)
        for i in range(4):
            for j in range(i, 4):
                own = float((counts * second[i, j]).sum()) if (i, j) in second else 0.0
                hessian[i, j] = hessian[j, i] = (own + float((spread * du[i] * du[j]).sum())) / n
        return float((counts * height).sum() / n), gradient, hessian


class MBGNBD(BGNBD):
    """BG/NBD in which a customer may drop out right after the first purchase, too."""

    __slots__ = ()
    drops_at_first: ClassVar[int] = 1


def _dropout_odds(data: Histories, values: tuple[float, float, float, float], drops_at_first: int) -> Floats:
    """Return the log-odds of having dropped out; -inf where that cannot be yet."""
    r, alpha, a, b = values
    x = data.frequency
    possible = (x > 0) | (drops_at_first == 1)
    after = np.where(possible, b + x + drops_at_first - 1, 1.0)
    odds = np.log(a) - np.log(after) + (r + x) * np.log((alpha + data.age) / (alpha + data.recency))
    return np.where(possible, odds, -np.inf)
