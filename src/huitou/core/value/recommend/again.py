"""The list "buys again" of many customers at once."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.exclusions import JUST_BOUGHT, Exclusions
from huitou.core.value.recommend.habits import Habits, gap_days
from huitou.core.value.recommend.history import History, Ints
from huitou.core.value.recommend.ordering import best_of_each

DUE_FROM = 0.8  # of the own rhythm


class AgainReason(StrEnum):
    """Why something is on the list. Stored codes."""

    DUE = "due"  # the own rhythm says that it is time
    OFTEN = "often"  # bought again and again, not due yet
    ONCE = "once"  # bought once, and others buy it again


@dataclass(frozen=True, slots=True)
class Again:
    """
    Rows by rising person id, best first (rank 1..). chance: that it is in the next basket, 0..1.

    times: days with the item so far; days_ago: since the newest; gap_days: mean between them, NaN when bought once.
    excluded: reason -> candidates left out.
    """

    person_ids: Ints
    item_ids: Ints
    rank: Ints
    chance: Floats
    reason: NDArray[np.str_]
    times: Ints
    days_ago: Ints
    gap_days: Floats
    excluded: dict[str, int]


def again(habits: Habits, book: History, top: int, exclusions: Exclusions | None = None) -> Again:
    """
    Return at most `top` items per person of the history, at its last day; ties by the lower item id.

    book may hold any part of the customers: nothing about one depends on another's rows, so a million go through in blocks.
    """
    rules = exclusions or Exclusions()
    pairs, chances = habits.chances(book)
    persons, items = book.persons[pairs.person], book.items[pairs.item]
    out, excluded = rules.of_pairs(persons, items)
    fresh = (book.last_day - pairs.last < rules.recent_days) & ~out if rules.recent_days else np.zeros(out.size, dtype=np.bool_)
    excluded[JUST_BOUGHT] = int(fresh.sum())
    kept = np.flatnonzero(~(out | fresh))
    chosen, rank = best_of_each(persons[kept], chances[kept], items[kept], top)
    at = kept[chosen]
    silence, gap = book.last_day - pairs.last[at], gap_days(pairs)[at]
    times = pairs.times[at]
    reason = np.where(times == 1, AgainReason.ONCE, np.where(silence >= DUE_FROM * gap, AgainReason.DUE, AgainReason.OFTEN))
    return Again(
        persons[at], items[at], rank, chances[at], reason.astype(np.str_), times.astype(np.int64), silence,
        np.where(times > 1, gap, np.nan), excluded,
    )  # fmt: skip
