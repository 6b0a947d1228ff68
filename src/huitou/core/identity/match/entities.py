"""From linked pairs to entities: components, cut where they are too large, and the guard inside each."""

from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.match import clusters
from huitou.core.identity.match.features import Features, chunks_of
from huitou.core.identity.match.levels import FIELDS
from huitou.core.identity.match.model import Floats
from huitou.core.identity.match.parse.text import smallest_texts
from huitou.core.identity.policy import Policy

Ints = npt.NDArray[np.int64]

LARGEST_COMPONENT = 120  # records; a larger one is cut at its weaker links before the guard looks at it
SHIFTS = np.array([one.shift for one in FIELDS], np.int64)
MASKS = np.array([(1 << one.bits) - 1 for one in FIELDS], np.int64)
_COMPONENTS = 4_000  # components guarded in one go


def entities_of(
    features: Features,
    pairs: Ints,
    weights: Floats,
    policy: Policy,
    table: Floats,
    priors: Floats,
    forced: Ints,
    values: Floats,
    count: int,
    pool: Executor,
) -> tuple[Ints, Ints]:
    left, right = pairs // max(count, 1), pairs % max(count, 1)
    roots = clusters.roots_of(left, right, count)
    floor = 0.0
    while True:
        sizes = np.bincount(roots, minlength=1)
        if not len(sizes) or sizes.max() <= LARGEST_COMPONENT or floor > 30:
            break
        floor += 1.0
        kept = (sizes[roots[left]] <= LARGEST_COMPONENT) | (weights > floor)
        roots = clusters.roots_of(left[kept], right[kept], count)
    contested = np.zeros(count, np.int64)
    looked = np.flatnonzero(sizes[roots] >= 3) if count else np.empty(0, np.int64)
    if len(looked):
        members = looked[np.argsort(roots[looked], kind="stable")]
        starts = np.append(np.flatnonzero(np.diff(roots[members], prepend=-1)), len(members))

        def guarded(part: Ints) -> None:
            clusters.guard(
                features.matrix, features.links, features.spans, members, part, features.ranks, table, SHIFTS, MASKS, priors,
                policy.doubt, policy.verified_bonus, forced, values, count, policy.tie, roots, contested,
            )  # fmt: skip

        cuts = range(0, len(starts) - 1, _COMPONENTS)
        list(pool.map(guarded, [starts[low : low + _COMPONENTS + 1] for low in cuts]))
    return roots, contested


def named_rows(ids: pa.Array, roots: Ints) -> Ints:
    """Return for each record the row of the smallest id of its entity."""
    if not len(ids):
        return roots
    if pa.types.is_integer(ids.type):
        values = np.asarray(ids, dtype=np.int64)
        order = np.argsort(values, kind="stable")
        smallest = np.full(len(ids), -1, np.int64)
        smallest[roots[order[::-1]]] = order[::-1]
        return smallest[roots]
    smallest = np.full(len(ids), -1, np.int64)
    for _, _, offsets, data, _ in chunks_of(pa.chunked_array([ids])):
        smallest_texts(offsets, data, roots, smallest)
    return smallest[roots]
