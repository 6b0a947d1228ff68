"""Phones of one block that are near each other or masked: which pairs are kept, and how many came together by chance."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.levels import near_numbers

Ints = npt.NDArray[np.int64]

EQUAL, APART, NEAR, MASKED = range(4)  # how two phones of such a block are alike
NEAR_BY_CHANCE = 39 / 9_960  # four free figures: 36 numbers differ in one of them, 3 by two neighbours swapped


@njit(cache=True, nogil=True)
def alike(left, right):
    """Say how two phones of one block are alike: EQUAL, APART, NEAR or MASKED."""
    if left < 0 or right < 0:
        return MASKED
    if left == right:
        return EQUAL
    return NEAR if near_numbers(left, right, np.int64(10), np.int64(11)) else APART


@njit(cache=True, nogil=True)
def each_alike(left, right, found):
    for at in range(left.size):
        found[at] = alike(left[at], right[at])


@njit(cache=True, nogil=True)
def alike_pairs(matrix, pairs, count, kept, numbers):
    """Write the pairs with a near or masked phone into `kept`; return how many. numbers: how many pairs are alike in each way."""
    found = 0
    for at in range(pairs.size):
        how = alike(matrix[pairs[at] // count, f.PHONE], matrix[pairs[at] % count, f.PHONE])
        numbers[how] += 1
        if how >= NEAR:
            kept[found] = pairs[at]
            found += 1
    return found


@njit(cache=True, nogil=True)
def stated_phones(matrix, numbers):
    """Count the records with a store that hold a whole phone and a masked one."""
    for row in range(matrix.shape[0]):
        if matrix[row, f.STORE] != 0:
            numbers[0] += matrix[row, f.PHONE] > 0
            numbers[1] += matrix[row, f.PHONE] < 0


def alike_of(matrix: Ints, pairs: Ints) -> tuple[Ints, Ints]:
    """Return the pairs of a block whose phones are near each other or masked, and how many are EQUAL, APART, NEAR, MASKED."""
    kept, numbers = np.empty(len(pairs), np.int64), np.zeros(4, np.int64)
    found = alike_pairs(matrix, pairs, max(len(matrix), 1), kept, numbers)
    return kept[:found].copy(), numbers


def stated_of(matrix: Ints) -> tuple[int, int]:
    """Return how many records with a store hold a whole phone and a masked one."""
    numbers = np.zeros(2, np.int64)
    stated_phones(matrix, numbers)
    return int(numbers[0]), int(numbers[1])


def chances(counted: Mapping[str, Ints], stated: tuple[int, int]) -> dict[str, float]:
    """
    Return the share of the pairs with one store that came together by chance, per kind of tie: two whole numbers that are
    apart are two numbers, and of such pairs so many would be near or, had one been masked, would end alike.

    counted: per block what `alike_of` counts. stated: what `stated_of` returns.
    """
    shares = {}
    if (ends := counted.get("masked_store")) is not None:
        whole, hidden = (float(number) for number in stated)
        shares["masked_store"] = ends[APART] * (hidden * whole + hidden**2 / 2) / max(whole**2 / 2, 1.0) / max(ends[MASKED], 1)
    near = [counted[name] for name in ("masked_store", "near_store") if name in counted]
    if near:
        apart, alike = (float(sum(numbers[how] for numbers in near)) for how in (APART, NEAR))
        shares["near_store"] = apart * NEAR_BY_CHANCE / max(alike, 1.0)
    return shares
