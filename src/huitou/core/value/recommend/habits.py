"""
"Buys again": the chance that something bought before is in the customer's next basket.

A logistic regression on how often, how lately and in which rhythm the customer bought it, and on how others hold it. Source:
docs/algorithms/recommend.md.
"""

from dataclasses import dataclass

import numpy as np

from huitou.core.value.clv.histories import Floats, totals
from huitou.core.value.clv.regression import Kind, Regression
from huitou.core.value.recommend.history import History, Ints, Pairs, basket_keys, first_after, pairs_of, shopping_days
from huitou.core.value.recommend.refusal import NoRecommendation, Refusal
from huitou.core.value.recommend.stock import Stock, stock_of

HALF_LIVES = (14.0, 40.0, 120.0, 1e9)  # days; the last forgets nothing
WINDOW_DAYS, STEP_DAYS, WINDOWS = 28, 21, 3  # a window ends this long before the day, the others before it
KNOWN_DAYS = 28  # of history in front of the oldest window used
ROWS = 150_000  # learnt from
LEAST_HITS = 50
RIDGE = 30.0
PRIOR = 0.5  # shopping days' worth of belief in RARE
RARE = 0.02
SINGLE_GAP = 60.0  # days; the rhythm of something bought once


@dataclass(frozen=True, slots=True)
class Candidates:
    """One entry per person and item bought so far, with its features, shape (n, k)."""

    pairs: Pairs
    features: Floats


@dataclass(frozen=True, slots=True)
class Habits:
    """The fitted regression, and what is known of the items."""

    model: Regression
    stock: Stock

    @classmethod
    def fit(cls, book: History) -> "Habits":
        """
        Learn from baskets that followed earlier days. Raises NoRecommendation when the past tells too little.

        book: of a sample of customers; of those, so many at even distances as give 150,000 rows.
        """
        if not book.rows:
            raise NoRecommendation(Refusal.NOBODY, "no purchases up to the day")
        first = int(book.day.min())
        cutoffs = [book.last_day - WINDOW_DAYS - STEP_DAYS * window for window in range(WINDOWS)]
        cutoffs = [day for day in cutoffs if day - first >= KNOWN_DAYS]
        if not cutoffs:
            known = book.last_day - first + 1
            raise NoRecommendation(Refusal.SHORT, f"{known} days of history, need {KNOWN_DAYS + WINDOW_DAYS + 1}")
        few = book.of_every(-(-book.rows * len(cutoffs) // (2 * ROWS)))
        rows, outcomes = [], []
        for day in cutoffs:
            past = few.until(day)
            found = candidates(past, stock_of(past))
            next_day = first_after(few, day)
            keys = found.pairs.person * few.items.size + found.pairs.item
            came = next_day[found.pairs.person] >= 0
            rows.append(found.features[came])
            outcomes.append(np.isin(keys[came], basket_keys(few, next_day)).astype(np.float64))
        hits = np.concatenate(outcomes)
        if hits.sum() < LEAST_HITS or hits.size - hits.sum() < LEAST_HITS:
            raise NoRecommendation(
                Refusal.QUIET, f"{hits.sum():.0f} of {hits.size} items were bought again, need {LEAST_HITS} of each"
            )
        return cls(Regression.fit(Kind.LOGISTIC, np.vstack(rows), hits, ridge=RIDGE), stock_of(book))

    def chances(self, book: History) -> tuple[Pairs, Floats]:
        """Return every person and item bought so far, and the chance that it is in the next basket, 0..1."""
        found = candidates(book, self.stock)
        return found.pairs, self.model.predict(found.features)


def candidates(book: History, stock: Stock) -> Candidates:
    """Return what each person bought, with 17 numbers that mean the same on any day."""
    pairs = pairs_of(book)
    shopper, shopped = shopping_days(book)
    size = book.persons.size
    rates = [_rate(book, pairs, shopper, shopped, half_life) for half_life in HALF_LIVES]
    _, month, season, _ever = rates
    silence = np.log1p((book.last_day - pairs.last).astype(np.float64))
    late = silence - np.log1p(gap_days(pairs))
    popularity, repeats = (values[pairs.item] for values in stock.of(book.items))
    trips = totals(shopper, size)[pairs.person]
    basket = totals(pairs.person, size, pairs.times)[pairs.person] / np.maximum(trips, 1)
    times = np.log(pairs.times)
    features = np.stack(
        (
            *rates, silence, late, late**2, np.minimum(late, 0), times, pairs.times == 1, np.log(popularity + 1e-4),
            np.log(repeats), np.log(np.maximum(trips, 1)), np.log(np.maximum(basket, 1)), month**2, season**2, month * silence,
            season * late, silence * times,
        )
    ).T  # fmt: skip
    return Candidates(pairs, features)


def gap_days(pairs: Pairs) -> Floats:
    """Return the mean days between days with the item; 60 for something bought once."""
    return np.where(pairs.times > 1, (pairs.last - pairs.first) / np.maximum(pairs.times - 1, 1), SINGLE_GAP)


def faded_times(book: History, pairs: Pairs, half_life: float) -> Floats:
    """Return days with the item, each counting half as much per half_life days of age."""
    return totals(pairs.at, pairs.person.size, np.exp2(-(book.last_day - book.day) / half_life))


def _rate(book: History, pairs: Pairs, shopper: Ints, shopped: Ints, half_life: float) -> Floats:
    """Logarithm of the share of shopping days with the item, both fading alike."""
    times = faded_times(book, pairs, half_life)
    trips = totals(shopper, book.persons.size, np.exp2(-(book.last_day - shopped) / half_life))
    return np.log((times + PRIOR * RARE) / (trips[pairs.person] + PRIOR))
