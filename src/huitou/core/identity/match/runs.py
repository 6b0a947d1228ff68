"""Runs of equal keys in a sorted array of keys packed with rows, and the pairs of rows they bring together."""

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]


@njit(cache=True, nogil=True)
def runs(packed, bits, starts, sizes, smallest):
    """Write start and size of each run of equal keys of at least `smallest`; return how many."""
    count, begin = 0, 0
    for at in range(1, packed.size + 1):
        if at == packed.size or packed[at] >> bits != packed[begin] >> bits:
            if at - begin >= smallest:
                starts[count], sizes[count] = begin, at - begin
                count += 1
            begin = at
    return count


@njit(cache=True, nogil=True)
def run_pairs(packed, bits, starts, sizes, largest, total, pairs):
    """Write all pairs (left row < right row, packed left * total + right) of the runs up to `largest`; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for run in range(starts.size):
        if sizes[run] > largest:
            continue
        for one in range(starts[run], starts[run] + sizes[run]):
            for two in range(one + 1, starts[run] + sizes[run]):
                left, right = packed[one] & mask, packed[two] & mask
                if left != right:
                    pairs[count] = min(left, right) * total + max(left, right)
                    count += 1
    return count


def row_bits(count: int) -> int:
    return max(1, int(count).bit_length())


def sorted_runs(packed: Ints, bits: int, smallest: int = 2) -> tuple[Ints, Ints]:
    """Return starts and sizes of the runs of equal keys in a sorted array."""
    starts, sizes = np.empty(packed.size // smallest + 1, np.int64), np.empty(packed.size // smallest + 1, np.int64)
    count = runs(packed, bits, starts, sizes, smallest)
    return starts[:count], sizes[:count]


def pairs_of(packed: Ints, bits: int, starts: Ints, sizes: Ints, largest: int, total: int) -> Ints:
    kept = sizes[sizes <= largest]
    pairs = np.empty(int((kept * (kept - 1) // 2).sum()), np.int64)
    return pairs[: run_pairs(packed, bits, starts, sizes, largest, total, pairs)]
