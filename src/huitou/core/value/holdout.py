"""
What a treatment earned, told by who was left out of it by lot. Without such a group there is no answer.

The change of each person (after less before) is compared between the groups, so what the groups were before does not count.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEAST = 30  # persons of each group; below it the interval's normal curve is a guess
Z95 = 1.959963984540054


class NoComparison(Exception):
    """There is nothing to compare with; `reason`: "none" (a group is empty) or "few" (one is smaller than LEAST)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Uplift:
    """Difference of the groups per person, treated less held out, with its 95 % interval; the sizes and means behind it."""

    treated: int
    held: int
    treated_mean: float
    held_mean: float
    difference: float
    low: float
    high: float


def held_out(person_ids: Ints, share: float, seed: int) -> Flags:
    """
    Say who is left out: about `share` (0..1) of all, by a draw that depends on id and seed alone, so that order, size and later
    members change nobody's lot. Shape (n,).
    """
    mixed = person_ids.astype(np.uint64) + np.uint64((seed + 1) * 0x9E3779B97F4A7C15 % (1 << 64))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):  # splitmix64 (Steele, Lea and Flood, 2014)
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    return (mixed >> np.uint64(11)).astype(np.float64) / float(1 << 53) < share


def change_uplift(treated: Floats, held: Floats) -> Uplift:
    """
    Compare the changes of two groups by Welch's standard error. Shapes (n,), (m,). Raises NoComparison.
    """
    _asked(treated.size, held.size)
    difference = float(treated.mean() - held.mean())
    error = float(np.sqrt(treated.var(ddof=1) / treated.size + held.var(ddof=1) / held.size))
    return Uplift(
        treated.size, held.size, float(treated.mean()), float(held.mean()), difference, difference - Z95 * error,
        difference + Z95 * error,
    )  # fmt: skip


def rate_uplift(treated: int, treated_hits: int, held: int, held_hits: int) -> Uplift:
    """
    Compare two shares (who clicked, who bought) by Newcombe's interval from Wilson's (1998, method 10). Raises NoComparison,
    ValueError on more hits than persons.
    """
    _asked(treated, held)
    if not (0 <= treated_hits <= treated and 0 <= held_hits <= held):
        raise ValueError(f"{treated_hits} of {treated}, {held_hits} of {held}")
    one, other = treated_hits / treated, held_hits / held
    one_low, one_high = _wilson(one, treated)
    other_low, other_high = _wilson(other, held)
    below = np.hypot(one - one_low, other_high - other)
    above = np.hypot(one_high - one, other - other_low)
    return Uplift(treated, held, one, other, one - other, one - other - float(below), one - other + float(above))


def _asked(treated: int, held: int) -> None:
    if not treated or not held:
        raise NoComparison("none")
    if min(treated, held) < LEAST:
        raise NoComparison("few")


def _wilson(share: float, size: int) -> tuple[float, float]:
    middle = share + Z95**2 / (2 * size)
    reach = Z95 * float(np.sqrt(share * (1 - share) / size + Z95**2 / (4 * size**2)))
    scale = 1 + Z95**2 / size
    return (middle - reach) / scale, (middle + reach) / scale
