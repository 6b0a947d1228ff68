"""The best few per person."""

import numpy as np

from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints


def best_of_each(persons: Ints, scores: Floats, items: Ints, top: int) -> tuple[Ints, Ints]:
    """
    Return the positions of the `top` highest scores of each person, by rising person then falling score, and their ranks 1...

    Shapes (n,); ties by the lower item. Raises ValueError on top < 1 or NaN.
    """
    if top < 1:
        raise ValueError(f"need at least one per person, got {top}")
    if np.isnan(scores).any():
        raise ValueError("a score is NaN")
    order = np.lexsort((items, -scores, persons))
    ordered = persons[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])) if ordered.size else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.append(starts, ordered.size))
    rank = np.arange(ordered.size) - np.repeat(starts, lengths)
    kept = rank < top
    return order[kept], rank[kept] + 1
