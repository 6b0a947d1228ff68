"""
The recent rate: purchases and days fade with age, what little is known is drawn to everybody's rate.

A gamma-Poisson model with forgetting (Harvey and Fernandes 1989). It knows no dropout: silence makes the rate fade instead.
"""

from dataclasses import dataclass

import numpy as np

from huitou.core.value.clv.histories import Floats
from huitou.core.value.clv.ledger import FOREVER, Ledger, Seen, bought_between, faded, seen_by
from huitou.core.value.clv.newton import Fitted, maximise

HALF_LIVES = (1 / 4, 2 / 3)  # of the horizon: a forecast twice as far ahead remembers twice as long
TRAINED_ON = 50_000


@dataclass(frozen=True, slots=True)
class RecentRate:
    """
    Fitted prior per half-life: rate ~ gamma(r, alpha days). The last one forgets nothing and serves the regression only.

    A prior that did not converge leaves the model without an answer: see `reason`.
    """

    priors: tuple[Fitted, ...]

    @classmethod
    def fit(cls, book: Ledger, day: int, window: int) -> "RecentRate":
        """Learn from what those seen `window` days before `day` bought since."""
        before = seen_by(book, day - window)
        bought = bought_between(book, before, window)
        every = max(1, before.rows.size // TRAINED_ON)
        priors = []
        for half_life in cls.half_lives(window):
            counts, exposure = faded(book, before, half_life)
            priors.append(_prior(counts[::every], exposure[::every], bought[::every], window))
        return cls(tuple(priors))

    @staticmethod
    def half_lives(horizon: float) -> tuple[float, ...]:
        return (*(share * horizon for share in HALF_LIVES), FOREVER)

    @property
    def reason(self) -> str:
        return next((prior.reason for prior in self.priors if not prior.converged), "")

    def each(self, book: Ledger, seen: Seen, horizon: int) -> list[Floats]:
        """Expected purchases in the next `horizon` days by each half-life, shape of seen.rows."""
        if self.reason:
            raise ValueError(f"the model did not converge: {self.reason}")
        answers = []
        for prior, half_life in zip(self.priors, self.half_lives(horizon), strict=True):
            counts, exposure = faded(book, seen, half_life)
            r, alpha = prior.values
            answers.append(horizon * (r + counts) / (alpha + exposure))
        return answers

    def expected(self, each: list[Floats]) -> Floats:
        """The mean over the half-lives that forget."""
        return np.asarray(np.mean(each[:-1], axis=0), dtype=np.float64)


def _prior(counts: Floats, exposure: Floats, bought: Floats, window: int) -> Fitted:
    rate = max(float(bought.mean()), 1e-9) / window
    start = np.array([0.5, 0.5 / rate])
    if not bought.any():
        return Fitted(np.full(2, np.nan), np.full(2, np.nan), converged=False, reason="nobody bought again", steps=0)
    return maximise(lambda values: _likelihood(values, counts, exposure, bought, window), start, count=bought.size, scales=start)


def _likelihood(values: Floats, counts: Floats, exposure: Floats, bought: Floats, window: int) -> tuple[float, Floats, Floats]:
    """Negative binomial: y ~ Poisson(rate x window), rate ~ gamma(r + counts, alpha + exposure). Constant terms are left out."""
    from scipy import special

    r, alpha = (float(value) for value in values)
    shape, known = r + counts, alpha + exposure
    after = known + window
    total = shape + bought
    log_ratio = np.log(known / after)
    height = special.gammaln(total) - special.gammaln(shape) + shape * log_ratio - bought * np.log(after)
    per_r = special.psi(total) - special.psi(shape) + log_ratio
    per_alpha = shape / known - total / after
    rr = special.zeta(2.0, total) - special.zeta(2.0, shape)
    ra = 1 / known - 1 / after
    aa = total / after**2 - shape / known**2
    hessian = np.array([[rr.mean(), ra.mean()], [ra.mean(), aa.mean()]])
    return float(height.mean()), np.array([per_r.mean(), per_alpha.mean()]), hessian
