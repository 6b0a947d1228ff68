"""
Tier schemes as tables: by share of a ranking, by thresholds of inputs, or by a grid of two bands (docs/algorithms/tiers.md).

A tier is its place in the scheme's table: 0 is the best. The table is checked before it is saved, so sorting people never fails
for want of a tier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Places = npt.NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class ShareTier:
    """code: stored, never shown. share: of all ranked persons, 0..1."""

    code: str
    share: float


@dataclass(frozen=True, slots=True)
class ThresholdTier:
    """
    A person belongs to the first tier whose inputs are all at least, and at most, so much; the last tier asks for nothing.
    """

    code: str
    at_least: Mapping[str, float]
    at_most: Mapping[str, float] = field(default_factory=dict)


# R18: the band of the RFM total (high, middle, low) by whether the CLV is among the top 20 %.
GRID_HIGH_CLV = ("HIGH_ACTIVE", "PROMISING", "HIGH_AT_RISK")
GRID_OTHER_CLV = ("STEADY", "LOW_VALUE", "WIN_BACK")
GRID_CODES = GRID_HIGH_CLV + GRID_OTHER_CLV
GRID_RFM_HIGH = 12  # total at least
GRID_RFM_MIDDLE = 8
GRID_CLV_SHARE = 0.20


class SchemeInvalid(Exception):
    """A scheme's table cannot sort people; `reason` is a stored code, `detail` the offending value."""

    def __init__(self, reason: str, detail: object) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


def check_shares(tiers: Sequence[ShareTier]) -> None:
    """Raise SchemeInvalid unless codes differ, every share is positive and together they make exactly 100 %."""
    _check_codes([tier.code for tier in tiers])
    for tier in tiers:
        if not 0 < tier.share <= 1:
            raise SchemeInvalid("share_out_of_range", tier.share)
    total = round(sum(tier.share for tier in tiers), 9)
    if total != 1:
        raise SchemeInvalid("shares_not_whole", total)


def check_thresholds(tiers: Sequence[ThresholdTier], *, inputs: Sequence[str]) -> None:
    """Raise SchemeInvalid on a missing input, a last tier that asks for something, or a tier that can never be reached."""
    _check_codes([tier.code for tier in tiers])
    for tier in tiers:
        for name, threshold in (*tier.at_least.items(), *tier.at_most.items()):
            if name not in inputs:
                raise SchemeInvalid("input_missing", name)
            if not np.isfinite(threshold):
                raise SchemeInvalid("threshold_not_a_number", name)
        if any(tier.at_most.get(name, np.inf) < least for name, least in tier.at_least.items()):
            raise SchemeInvalid("tier_unreachable", tier.code)
    if tiers[-1].at_least or tiers[-1].at_most:
        raise SchemeInvalid("last_tier_asks", tiers[-1].code)
    for better, worse in pairwise(tiers):
        if all(worse.at_least.get(name, -np.inf) >= least for name, least in better.at_least.items()) and all(
            worse.at_most.get(name, np.inf) <= most for name, most in better.at_most.items()
        ):
            raise SchemeInvalid("tier_unreachable", worse.code)


def tiers_by_thresholds(inputs: Mapping[str, npt.NDArray[np.float64]], tiers: Sequence[ThresholdTier]) -> Places:
    """
    Return the first place whose thresholds are all met. inputs: shape (n,) each; a missing answer (NaN) meets no threshold.

    Raises SchemeInvalid on a bad table, ValueError on unequal shapes or no input at all.
    """
    check_thresholds(tiers, inputs=tuple(inputs))
    if len({values.shape for values in inputs.values()}) != 1:
        raise ValueError("need one value per person and input")
    size = next(iter(inputs.values())).shape
    places = np.full(size, len(tiers) - 1, dtype=np.int8)
    for place in range(len(tiers) - 2, -1, -1):
        meets = np.ones(size, dtype=np.bool_)
        for name, least in tiers[place].at_least.items():
            meets &= inputs[name] >= least
        for name, most in tiers[place].at_most.items():
            meets &= inputs[name] <= most
        places[meets] = place
    return places


def drop_at_most(before: Places, after: Places, *, places: int = 1) -> Places:
    """Return `after`, but nobody falls more than so many places in one run; before -1: was in no tier and is not held."""
    if before.shape != after.shape:
        raise ValueError("need one place before and after per person")
    return np.where(before >= 0, np.minimum(after, before + places), after).astype(np.int8)


def gaps_up(inputs: Mapping[str, float], tiers: Sequence[ThresholdTier], place: int) -> dict[str, float] | None:
    """
    Return what each input still lacks for the next better tier; only inputs that lack something. None: it is the best tier.

    An input without an answer is left out when the tier does not ask for it, and counts as nothing yet when it does.
    """
    if place == 0:
        return None
    wanted = tiers[place - 1].at_least
    have = {name: inputs.get(name, 0.0) for name in wanted}
    return {name: least - have[name] for name, least in wanted.items() if have[name] < least}


def _check_codes(codes: Sequence[str]) -> None:
    if not codes:
        raise SchemeInvalid("no_tiers", 0)
    for code in codes:
        if codes.count(code) > 1:
            raise SchemeInvalid("code_twice", code)
