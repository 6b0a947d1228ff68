"""What the past of a customer says about the next days, in 27 numbers that mean the same on any day."""

import numpy as np

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats, totals
from huitou.core.value.clv.ledger import FOREVER, Ledger, Seen, faded

HALF_LIVES = (7.0, 21.0, 60.0, FOREVER)
TYPICAL_GAP, GAP_SPREAD, GAP_WEIGHT = 10.0, 0.8, 2.0  # days, variance of its logarithm, gaps' worth of belief
WEEKS = 12


def features(book: Ledger, seen: Seen) -> Floats:
    """Rates by half-life, silence, rhythm and how far beyond it the silence is, spend, busy weeks, with bends; shape (n, 27)."""
    prior = 0.3
    rates = []
    for half_life in HALF_LIVES:
        counts, exposure = faded(book, seen, half_life)
        rates.append(np.log((counts + prior) / (exposure + prior * 15)))
    silence = np.log1p(seen.age - seen.recency)
    gap, spread = rhythm(book, seen)
    late = (silence - gap) / spread
    _, month, season, ever = rates
    weeks = _busy_weeks(book, seen)
    return np.column_stack(
        (
            *rates, silence, np.log1p(seen.frequency), seen.frequency == 0, np.log1p(seen.age), gap, spread, late,
            np.maximum(late, 0) ** 2, np.maximum(late - 1, 0), np.maximum(late - 2, 0),
            np.maximum(silence - 3, 0), np.maximum(silence - 4, 0),
            month**2, season**2, silence**2, silence * season, silence * month, ever**2, silence * ever, month * season,
            late * season, *_spend(book, seen), weeks, weeks**2,
        )
    )  # fmt: skip


def rhythm(book: Ledger, seen: Seen) -> tuple[Floats, Floats]:
    """Return mean and spread of the logarithm of the days between purchases, drawn to a typical rhythm where little is known."""
    past = book.day <= seen.day
    person, day = book.person[past], book.day[past]
    again = np.flatnonzero(person[1:] == person[:-1]) + 1
    gaps = np.log((day[again] - day[again - 1]).astype(np.float64))
    size = book.persons.size
    counts, sums, squares = (totals(person[again], size, values)[seen.rows] for values in (None, gaps, gaps**2))
    typical = np.log(TYPICAL_GAP)
    weight = counts + GAP_WEIGHT
    mean = (sums + GAP_WEIGHT * typical) / weight
    variance = (squares + GAP_WEIGHT * (typical**2 + GAP_SPREAD)) / weight - mean**2
    return mean, np.sqrt(np.maximum(variance, 0.05))


def _spend(book: Ledger, seen: Seen) -> tuple[Floats, Floats]:
    """Logarithm of the mean spend, and of the last purchase over it."""
    past = book.day <= seen.day
    size = book.persons.size
    mean = totals(book.person[past], size, book.net_fen[past])[seen.rows] / (seen.frequency + 1)
    last = np.ones(size)
    last[book.person[past]] = book.net_fen[past]  # rows are sorted by day, so the last one stays
    return np.log(mean), np.log(last[seen.rows] / mean)


def _busy_weeks(book: Ledger, seen: Seen) -> Floats:
    """Share of the last 12 weeks with a purchase."""
    recent = (book.day <= seen.day) & (book.day > seen.day - 7 * WEEKS)
    weeks = distinct(book.person[recent] * WEEKS + (seen.day - book.day[recent]) // 7)
    return np.asarray(totals(weeks // WEEKS, book.persons.size)[seen.rows] / WEEKS, dtype=np.float64)
