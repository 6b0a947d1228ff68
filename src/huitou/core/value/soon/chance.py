"""
The chance that a customer buys within some days; its complement at the days that make a customer dormant is the risk of a lapse.

A logistic regression on windows of the past, tested on the newest window, which it did not see. Source: docs/algorithms/soon.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from huitou.core.value.clv.forecast import NoForecast, Refusal
from huitou.core.value.clv.histories import Floats
from huitou.core.value.clv.ledger import Ints, Ledger, bought_between, every_nth, in_parts, ledger, seen_by
from huitou.core.value.clv.regression import Kind, Regression
from huitou.core.value.clv.scores import Group, groups, ranks
from huitou.core.value.soon.features import features

LEARNT_FROM = 20_000  # customers
WINDOWS, STEP_DAYS = 12, 7
KNOWN_DAYS = 28  # of history in front of the oldest window
LEAST_OF_EACH = 30  # buyers, and others, in the tested window
RIDGE = 30.0
PART = 100_000
BINS = 10


@dataclass(frozen=True, slots=True)
class ChanceTest:
    """
    Chances given on `cutoff` for the days after, beside what happened.

    auc: chance that a buyer had the higher one. brier, log_loss: lower is better; the base_ ones give everybody the share of the
    windows learnt from. calibration_error: mean gap between chance and share over ten groups of equal size, highest first.
    """

    cutoff: date
    customers: int
    share: float
    auc: float
    brier: float
    base_brier: float
    log_loss: float
    base_log_loss: float
    calibration_error: float
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Chance:
    """
    Chance of a purchase in the `days` after as_of, one entry per customer in rising person_id.

    refusal: NAIVE when the base rate did as well in the test; then nothing is to be published.
    """

    as_of: date
    days: int
    person_ids: Ints
    chances: Floats
    test: ChanceTest
    refusal: Refusal | None


def chance(transactions: Mapping[str, Any], as_of: date, days: int) -> Chance:
    """Return everybody's chance; transactions as in `clv.forecast`. Raises NoForecast when the past tells too little."""
    if days < 1:
        raise ValueError(f"need at least one day, got {days}")
    return chance_of(ledger(transactions, as_of), as_of, days)


def chance_of(book: Ledger, as_of: date, days: int) -> Chance:
    """The same from a ledger."""
    last = (as_of - date(1970, 1, 1)).days - book.epoch
    if not book.persons.size:
        raise NoForecast(Refusal.NOBODY, "no purchases up to the day of the forecast")
    if last + 1 < KNOWN_DAYS + 2 * days:
        raise NoForecast(Refusal.SHORT, f"{last + 1} days of history, need {KNOWN_DAYS + 2 * days}")
    test = _tested(every_nth(book, 4 * LEARNT_FROM), last - days, days, as_of - timedelta(days))
    model, _ = _learnt(book, last, days)
    ids, chances = [], []
    for part in in_parts(book, PART):
        seen = seen_by(part, last)
        ids.append(part.persons[seen.rows])
        chances.append(model.predict(features(part, seen)))
    beaten = test.log_loss >= test.base_log_loss or test.brier >= test.base_brier
    return Chance(as_of, days, np.concatenate(ids), np.concatenate(chances), test, Refusal.NAIVE if beaten else None)


def _learnt(book: Ledger, day: int, days: int) -> tuple[Regression, float]:
    """Learn from windows that end by `day`; return the model and the share of buyers in them."""
    few = every_nth(book, LEARNT_FROM)
    rows, outcomes = [], []
    for cutoff in range(day - days, max(KNOWN_DAYS - 2, day - days - WINDOWS * STEP_DAYS), -STEP_DAYS):
        seen = seen_by(few, cutoff)
        rows.append(features(few, seen))
        outcomes.append((bought_between(few, seen, days) > 0).astype(np.float64))
    bought = np.concatenate(outcomes)
    if not 0 < bought.mean() < 1:
        raise NoForecast(Refusal.QUIET, f"in the windows learnt from, {bought.sum():.0f} of {bought.size} bought")
    return Regression.fit(Kind.LOGISTIC, np.vstack(rows), bought, ridge=RIDGE), float(bought.mean())


def _tested(book: Ledger, day: int, days: int, cutoff: date) -> ChanceTest:
    model, base = _learnt(book, day, days)
    seen = seen_by(book, day)
    bought = (bought_between(book, seen, days) > 0).astype(np.float64)
    if min(bought.sum(), bought.size - bought.sum()) < LEAST_OF_EACH:
        raise NoForecast(
            Refusal.QUIET, f"in the tested window {bought.sum():.0f} of {bought.size} bought, need {LEAST_OF_EACH} of each"
        )
    chances = model.predict(features(book, seen))
    return ChanceTest(
        cutoff=cutoff,
        customers=bought.size,
        share=float(bought.mean()),
        auc=area_under_curve(chances, bought),
        brier=float(((chances - bought) ** 2).mean()),
        base_brier=float(((base - bought) ** 2).mean()),
        log_loss=log_loss(chances, bought),
        base_log_loss=log_loss(np.full(bought.size, base), bought),
        calibration_error=calibration_error(chances, bought),
        groups=groups(chances, bought, BINS),
    )


def calibration_error(chances: Floats, bought: Floats) -> float:
    """Mean gap between chance and share of buyers over ten groups of equal size."""
    return sum(group.customers * abs(group.forecast - group.actual) for group in groups(chances, bought, BINS)) / bought.size


def area_under_curve(chances: Floats, bought: Floats) -> float:
    """Chance that a buyer's number is higher than another's, ties half; both kinds must occur."""
    buyers = float(bought.sum())
    others = bought.size - buyers
    return (float(ranks(chances)[bought == 1].sum()) - buyers * (buyers + 1) / 2) / (buyers * others)


def log_loss(chances: Floats, bought: Floats) -> float:
    """Mean of -ln of the chance given to what happened."""
    return float(-np.log(np.where(bought == 1, chances, 1 - chances)).mean())
