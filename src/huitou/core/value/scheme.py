"""
A tier scheme as one checked table: what people are measured by, the tiers with what they mean, and how steady they are.

Three kinds: shares of a ranking, thresholds of inputs, and the grid of RFM by CLV (docs/algorithms/tiers.md). `scheme_read`
takes the stored JSON and refuses what cannot sort people, so that sorting never fails for want of a tier.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from huitou.core.labels import Label
from huitou.core.value.inputs import INPUTS, InputUnit, is_custom
from huitou.core.value.tiers import (
    GRID_CLV_SHARE,
    GRID_CODES,
    GRID_RFM_HIGH,
    GRID_RFM_MIDDLE,
    SchemeInvalid,
    ShareTier,
    ThresholdTier,
    check_shares,
    check_thresholds,
)

MOST_TIERS = 12
_CODE = re.compile(r"[A-Z][A-Z0-9_]{0,23}")
_LONGEST = 200


class Kind(StrEnum):
    """How people are sorted."""

    SHARES = "shares"
    THRESHOLDS = "thresholds"
    GRID = "grid"


class Recut(StrEnum):
    """When the edges between tiers are drawn anew; between two cuts people move over edges that stand still."""

    MONTHLY = "monthly"
    NIGHTLY = "nightly"


@dataclass(frozen=True, slots=True)
class Tier:
    """
    One tier, best first in its scheme. share: kind shares only; at_least and at_most: kind thresholds only.

    cost_fen: what the service may cost per person and month; None: no cap.
    """

    code: str
    label: Label
    goal: Label
    service: Label
    upgrade: Label
    cost_fen: int | None = None
    share: float | None = None
    at_least: Mapping[str, float] = field(default_factory=dict)
    at_most: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    A whole scheme.

    weights: kind shares: input -> weight; several must make 1 and be scores of 0..100. keep_margin: who would fall stays
    while the rank is at most this share below the edge (0: off). drop_at_most: how many tiers a person may fall in one run
    (0: any). mood_below: whose mood is lower stands one tier lower (None: off).
    """

    code: str
    label: Label
    kind: Kind
    tiers: tuple[Tier, ...]
    weights: Mapping[str, float] = field(default_factory=dict)
    recut: Recut = Recut.MONTHLY
    keep_margin: float = 0.0
    drop_at_most: int = 0
    mood_below: float | None = None
    rfm_high: int = GRID_RFM_HIGH
    rfm_middle: int = GRID_RFM_MIDDLE
    clv_share: float = GRID_CLV_SHARE

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(tier.code for tier in self.tiers)

    @property
    def inputs(self) -> tuple[str, ...]:
        """The inputs it asks for, by name."""
        if self.kind is Kind.GRID:
            return ("clv_12m_fen", "rfm_total")
        asked = set(self.weights) if self.kind is Kind.SHARES else set()
        if self.kind is Kind.THRESHOLDS:
            asked = {name for tier in self.tiers for name in (*tier.at_least, *tier.at_most)}
        return tuple(sorted(asked | ({"mood"} if self.mood_below is not None else set())))

    @property
    def custom_inputs(self) -> frozenset[str]:
        """Those of its inputs that a chain defined itself."""
        return frozenset(filter(is_custom, self.inputs))

    @property
    def looks_back(self) -> bool:
        """Whether the tier of today depends on the tier before."""
        return self.keep_margin > 0 or self.drop_at_most > 0

    def share_tiers(self) -> tuple[ShareTier, ...]:
        return tuple(ShareTier(tier.code, tier.share or 0.0) for tier in self.tiers)

    def threshold_tiers(self) -> tuple[ThresholdTier, ...]:
        return tuple(ThresholdTier(tier.code, tier.at_least, tier.at_most) for tier in self.tiers)


def check_scheme(scheme: Scheme) -> None:
    """Raise SchemeInvalid with a reason code and the offending value when the table cannot sort people."""
    if len(scheme.tiers) > MOST_TIERS:
        raise SchemeInvalid("too_many_tiers", len(scheme.tiers))
    for tier in scheme.tiers:
        if not _CODE.fullmatch(tier.code):
            raise SchemeInvalid("bad_code", tier.code)
        if tier.cost_fen is not None and tier.cost_fen < 0:
            raise SchemeInvalid("negative_cost", tier.code)
    for name in scheme.inputs:
        if name not in INPUTS and not is_custom(name):
            raise SchemeInvalid("input_missing", name)
    if not 0 <= scheme.keep_margin <= 1:
        raise SchemeInvalid("margin_out_of_range", scheme.keep_margin)
    if scheme.drop_at_most < 0:
        raise SchemeInvalid("drop_out_of_range", scheme.drop_at_most)
    if scheme.mood_below is not None and not -1 <= scheme.mood_below <= 1:
        raise SchemeInvalid("mood_out_of_range", scheme.mood_below)
    match scheme.kind:
        case Kind.SHARES:
            _check_weights(scheme.weights)
            check_shares(scheme.share_tiers())
        case Kind.THRESHOLDS:
            if not scheme.inputs:
                raise SchemeInvalid("no_inputs", 0)
            check_thresholds(scheme.threshold_tiers(), inputs=scheme.inputs)
        case Kind.GRID:
            _check_grid(scheme)


