"""The one order of best to least in all tier schemes and lists, and how many a share of it is."""

import math

import numpy as np
import numpy.typing as npt

from huitou.core.distinct import distinct


def best_first(
    goodness: npt.NDArray[np.generic], revenue_fen: npt.NDArray[np.int64], person_ids: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """
    Return the positions from best to least: more goodness, then more revenue, then the lower id (R5). Shapes (n,).

    Raises ValueError on unequal shapes, NaN, or a person who stands there twice.
    """
    if not goodness.shape == revenue_fen.shape == person_ids.shape:
        raise ValueError("need one goodness, revenue and id per person")
    if np.isnan(goodness).any():
        raise ValueError("a goodness is NaN: leave persons without an answer out")
    if distinct(person_ids).size != person_ids.size:
        raise ValueError("a person stands there twice")
    descending = -goodness.astype(np.float64) if goodness.dtype.kind == "f" else -goodness.astype(np.int64)
    return np.lexsort((person_ids, -revenue_fen, descending)).astype(np.int64)


def share_count(share: float, total: int) -> int:
    """Return how many of `total` a share 0..1 is: the nearest whole number, half up. Raises ValueError outside 0..1."""
    if not 0 <= share <= 1:
        raise ValueError(f"a share lies in 0..1, got {share}")
    return math.floor(round(share * total, 6) + 0.5)
