"""
Numbers that are near each other by chance: where cards or phones are given out in order, a near number is another number.

Fitted weights learn it from the data; the built-in ones, which small data are judged by, are lowered here.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import log

import numpy as np
import numpy.typing as npt

from huitou.core.distinct import distinct
from huitou.core.identity.match import fields as f
from huitou.core.identity.match.levels import FIELDS
from huitou.core.identity.match.model import Model

Ints = npt.NDArray[np.int64]

_SLIPS = 0.02  # of two numbers of one person that differ in writing, so many are near each other
_NUMBERS = {"phone": (f.PHONE, 10, 11), "card": (f.CARD_CODE, 36, 12)}  # column, base, figures


def near_shares(matrix: Ints) -> dict[str, float]:
    """Return for phones and cards the share of pairs of distinct whole numbers that are near by chance (0..1)."""
    return {name: _near_share(matrix[:, column], base, width) for name, (column, base, width) in _NUMBERS.items()}


def lowered(model: Model, shares: Mapping[str, float]) -> Model:
    """Return the model with the weight of a near number no higher than such shares of chance allow, and no lower than "other"."""
    weights = dict(model.weights)
    for name, share in shares.items():
        levels = next(one.levels for one in FIELDS if one.name == name)
        near, other, table = levels.index("near"), levels.index("other"), list(weights[name])
        if share > 0:
            table[near] = max(table[other], min(table[near], round(log(_SLIPS / share), 6)))
            weights[name] = tuple(table)
    return replace(model, weights=weights)


def _near_share(column: Ints, base: int, width: int) -> float:
    """Count, place by place, distinct numbers that differ there only; two such may be a slip of the pen, three are an order."""
    numbers, pairs = distinct(column[(column > 0) & (column < 1 << 62)]), 0.0
    for place in range(width):
        step = base**place
        _, sizes = np.unique(numbers - numbers // step % base * step, return_counts=True)
        runs = sizes[sizes >= 3].astype(np.float64)
        pairs += float((runs * (runs - 1) / 2).sum())
    return pairs / max(len(numbers) * (len(numbers) - 1) / 2, 1.0)
