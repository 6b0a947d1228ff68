"""The pieces of a text that decided about it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.value.text.grams import Ints


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a cleaned text: where it starts, and how much it spoke for the text being content (below 0: against)."""

    text: str
    start: int
    weight: float


def strongest(text: str, starts: Ints, sizes: Ints, weights: npt.NDArray[np.float64], *, most: int) -> list[Piece]:
    """
    Return up to `most` pieces of two and more characters, the strongest first, the earlier of equals; none overlaps another.

    starts, sizes, weights: shape (n,), one entry per candidate.
    """
    found: list[Piece] = []
    for place in np.lexsort((starts, -np.abs(weights))).tolist():
        start, size, weight = int(starts[place]), int(sizes[place]), float(weights[place])
        if len(found) == most or weight == 0:
            break
        if size > 1 and not _overlaps(found, start, size):
            found.append(Piece(text[start : start + size], start, weight))
    return found


def _overlaps(found: Sequence[Piece], start: int, size: int) -> bool:
    return any(start < one.start + len(one.text) and one.start < start + size for one in found)
