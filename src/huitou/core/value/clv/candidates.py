"""The forecasts that compete: two models with dropout, the recent rate, a regression on top, and three naive rows."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from huitou.core.value.clv.histories import Floats
from huitou.core.value.clv.ledger import Ledger, Seen, bought_between, seen_by
from huitou.core.value.clv.purchases import BGNBD, MBGNBD
from huitou.core.value.clv.recent import RecentRate
from huitou.core.value.clv.regression import Kind, Regression

TRAINED_ON = 200_000
LITTLE = 1e-4  # purchases: below it a forecast's logarithm tells nothing


class Model(StrEnum):
    """Stored codes; labels belong to the pages."""

    BLEND = "blend"
    BGNBD = "bgnbd"
    MBGNBD = "mbgnbd"
    RECENT = "recent"
    REGRESSION = "regression"
    NAIVE_LAST = "naive_last"
    NAIVE_OWN = "naive_own"
    NAIVE_MEAN = "naive_mean"


NAIVE = (Model.NAIVE_LAST, Model.NAIVE_OWN, Model.NAIVE_MEAN)


@dataclass(frozen=True, slots=True)
class Candidates:
    """
    Expected purchases of everybody seen per model, why a model has no answer, and the probability of still being here.

    seconds: how long each took to fit and to forecast, by the clock that was given.
    """

    seen: Seen
    expected: dict[Model, Floats]
    reasons: dict[Model, str]
    alive: Floats | None
    seconds: dict[Model, float]


def stopped() -> float:
    """A clock that stands: nothing takes any time."""
    return 0.0


def candidates(book: Ledger, day: int, *, window: int, horizon: int, clock: Callable[[], float] = stopped) -> Candidates:
    """
    Forecast the `horizon` days after `day` by every model, from nothing later than `day`.

    window: the days before `day` by which the recent rate and the regression learn; the histories before are their features.
    """
    seen = seen_by(book, day)
    expected: dict[Model, Floats] = {}
    reasons: dict[Model, str] = {}
    alive: Floats | None = None
    dropout: Floats | None = None
    seconds: dict[Model, float] = {}
    for code, kind in ((Model.BGNBD, BGNBD), (Model.MBGNBD, MBGNBD)):
        began = clock()
        model = kind.fit(seen.frequency, seen.recency, seen.age)
        if not model.fitted.converged:
            reasons[code] = model.fitted.reason
            continue
        expected[code], still = model.forecast(horizon, seen.frequency, seen.recency, seen.age)
        seconds[code] = clock() - began
        if dropout is None:
            alive, dropout = still, expected[code]
    began = clock()
    recent = RecentRate.fit(book, day, window)
    if recent.reason:
        reasons[Model.RECENT] = reasons[Model.REGRESSION] = recent.reason
    else:
        each = recent.each(book, seen, horizon)
        expected[Model.RECENT] = recent.expected(each)
        seconds[Model.RECENT] = clock() - began
        began = clock()
        try:
            found = _regression(book, day, window, recent).predict(features(seen, recent.each(book, seen, window), window))
        except ValueError as error:
            reasons[Model.REGRESSION] = str(error)
        else:
            # it looks back as it learnt to; one window's total is a single observation of the season, so the level of a horizon
            # of any length comes from the recent rate
            expected[Model.REGRESSION] = found * (expected[Model.RECENT].sum() / found.sum())
            seconds[Model.REGRESSION] = clock() - began
    return Candidates(seen, {**expected, **naive(book, seen, horizon)}, reasons, alive, seconds)


def _regression(book: Ledger, day: int, window: int, recent: RecentRate) -> Regression:
    before = seen_by(book, day - window)
    rows = features(before, recent.each(book, before, window), window)
    every = max(1, before.rows.size // TRAINED_ON)
    return Regression.fit(Kind.POISSON, rows[::every], bought_between(book, before, window)[::every])


def features(seen: Seen, each: list[Floats], window: int) -> Floats:
    """Faded rates, first purchase only or not, silence in tenths of the window and frequency, as logarithms; shape (n, 6)."""
    return np.column_stack(
        (
            *(np.log(np.maximum(rate, LITTLE)) for rate in each),
            seen.frequency == 0,
            np.log1p(10 * (seen.age - seen.recency) / window),
            np.log1p(seen.frequency),
        )
    )


def naive(book: Ledger, seen: Seen, horizon: int) -> dict[Model, Floats]:
    """What anybody can work out: everybody the same, everybody's own rate, the last period once more."""
    rate = seen.frequency.sum() / max(seen.age.sum(), 1.0)
    before = Seen(seen.rows, seen.frequency, seen.recency, seen.age, seen.day - horizon)
    return {
        Model.NAIVE_MEAN: np.full(seen.rows.size, rate * horizon),
        Model.NAIVE_OWN: seen.frequency / np.maximum(seen.age, 1.0) * horizon,
        Model.NAIVE_LAST: bought_between(book, before, horizon),
    }
