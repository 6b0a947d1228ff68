"""Which values occur in a long array and how often: few distinct ones, so a small hash table beats sorting."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.keys import tallied

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Tally:
    """distinct: sorted values; counts: how often each occurs; of a part of the array also which of them each value is."""

    distinct: Ints
    counts: Ints
    places: Ints


def tally(values: Ints) -> Tally:
    """Count an array of numbers from 0 on."""
    places, distinct, counts = (np.empty(len(values), np.int64) for _ in range(3))
    found = tallied(values, places, distinct, counts)
    order = np.argsort(distinct[:found])
    rank = np.empty(found, np.int64)
    rank[order] = np.arange(found)
    return Tally(distinct[:found][order], counts[:found][order], rank[places])


def summed(tallies: Sequence[Tally]) -> tuple[Ints, Ints, list[Ints]]:
    """Return the distinct values of all parts, sorted, how often each occurs, and where those of each part stand among them."""
    values, often = (np.concatenate([np.empty(0, np.int64), *columns]) for columns in (
        [one.distinct for one in tallies], [one.counts for one in tallies],
    ))  # fmt: skip
    distinct, inverse = np.unique(values, return_inverse=True)
    counts = np.zeros(len(distinct), np.int64)
    np.add.at(counts, inverse, often)
    ends = np.cumsum([len(one.distinct) for one in tallies])
    return distinct, counts, [inverse[end - len(one.distinct) : end] for one, end in zip(tallies, ends, strict=True)]
