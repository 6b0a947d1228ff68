"""
Which pairs are worth comparing: records that share a key of one of the BLOCKS.

Keys are hashed, packed with the row into one int64 and sorted; equal neighbours are a block.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.match.crowds import Crowds
from huitou.core.identity.match.features import gather
from huitou.core.identity.match.notes import FEW
from huitou.core.identity.match.row_keys import BLOCKS, IDENTIFIERS, RARE, packed_codes, rare_keys, stretch_keys, whole_keys
from huitou.core.identity.match.runs import pairs_of, sorted_runs
from huitou.core.identity.policy import WEAK_BLOCKS

Ints = npt.NDArray[np.int64]

_PARTS = 2  # stretches whose keys are made side by side
_KEYS_AT_ONCE = 24_000_000  # keys held in memory at a time
BY_PHONE = ("masked_phone", "masked_store", "near_phone", "near_store")  # of their pairs only those with phones alike are kept
LARGEST = dict(
    zip(WEAK_BLOCKS, (12, 12, 12, 12, 8, 8, 12, 6, FEW, 3, 6, 12, 6), strict=True)
)  # records; a larger weak block says too little


def weak_pairs(matrix: Ints, bits: int, names: Sequence[str], pool: Executor, crowds: Crowds | None = None) -> list[Ints]:
    """
    Return the packed pairs of each of these blocks beyond the identifiers; keys are made for some blocks in one pass.

    crowds: what is known of the whole data when this is a part of it.
    """
    count, pairs = len(matrix), list[Ints]()
    at_once = max(1, _KEYS_AT_ONCE // max(count, 1))
    for first in range(0, len(names), at_once):
        group = names[first : first + at_once]
        wanted = np.array([WEAK_BLOCKS.index(name) for name in group], np.int64)

        def keys_of(stretch: tuple[int, int], wanted: Ints = wanted) -> list[Ints]:
            low, high = stretch
            found, counts = np.empty((len(wanted), high - low), np.int64), np.zeros(len(wanted), np.int64)
            stretch_keys(matrix, low, high, wanted, bits, found, counts)
            return [found[which, : counts[which]] for which in range(len(wanted))]

        parts = list(pool.map(keys_of, [(count * part // _PARTS, count * (part + 1) // _PARTS) for part in range(_PARTS)]))

        def pairs_by(which: int, parts: list[list[Ints]] = parts, group: Sequence[str] = group) -> Ints:
            packed = np.concatenate([part[which] for part in parts])
            packed.sort()
            starts, sizes = sorted_runs(packed, bits)
            if crowds is not None:
                sizes = np.where(crowds.of(group[which], packed[starts], bits) > LARGEST[group[which]], 0, sizes)
            return pairs_of(packed, bits, starts, sizes, LARGEST[group[which]], count)

        pairs += pool.map(pairs_by, range(len(group)))
    return pairs


def block_keys(sources: Mapping[str, pa.Table], *, identifiers: pa.Table | None = None) -> pa.Table:
    """
    Return record_id, kind, key: one row per blocking key of a record. Two records are compared when they share a row's
    (kind, key) and not too many records hold it (LARGEST), so that who shares one is all that a changed record can concern.
    Every whole name of three signs has a key of the block of rare names: how many hold the key tells whether it is rare.
    """
    features = gather(sources, identifiers)
    rows, kinds, keys = [], [], []
    found = np.empty((len(BLOCKS), len(features.matrix)), np.int64)
    whole_keys(features.matrix, found)
    found[RARE] = rare_keys(features.matrix)
    for kind in range(len(BLOCKS)):
        held = np.flatnonzero(found[kind])
        rows.append(held)
        kinds.append(np.full(len(held), kind))
        keys.append(found[kind, held])
        if features.extras is not None and kind < IDENTIFIERS:
            chosen = features.extras.kind == kind
            rows.append(features.extras.row[chosen])
            kinds.append(np.full(int(chosen.sum()), kind))
            keys.append(packed_codes(features.extras.code[chosen], np.zeros(int(chosen.sum()), np.int64), kind, 0))
    unique = np.unique(np.stack([np.concatenate(rows), np.concatenate(kinds), np.concatenate(keys)]), axis=1)
    return pa.table({
        "record_id": features.ids.take(pa.array(unique[0])),
        "kind": pa.array(BLOCKS).take(pa.array(unique[1])),
        "key": pa.array(unique[2]),
    })  # fmt: skip
