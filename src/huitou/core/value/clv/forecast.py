"""
What every customer will buy and spend, by the models that did best on the chain's own past.

The backtest stands `tested_days` before the day of the forecast, uses nothing later, and is compared with what happened since.
Which models are blended is decided there; all are shown, beside what anybody could work out. Source: docs/algorithms/forecast.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any

import numpy as np

from huitou.core.value.clv.candidates import NAIVE, Candidates, Model, candidates, stopped
from huitou.core.value.clv.histories import Floats
from huitou.core.value.clv.intervals import Bounds, Spread
from huitou.core.value.clv.ledger import Ints, Ledger, Seen, bought_between, credible_spend, ledger, mean_spend, spent_between
from huitou.core.value.clv.scores import Group, Score, groups, scored, top_share
from huitou.core.value.clv.spend import GammaGamma

WINDOWS = 3  # to learn features, to learn from them, to be tested
SHORTEST_WINDOW = 14
FARTHEST = 1.1  # times the history
LEAST_REPEATS = 30  # repeat purchases in the tested days
DECILES, CALIBRATION_POINTS = 10, 12


class Refusal(StrEnum):
    """Why there is no forecast, or none to publish. Stored codes."""

    NOBODY = "nobody"
    SHORT = "short"
    FAR = "far"
    QUIET = "quiet"
    UNFIT = "unfit"
    NAIVE = "naive"


class NoForecast(ValueError):
    """The transactions tell no forecast. `refusal` is the reason as a code."""

    def __init__(self, refusal: Refusal, told: str) -> None:
        super().__init__(told)
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Row:
    """
    One model in the backtest. `reason` says why it has no answer; then the scores are None.

    purchases: of purchase days; spend: of fen, None where no spend is known. coverage: share of customers inside the interval.
    """

    model: Model
    purchases: Score | None
    spend: Score | None
    coverage: float | None
    reason: str


@dataclass(frozen=True, slots=True)
class Backtest:
    """The forecast made on `cutoff` for the `tested_days` after, beside what happened."""

    cutoff: date
    tested_days: int
    customers: int
    purchases: int
    spend_fen: int
    rows: tuple[Row, ...]
    deciles: tuple[Group, ...]  # of fen per customer, or of purchases where no spend is known
    calibration: tuple[Group, ...]  # of purchases per customer
    top_most: float | None  # the most that any forecast's `top` could be, of the same as the deciles

    def row(self, model: Model) -> Row:
        return next(row for row in self.rows if row.model is model)


@dataclass(frozen=True, slots=True)
class Forecast:
    """
    The `horizon_days` after as_of, one entry per customer in rising person_id; customers without a purchase have none.

    purchases: expected purchase days; low, high: whole ones, four of five customers end inside; alive: still a customer by
    BG/NBD, None when it did not converge; spend_fen: expected per purchase and value_fen: of the horizon, None when nobody
    bought again; spend_reason: why it is not by Gamma-Gamma. models: the blend, all of equal weight. refusal: NAIVE when a naive
    row did better; then nothing is to be published. left_out: transactions after as_of. seconds: how long each model took in the
    backtest.
    """

    as_of: date
    horizon_days: int
    models: tuple[Model, ...]
    person_ids: Ints
    purchases: Floats
    low: Bounds
    high: Bounds
    alive: Floats | None
    spend_fen: Floats | None
    value_fen: Floats | None
    spend_reason: str
    backtest: Backtest
    refusal: Refusal | None
    left_out: int
    seconds: Mapping[Model, float]


def forecast(transactions: Mapping[str, Any], as_of: date, horizon_days: int) -> Forecast:
    """
    Forecast purchases and spend from documents: columns person_id, business_date, amount_fen (returns negative), any order.

    Raises NoForecast when the past tells too little, ValueError on broken input or a horizon below 1 day.
    """
    if horizon_days < 1:
        raise ValueError(f"a horizon has at least one day, got {horizon_days}")
    return forecast_ledger(ledger(transactions, as_of), as_of, horizon_days)


def forecast_ledger(book: Ledger, as_of: date, horizon_days: int, *, clock: Callable[[], float] = stopped) -> Forecast:
    """The same from a ledger. clock: seconds that only grow, to say how long each model took."""
    last = (as_of - date(1970, 1, 1)).days - book.epoch
    tested = min(horizon_days, (last + 1) // WINDOWS)
    _check_history(book, last, tested, horizon_days)
    then = candidates(book, last - tested, window=tested, horizon=tested, clock=clock)
    now = candidates(book, last, window=tested, horizon=horizon_days)
    bought = bought_between(book, then.seen, tested)
    if bought.sum() < LEAST_REPEATS:
        raise NoForecast(
            Refusal.QUIET, f"only {bought.sum():.0f} repeat purchases in the tested {tested} days, need {LEAST_REPEATS}"
        )
    models = _best_blend(then, now, bought)
    backtest, spread = _backtest(book, then, models, tested, as_of - timedelta(tested))
    purchases = _mean(now, models)
    low, high = spread.intervals(purchases, horizon_days)
    spend, reason = _spend(book, now.seen)
    return Forecast(
        as_of, horizon_days, models, book.persons[now.seen.rows], purchases, low, high, now.alive,
        spend, None if spend is None else spend * purchases, reason, backtest,
        None if _beats_naive(backtest) else Refusal.NAIVE, book.left_out, then.seconds,
    )  # fmt: skip


def _check_history(book: Ledger, last: int, tested: int, horizon_days: int) -> None:
    if not book.persons.size:
        raise NoForecast(Refusal.NOBODY, "no purchases up to the day of the forecast")
    if tested < min(SHORTEST_WINDOW, horizon_days):
        least = WINDOWS * min(SHORTEST_WINDOW, horizon_days)
        raise NoForecast(Refusal.SHORT, f"{last + 1} days of history, need {least} for a backtest")
    if horizon_days > FARTHEST * (last + 1):
        raise NoForecast(Refusal.FAR, f"{horizon_days} days ahead from {last + 1} days of history, at most a tenth more")


def _best_blend(then: Candidates, now: Candidates, bought: Floats) -> tuple[Model, ...]:
    """Return the models whose plain mean had the lowest deviance; of the two with dropout only the better one takes part."""
    able = [model for model in then.expected if model not in NAIVE and model in now.expected]
    scores = {model: scored(then.expected[model], bought).deviance for model in able}
    dropout = sorted((model for model in able if model in (Model.BGNBD, Model.MBGNBD)), key=lambda model: scores[model])
    able = [model for model in able if model not in dropout[1:]]
    blends = [blend for size in range(1, len(able) + 1) for blend in combinations(able, size)]
    if not blends:
        raise NoForecast(Refusal.UNFIT, "; ".join(sorted({*then.reasons.values(), *now.reasons.values()})))
    return min(blends, key=lambda blend: (scored(_mean(then, blend), bought).deviance, len(blend)))


def _mean(made: Candidates, models: tuple[Model, ...]) -> Floats:
    return np.asarray(np.mean([made.expected[model] for model in models], axis=0), dtype=np.float64)


def _backtest(book: Ledger, then: Candidates, models: tuple[Model, ...], tested: int, cutoff: date) -> tuple[Backtest, Spread]:
    bought, spent = bought_between(book, then.seen, tested), spent_between(book, then.seen, tested)
    spend, _ = _spend(book, then.seen)
    blend = _mean(then, models)
    spread = Spread.fit(blend, bought, tested)
    rows = []
    for model in Model:
        expected = blend if model is Model.BLEND else then.expected.get(model)
        if expected is None:
            rows.append(Row(model, None, None, None, then.reasons[model]))
            continue
        value = _naive_spend(book, then.seen, tested)[model] if model in NAIVE else None if spend is None else spend * expected
        coverage = None
        if model not in NAIVE:
            own = spread if model is Model.BLEND else Spread.fit(expected, bought, tested)
            low, high = own.intervals(expected, tested)
            coverage = float(((bought >= low) & (bought <= high)).mean())
        rows.append(Row(model, scored(expected, bought), None if value is None else scored(value, spent), coverage, ""))
    value = None if spend is None else spend * blend
    told, brought = (blend, bought) if value is None else (value, spent)
    found = Backtest(
        cutoff, tested, then.seen.rows.size, int(bought.sum()), round(float(spent.sum())),
        tuple(rows), groups(told, brought, DECILES), groups(blend, bought, CALIBRATION_POINTS), top_share(brought, brought),
    )  # fmt: skip
    return found, spread


def _naive_spend(book: Ledger, seen: Seen, days: int) -> dict[Model, Floats]:
    """Fen in the next `days` days as anybody could work them out."""
    before = Seen(seen.rows, seen.frequency, seen.recency, seen.age, seen.day - days)
    total = mean_spend(book, seen) * seen.frequency
    return {
        Model.NAIVE_MEAN: np.full(seen.rows.size, total.sum() / max(float(seen.age.sum()), 1.0) * days),
        Model.NAIVE_OWN: total / np.maximum(seen.age, 1.0) * days,
        Model.NAIVE_LAST: spent_between(book, before, days),
    }


def _spend(book: Ledger, seen: Seen) -> tuple[Floats | None, str]:
    """Expected fen per purchase of everybody seen, and why it is not by Gamma-Gamma; None when nobody bought again."""
    mean = mean_spend(book, seen)
    model = GammaGamma.fit(seen.frequency, mean)
    if model.fitted.converged:
        return model.expected_value(seen.frequency, mean), ""
    return credible_spend(book, seen, mean), model.fitted.reason


def _beats_naive(backtest: Backtest) -> bool:
    """Whether the blend was better than every naive row on both the squared error and the deviance."""
    ours = backtest.row(Model.BLEND).purchases
    naive = [row.purchases for model in NAIVE if (row := backtest.row(model)).purchases is not None]
    return ours is not None and all(ours.rmse < row.rmse and ours.deviance < row.deviance for row in naive if row is not None)
