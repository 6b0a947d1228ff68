"""Which pairs to ask a person about: those whose answers set most pairs of records right."""

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.engine import Match
from huitou.core.identity.match.levels import CONTRADICTION

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def questions(found: Match, count: int) -> Ints:
    """Return the places (in `found.pairs`) of pairs to ask about, the most useful first, of no record or two entities twice."""
    left, right = found.pairs // max(len(found.roots), 1), found.pairs % max(len(found.roots), 1)
    worth, weaker = _worth(found, left, right)
    roots = found.roots
    seen, chosen = set[tuple[int, int]](), list[int]()
    for at in np.argsort(-np.round(worth, 9), kind="stable").tolist():
        if len(chosen) >= count or worth[at] <= 0:
            break
        one, two = int(roots[left[at]]), int(roots[right[at]])
        asked = (int(weaker[at]), -1) if one == two else (min(one, two), max(one, two))
        if asked not in seen:
            seen.add(asked)
            chosen.append(at)
    return np.array(chosen, np.int64)


def _worth(found: Match, left: Ints, right: Ints) -> tuple[Floats, Ints]:
    """
    Return how many pairs of records an answer is expected to set right, and the side of each pair that hangs by less.

    Two entities that are one person miss as many pairs as their sizes multiplied. A record in an entity hangs by its strongest
    tie; if that is wrong, so are its pairs with all others.
    """
    count = len(found.roots)
    together, sizes = found.roots[left] == found.roots[right], np.bincount(found.roots, minlength=count)
    share = 1 / (1 + np.exp(-np.clip(found.weights, -30, 30)))
    apart = np.where(found.patterns & CONTRADICTION == 0, share, 0.0) * sizes[found.roots[left]] * sizes[found.roots[right]]
    strongest = np.full(count, -np.inf)
    for side in (left, right):
        np.maximum.at(strongest, side[together], found.weights[together])
    weaker = np.where(strongest[left] <= strongest[right], left, right)
    hangs = together & (found.weights >= strongest[weaker])
    return np.where(together, hangs * (1 - share) * (sizes[found.roots[left]] - 1), apart), weaker