def _check_weights(weights: Mapping[str, float]) -> None:
    if not weights:
        raise SchemeInvalid("no_inputs", 0)
    for name, weight in weights.items():
        if not math.isfinite(weight) or not 0 < weight <= 1:
            raise SchemeInvalid("weight_out_of_range", name)
        if len(weights) > 1 and (is_custom(name) or INPUTS[name].unit is not InputUnit.HUNDRED):
            raise SchemeInvalid("weight_not_mixable", name)
    total = round(sum(weights.values()), 9)
    if total != 1:
        raise SchemeInvalid("weights_not_whole", total)


def _check_grid(scheme: Scheme) -> None:
    if scheme.codes != GRID_CODES:
        raise SchemeInvalid("grid_codes", ", ".join(scheme.codes))
    if not 3 < scheme.rfm_middle < scheme.rfm_high <= 15:
        raise SchemeInvalid("bands_out_of_order", f"{scheme.rfm_middle}, {scheme.rfm_high}")
    if not 0 < scheme.clv_share < 1:
        raise SchemeInvalid("share_out_of_range", scheme.clv_share)


def scheme_json(scheme: Scheme) -> dict[str, Any]:
    """Return the stored form; `scheme_read` gives the same scheme back."""
    return {
        "code": scheme.code,
        "label": _label_json(scheme.label),
        "kind": scheme.kind.value,
        "weights": dict(scheme.weights),
        "recut": scheme.recut.value,
        "keep_margin": scheme.keep_margin,
        "drop_at_most": scheme.drop_at_most,
        "mood_below": scheme.mood_below,
        "rfm_high": scheme.rfm_high,
        "rfm_middle": scheme.rfm_middle,
        "clv_share": scheme.clv_share,
        "tiers": [
            {
                "code": tier.code,
                **{name: _label_json(getattr(tier, name)) for name in ("label", "goal", "service", "upgrade")},
                "cost_fen": tier.cost_fen,
                "share": tier.share,
                "at_least": dict(tier.at_least),
                "at_most": dict(tier.at_most),
            }
            for tier in scheme.tiers
        ],
    }


def scheme_read(stored: Mapping[str, Any]) -> Scheme:
    """Read and check the stored form. Raises SchemeInvalid."""
    try:
        scheme = Scheme(
            code=str(stored["code"]),
            label=_label(stored["label"]),
            kind=Kind(stored["kind"]),
            tiers=tuple(_tier(row) for row in stored["tiers"]),
            weights=_numbers(stored["weights"]),
            recut=Recut(stored["recut"]),
            keep_margin=float(stored["keep_margin"]),
            drop_at_most=int(stored["drop_at_most"]),
            mood_below=None if stored["mood_below"] is None else float(stored["mood_below"]),
            rfm_high=int(stored["rfm_high"]),
            rfm_middle=int(stored["rfm_middle"]),
            clv_share=float(stored["clv_share"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise SchemeInvalid("unreadable", str(error)) from error
    check_scheme(scheme)
    return scheme


def _tier(row: Mapping[str, Any]) -> Tier:
    return Tier(
        code=str(row["code"]),
        label=_label(row["label"]),
        goal=_label(row["goal"]),
        service=_label(row["service"]),
        upgrade=_label(row["upgrade"]),
        cost_fen=None if row["cost_fen"] is None else int(row["cost_fen"]),
        share=None if row["share"] is None else float(row["share"]),
        at_least=_numbers(row["at_least"]),
        at_most=_numbers(row["at_most"]),
    )


def _numbers(stored: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): float(value) for name, value in stored.items()}


def _label(stored: Sequence[str]) -> Label:
    zh, en = (str(text).strip()[:_LONGEST] for text in stored)
    return Label(zh, en)


def _label_json(label: Label) -> list[str]:
    return [label.zh, label.en]
