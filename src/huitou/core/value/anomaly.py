"""
What is out of the ordinary: a store's day against its own weekdays, a card's day against everybody's.

Robust throughout (medians, trimmed means), so that the odd days of the past do not hide the next one. Source:
docs/algorithms/anomaly.md.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huitou.core.value.clv.histories import Floats

Ints = NDArray[np.int64]

WEEKS = 8  # of the same weekday that a day is compared with
LEAST_WEEKS = 4
LIMIT = 4.0  # spreads away from what is expected
LEAST_SPREAD = 0.10  # of a store's day: less is not believed, however smooth the past
LEAST_STORES = 5  # that tell a movement of the whole chain
TO_SPREAD = 1.4826  # a median absolute deviation in standard deviations of a normal
FALSE_A_DAY = 0.01  # cards flagged wrongly, as the tail of the ordinary ones has it
LEAST_COUNT = 5
TRIMMED = 0.001  # of the card days, the highest, which must not teach what is ordinary
LEAST_RETURNS = 5


@dataclass(frozen=True, slots=True)
class Days:
    """
    Shape (days, stores) each: what was expected, the interval it should lie in, and how many spreads it is away.

    NaN: no answer (fewer than four same weekdays known). `is_odd` is False there.
    """

    expected: Floats
    low: Floats
    high: Floats
    away: Floats

    @property
    def is_odd(self) -> NDArray[np.bool_]:
        return np.abs(np.nan_to_num(self.away)) > LIMIT


def store_days(values: Floats) -> Days:
    """
    Compare every day of every store with the median of the same weekday of the eight weeks before.

    values: shape (days, stores), consecutive days, 0 or more; NaN before a store opened. What moves all stores alike (a holiday,
    a snow storm) is taken out: the median over stores, where at least five have an answer. Raises ValueError on another shape
    or values below 0.
    """
    if values.ndim != 2 or (values < 0).any():
        raise ValueError(f"need days x stores of values from 0, got shape {values.shape}")
    base, known = _weekday_medians(values)
    with np.errstate(invalid="ignore"):
        moved = np.log((values + 1) / (base + 1))
    moved[~known | np.isnan(values)] = np.nan
    common = _row_medians(moved, LEAST_STORES)[:, None]
    own = moved - common
    spread = _spreads(own)
    spread = np.maximum(spread, np.maximum(LEAST_SPREAD, 1 / np.sqrt(base + 1)))
    middle = (base + 1) * np.exp(common)
    return Days(
        middle - 1,
        np.maximum(middle * np.exp(-LIMIT * spread) - 1, 0),
        middle * np.exp(LIMIT * spread) - 1,
        own / spread,
    )


def return_days(returns: Floats, orders: Floats) -> Days:
    """
    Compare the returns of every day with the store's usual share of orders; shapes (days, stores), NaN before it opened.

    The share is the median of the last eight weeks' shares, week by week; spread is that of a binomial, twice as wide. Only too
    many are odd, from five returns on.
    """
    if returns.shape != orders.shape or returns.ndim != 2:
        raise ValueError(f"need returns and orders of one shape: {returns.shape}, {orders.shape}")
    days = returns.shape[0]
    shares = np.full((WEEKS, *returns.shape), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        for week in range(1, WEEKS + 1):
            for day in range(7 * week, days):
                rows = slice(day - 7 * week, day - 7 * week + 7)
                shares[week - 1, day] = returns[rows].sum(axis=0) / orders[rows].sum(axis=0)
    known = (~np.isnan(shares)).sum(axis=0) >= LEAST_WEEKS
    usual = np.full(returns.shape, np.nan)
    usual[known] = np.nanmedian(shares[:, known], axis=0)
    usual = np.clip(usual, 0.002, 0.5)
    spread = 2 * np.sqrt(orders * usual * (1 - usual) + 1)
    expected = orders * usual
    away = np.where(returns >= LEAST_RETURNS, np.maximum((returns - expected) / spread, 0), np.where(known, 0.0, np.nan))
    return Days(expected, np.zeros(returns.shape), expected + LIMIT * spread, np.where(known, away, np.nan))


def card_limit(counts: Ints) -> int | None:
    """
    Return from how many times a day a card is odd; None when nothing is known.

    counts: of every card seen on a day, 1 or more, shape (n,). How often they came again is taken as geometric, its mean from all
    but the highest thousandth; the limit is where that tail leaves 0.01 card, and at least 5. Raises ValueError on
    counts below 1.
    """
    if not counts.size:
        return None
    if counts.min() < 1:
        raise ValueError(f"a card that was seen was seen once or more, got {counts.min()}")
    ordered = np.sort(counts)
    trimmed = ordered[: max(1, int(np.floor(ordered.size * (1 - TRIMMED))))]
    mean = float((trimmed - 1).mean())
    if mean == 0:
        return LEAST_COUNT
    again = mean / (1 + mean)
    return max(LEAST_COUNT, 1 + int(np.ceil(np.log(FALSE_A_DAY / counts.size) / np.log(again))))


def _weekday_medians(values: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the median of the same weekday in the weeks before, and where enough of them are known."""
    past = np.full((WEEKS, *values.shape), np.nan)
    for week in range(1, WEEKS + 1):
        past[week - 1, 7 * week :] = values[: -7 * week or None][: max(values.shape[0] - 7 * week, 0)]
    known = (~np.isnan(past)).sum(axis=0) >= LEAST_WEEKS
    base = np.full(values.shape, np.nan)
    if known.any():
        base[known] = np.nanmedian(past[:, known], axis=0)
    return base, known


def _row_medians(moved: Floats, least: int) -> Floats:
    """Return the median of each row; 0 where fewer than `least` are known."""
    found = np.zeros(moved.shape[0])
    enough = (~np.isnan(moved)).sum(axis=1) >= least
    if enough.any():
        found[enough] = np.nanmedian(moved[enough], axis=1)
    return found


def _spreads(own: Floats) -> Floats:
    """Return the robust spread of the days in the eight weeks before each day, per store; 0 where too few are known."""
    found = np.zeros(own.shape)
    for day in range(own.shape[0]):
        window = np.abs(own[max(0, day - 7 * WEEKS) : day])
        enough = (~np.isnan(window)).sum(axis=0) >= 7 * 2
        if enough.any():
            found[day, enough] = TO_SPREAD * np.nanmedian(window[:, enough], axis=0)
    return found
