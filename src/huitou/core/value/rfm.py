"""
RFM: how recently, how often and for how much each person bought, scored 1..5 by rank (docs/algorithms/rfm.md).

Equal values share a score, so the answer depends neither on the order of rows nor on threads. The cut values belong to the
run: by them a touched person is scored again without ranking everybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

BINS = 5
WINDOW_DAYS = 365

Ints = npt.NDArray[np.int64]
Scores = npt.NDArray[np.int8]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Purchases:
    """
    What every buyer of a window did, one entry per person in rising person_id; persons without a purchase have none.

    recency_days: from the last purchase to as_of. orders: purchases that a return did not undo whole. net_fen: whole fen,
    positive, as `net_365d_fen` of the person facts.
    """

    person_ids: Ints
    recency_days: Ints
    orders: Ints
    net_fen: Ints


@dataclass(frozen=True, slots=True)
class Cuts:
    """
    The worst value that still earns each score from 2 to `bins`; None where no value of the run did.

    recency is at most, orders and net_fen are at least.
    """

    recency_days: tuple[int | None, ...]
    orders: tuple[int | None, ...]
    net_fen: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class RfmScores:
    """Scores 1..5 (5 best) beside the purchases they come from, and the cut values of the run."""

    purchases: Purchases
    r: Scores
    f: Scores
    m: Scores
    cuts: Cuts
    as_of: date
    window_days: int

    @property
    def total(self) -> Scores:
        """r + f + m: 3..15."""
        return self.r + self.f + self.m


def purchases(
    person_ids: Ints, order_ids: Ints, business_dates: Dates, amount_fen: Ints, *, as_of: date, window_days: int = WINDOW_DAYS
) -> Purchases:
    """
    Sum documents to persons, net of returns (R1). All shapes (n,), any order of rows.

    order_ids: of the sale; a return or void carries the id of its sale and a negative amount. An order lies in the window by
    the day of its sale (while that is not among the rows, by the day of the first return), if that is in
    [as_of - window_days + 1, as_of]; it is a purchase while something is left of it. What was spent is everything of the window
    together, so also less what was paid back beyond a sale or for a sale that is not known. Documents after as_of are not
    seen; who made no purchase or has nothing left has no row. Raises ValueError on unequal shapes or a window below 1 day.
    """
    if len({person_ids.shape, order_ids.shape, business_dates.shape, amount_fen.shape}) != 1:
        raise ValueError("need one person, order, date and amount per document")
    if window_days < 1:
        raise ValueError(f"a window has at least one day, got {window_days}")
    days_ago = (np.datetime64(as_of, "D") - business_dates.astype("datetime64[D]")).astype(np.int64)
    seen = days_ago >= 0
    keys = np.stack([person_ids[seen], order_ids[seen]], axis=1)
    orders, inverse = np.unique(keys, axis=0, return_inverse=True)
    inverse = inverse.reshape(-1)
    net = np.zeros(len(orders), dtype=np.int64)
    np.add.at(net, inverse, amount_fen[seen])
    ago = _order_days_ago(inverse, amount_fen[seen] > 0, days_ago[seen], count=len(orders))
    inside = ago < window_days
    persons, index = np.unique(orders[inside, 0], return_inverse=True)
    spent = np.zeros(len(persons), dtype=np.int64)
    np.add.at(spent, index, net[inside])
    is_bought = net[inside] > 0
    bought = np.bincount(index[is_bought], minlength=len(persons)).astype(np.int64)
    recency = np.full(len(persons), window_days, dtype=np.int64)
    np.minimum.at(recency, index[is_bought], ago[inside][is_bought])
    buys = (bought > 0) & (spent > 0)
    return Purchases(persons[buys], recency[buys], bought[buys], spent[buys])


def _order_days_ago(order: Ints, is_sale: npt.NDArray[np.bool_], days_ago: Ints, *, count: int) -> Ints:
    """Return how long ago each order was sold; of one without a sale, its first return."""
    sold, first = (np.full(count, -1, dtype=np.int64) for _ in range(2))
    np.maximum.at(sold, order[is_sale], days_ago[is_sale])
    np.maximum.at(first, order, days_ago)
    return np.where(sold >= 0, sold, first)


def rank_scores(values: npt.NDArray[np.generic], *, bins: int = BINS, high_is_good: bool = True) -> Scores:
    """
    Score every value 1..bins by the middle of its rank; equal values always share a score, one value alone scores the middle.

    values: shape (n,) of integers or floats without NaN. Raises ValueError on empty input, NaN, or bins outside 2..100.
    """
    if not 2 <= bins <= 100 or values.size == 0 or np.isnan(values).any():
        raise ValueError(f"need 2 to 100 bins and values without NaN: {bins=} n={values.size}")
    ordered = np.sort(values)
    below = np.searchsorted(ordered, values, side="left")
    up_to = np.searchsorted(ordered, values, side="right")
    twice_rank = below + up_to if high_is_good else 2 * values.size - below - up_to
    return (twice_rank * bins // (2 * values.size) + 1).astype(np.int8)


def rfm(table: Purchases, *, as_of: date, window_days: int = WINDOW_DAYS) -> RfmScores | None:
    """Score all buyers of a window; None when nobody bought. as_of and window_days are those the purchases were summed with."""
    if table.person_ids.size == 0:
        return None
    r = rank_scores(table.recency_days, high_is_good=False)
    f = rank_scores(table.orders)
    m = rank_scores(table.net_fen)
    cuts = Cuts(
        _cuts(table.recency_days, r, high_is_good=False),
        _cuts(table.orders, f, high_is_good=True),
        _cuts(table.net_fen, m, high_is_good=True),
    )
    return RfmScores(table, r, f, m, cuts, as_of, window_days)


def scores_by_cuts(values: Ints, cuts: Sequence[int | None], *, high_is_good: bool = True) -> Scores:
    """Score values by a run's cuts; the values of that run get the scores they had."""
    scores = np.ones(values.shape, dtype=np.int8)
    for score, cut in enumerate(cuts, start=2):
        if cut is not None:
            scores[values >= cut if high_is_good else values <= cut] = score
    return scores


def _cuts(values: Ints, scores: Scores, *, high_is_good: bool) -> tuple[int | None, ...]:
    found: list[int | None] = []
    for score in range(2, BINS + 1):
        of_score = values[scores == score]
        found.append(None if of_score.size == 0 else int(of_score.min() if high_is_good else of_score.max()))
    return tuple(found)
