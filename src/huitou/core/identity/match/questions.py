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

    A record in an entity hangs by its strongest tie; if that is wrong, so are its pairs with all others.
    """
    count = len(found.roots)
    together, sizes = found.roots[left] == found.roots[right], np.bincount(found.roots, minlength=count)
    apart = worth_apart(found, np.arange(len(found.pairs)))
    strongest = np.full(count, -np.inf)
    for side in (left, right):
        np.maximum.at(strongest, side[together], found.weights[together])
    weaker = np.where(strongest[left] <= strongest[right], left, right)
    hangs = together & (found.weights >= strongest[weaker])
    return np.where(together, hangs * (1 - _share(found.weights)) * (sizes[found.roots[left]] - 1), apart), weaker


def worth_apart(found: Match, at: Ints) -> Floats:
    """
    Return how many pairs of records an answer is expected to set right, of the pairs at these places, if they are apart.

    Two entities that are one person miss as many pairs as their sizes multiplied. Who contradicts each other is left apart
    whatever the weights say: the answer expected of them changes nothing, so they are worth 0.
    """
    count = max(len(found.roots), 1)
    left, right = found.roots[found.pairs[at] // count], found.roots[found.pairs[at] % count]
    sizes = np.bincount(found.roots, minlength=count)
    chance = np.where(found.patterns[at] & CONTRADICTION == 0, _share(found.weights[at]), 0.0)
    return np.asarray(chance * sizes[left] * sizes[right], dtype=np.float64)


def _share(weights: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(weights, -30, 30))), dtype=np.float64)
