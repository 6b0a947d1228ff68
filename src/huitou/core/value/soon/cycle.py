"""
When the next purchase is due: of a customer, or of a customer in a category (S74).

The logarithm of the days between purchases is normal; a rhythm of which little is known is drawn to that of its group (the
category, or everybody). The date is the median of what is left, given the silence so far. Source: docs/algorithms/soon.md.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats, totals
from huitou.core.value.clv.ledger import Ints

LEAST_GAPS = 20  # in a group, before it tells a rhythm
UNLIKELY = 0.05  # silence that fewer than one in twenty gaps reach: the rhythm has ended
SMALLEST_SPREAD = 0.05  # variance of the logarithm: even a clockwork is a day early or late


class NoDate(StrEnum):
    """Why a customer has no next date. Stored codes."""

    ONCE = "once"  # and the group tells no rhythm either
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Cycles:
    """
    One entry per key that occurs, ascending: typical days between purchases and days from the last day to the next purchase.

    days_left: the median, at least 1; NaN where `reason` says why there is none. low, high: 10 % and 90 %. gaps: how many are
    known.
    """

    keys: Ints
    cycle_days: Floats
    days_left: Floats
    low: Floats
    high: Floats
    gaps: Ints
    reason: NDArray[np.str_]


def cycles(keys: Ints, groups: Ints, days: Ints, last_day: int) -> Cycles:
    """
    Return the rhythm of every key.

    keys: a customer, or a customer and category in one number; groups: which rhythm to draw it to, one per key; days: of
    purchase, as numbers. All shapes (n,), any order; rows of the same key and day are one purchase. Days after last_day are not
    seen.
    Raises ValueError on unequal shapes or when a key has two groups.
    """
    if not keys.shape == groups.shape == days.shape:
        raise ValueError(f"need one group and day per key: {keys.shape}, {groups.shape}, {days.shape}")
    past = days <= last_day
    unique, at = np.unique(keys[past], return_inverse=True)
    group_of = np.zeros(unique.size, dtype=np.int64)
    group_codes = np.unique(groups[past], return_inverse=True)[1]
    group_of[at] = group_codes
    if (group_of[at] != group_codes).any():
        raise ValueError("a key belongs to one group")
    first = int(days[past].min()) if at.size else last_day
    span = last_day - first + 1
    at, ago = np.divmod(distinct(at * span + (days[past] - first)), span)
    again = np.flatnonzero(at[1:] == at[:-1]) + 1
    logs = np.log((ago[again] - ago[again - 1]).astype(np.float64))
    last = np.zeros(unique.size)
    last[at] = ago + first  # rows are sorted, so the last one stays
    counts = totals(at[again], unique.size)
    mean, spread, known = _rhythms(at[again], logs, group_of, counts)

    silence = last_day - last
    waited = outlasted_share(silence, mean, spread)
    left = [days_left(silence, mean, spread, share) for share in (0.1, 0.5, 0.9)]
    reason = np.where(~known, NoDate.ONCE.value, np.where(1 - waited < UNLIKELY, NoDate.SILENT.value, ""))
    low, median, high = (np.where(reason == "", np.maximum(days, 1.0), np.nan) for days in left)
    return Cycles(unique, np.where(known, np.exp(mean), np.nan), median, low, high, counts.astype(np.int64), reason)


def outlasted_share(silence: Floats, mean: Floats, spread: Floats) -> Floats:
    """Return the share of gaps that are shorter than a silence (days); mean and spread of their logarithm. Shapes (n,)."""
    from scipy import special

    late = np.where(silence > 0, (np.log(np.maximum(silence, 0.5)) - mean) / spread, -np.inf)
    return np.asarray(special.ndtr(late), dtype=np.float64)


def days_left(silence: Floats, mean: Floats, spread: Floats, share: float) -> Floats:
    """Return after how many more days `share` (0..1) of those who were silent so long have come. Shapes as outlasted_share."""
    from scipy import special

    waited = outlasted_share(silence, mean, spread)
    return np.asarray(np.exp(mean + spread * special.ndtri(waited + share * (1 - waited))) - silence, dtype=np.float64)


def _rhythms(at: Ints, logs: Floats, group_of: Ints, counts: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return mean and spread per key, drawn to its group's, and whether anything is known."""
    size, group_size = counts.size, int(group_of.max()) + 1 if group_of.size else 0
    group_counts = totals(group_of[at], group_size)
    sums, squares = totals(at, size, logs), totals(at, size, logs**2)
    inner = squares - sums**2 / np.maximum(counts, 1)  # around the key's own mean
    free = totals(group_of, group_size, np.maximum(counts - 1, 0))
    within = np.maximum(totals(group_of, group_size, inner) / np.maximum(free, 1), SMALLEST_SPREAD)
    own_mean, knows = sums / np.maximum(counts, 1), (counts > 0).astype(np.float64)
    keys_known = np.maximum(totals(group_of, group_size, knows), 1)
    group_mean = totals(group_of, group_size, own_mean) / keys_known  # per key: those who come often must not count more
    scatter = totals(group_of, group_size, knows * (own_mean - group_mean[group_of]) ** 2) / keys_known
    noise = within * totals(group_of, group_size, knows / np.maximum(counts, 1)) / keys_known
    between = np.maximum(scatter - noise, 0.01)
    told = group_counts >= LEAST_GAPS
    weight = np.where(told, within / between, 0.0)[group_of]  # gaps' worth of belief in the group
    total = np.maximum(counts + weight, 1e-12)
    mean = (sums + weight * group_mean[group_of]) / total
    own_weight = np.where(told, 4.0, 0.0)[group_of]
    variance = (inner + own_weight * within[group_of]) / np.maximum(np.maximum(counts - 1, 0) + own_weight, 1)
    return mean, np.sqrt(np.maximum(variance, SMALLEST_SPREAD)), (counts > 0) | told[group_of]
