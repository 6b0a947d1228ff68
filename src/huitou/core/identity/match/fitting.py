"""Which weights to judge by: those given, fitted ones, or the built-in ones; and the pairs of strangers that are fitted to."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.density import lowered, near_shares
from huitou.core.identity.match.features import Features
from huitou.core.identity.match.keys import mixed_all
from huitou.core.identity.match.levels import CONTRADICTION, patterns
from huitou.core.identity.match.model import BUILT_IN, Model, fit
from huitou.core.identity.match.name_marks import Names
from huitou.core.identity.policy import Policy

Ints = npt.NDArray[np.int64]

SMALL = 2_000  # records; fewer are matched in one thread, and never fitted to
_RANDOM_ROWS = 40_000  # records that pairs of strangers are drawn from


def fitted_model(
    distinct: Ints,
    counts: Ints,
    model: Model | None,
    policy: Policy,
    names: Names,
    records: int,
    chance: Mapping[str, float],
    random: Future[Ints] | None,
    sample: Callable[[], Ints],
) -> Model:
    """
    Return the weights to judge by: `model`, or fitted to these patterns, or the built-in ones where there are few.

    sample: returns the rows of the records that pairs of strangers are drawn from.
    """
    if model is not None:
        return model
    if counts.sum() < policy.fit_pairs or records < SMALL:
        told = records if records >= policy.enough_names else 0  # which names are rare is known, whatever the weights
        plain = lowered(BUILT_IN, near_shares(sample()))
        return replace(
            plain,
            version=f"{policy.version}+{BUILT_IN.version}",
            records=told,
            name_counts=names.counted,
            nicknames=names.nicknames,
        )
    version, drawn = f"{policy.version}+fit-{records}", None if random is None else random.result()
    fitted = fit(distinct & (CONTRADICTION - 1), counts, BUILT_IN, version=version, random=drawn, chance=chance)
    return replace(fitted, records=records, name_counts=names.counted, nicknames=names.nicknames)


def random_patterns(features: Features) -> Ints:
    """Return the patterns of pairs drawn by the hashes of their ids, so that the order of the rows does not matter."""
    return stranger_patterns(features.matrix, features.ranks, drawn_rows(features), features.links, features.spans)


def drawn_rows(features: Features) -> Ints:
    return np.flatnonzero(drawn(features.ranks, len(features.ids)))


def drawn(ranks: Ints, records: int) -> npt.NDArray[np.bool_]:
    """Say of each rank whether pairs of strangers are drawn from its record, where there are so many records in all."""
    return np.asarray(mixed_all(ranks) <= np.iinfo(np.int64).max // max(records, _RANDOM_ROWS) * _RANDOM_ROWS, dtype=bool)


def stranger_patterns(matrix: Ints, ranks: Ints, rows: Ints, links: Ints, spans: Ints) -> Ints:
    """Return the patterns of each of these rows with the next two, in the order of their hashed ranks."""
    rows, count = rows[np.argsort(mixed_all(ranks[rows]), kind="stable")], len(matrix)
    left, right = np.concatenate([rows[:-1], rows[:-2]]), np.concatenate([rows[1:], rows[2:]])
    pairs = np.minimum(left, right) * count + np.maximum(left, right)
    found = np.empty(len(pairs), np.int64)
    patterns(matrix, links, spans, pairs, count, found)
    return found & (CONTRADICTION - 1)
