"""Purchase histories as codes: checked once, grouped where customers are equal, worked through in pieces that fit the cache."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]

WHOLE_LIMIT = 1 << 20  # whole numbers below it are their own code
FIELD_BITS = 21  # three fields of a packed history fit an int64
PIECE = 1 << 15


@dataclass(frozen=True, slots=True)
class Histories:
    """
    Customers in the order given: `frequency` counts, `recency` and `age` point into `times`.

    times: ascending, in the caller's unit. For whole numbers of days the code is the number itself.
    """

    frequency: Codes
    recency: Codes
    age: Codes
    times: Floats


@dataclass(frozen=True, slots=True)
class Groups:
    """
    Unique histories in ascending order with the number of customers behind each.

    Rows [first_repeat:] have a frequency above 0. The last three are sums over all customers: how many have each frequency,
    how many have each age, and how many purchases those of each age made.
    """

    frequency: Codes
    recency: Codes
    age: Codes
    counts: Floats
    times: Floats
    first_repeat: int
    customers_by_frequency: Floats
    customers_by_age: Floats
    purchases_by_age: Floats


def pieces(size: int, start: int = 0) -> Iterator[slice]:
    """Cut rows [start:size] into slices that stay in the processor's cache."""
    return (slice(low, min(low + PIECE, size)) for low in range(start, size, PIECE))


def histories(frequency: ArrayLike, recency: ArrayLike, age: ArrayLike) -> Histories:
    """
    Check and code purchase histories.

    frequency: repeat purchases, whole numbers; recency: time from first to last purchase; age: time from first purchase to now.
    Raises ValueError for no customers, unequal lengths, values that are not finite, or not 0 <= recency <= age.
    """
    x, last, age_ = (np.asarray(part).ravel() for part in (frequency, recency, age))
    if not x.size or not x.size == last.size == age_.size:
        raise ValueError(f"need as many recencies and ages as frequencies, and one at least: {x.size}, {last.size}, {age_.size}")
    if not all(np.isfinite(float(part.min()) + float(part.max())) for part in (x, last, age_)):
        raise ValueError("frequency, recency and T must be finite")
    counts = whole(x)
    if counts is None:
        raise ValueError(f"frequency must be a whole number from 0, below {WHOLE_LIMIT}")
    if last.min() < 0 or (last > age_).any():
        raise ValueError("need 0 <= recency <= T: a purchase lies after the day of the forecast")
    if ((counts == 0) != (last == 0)).any():
        raise ValueError("recency must be 0 exactly where frequency is 0")
    recencies, ages = whole(last), whole(age_)
    if recencies is not None and ages is not None:
        return Histories(counts, recencies, ages, np.arange(float(ages.max()) + 1))
    times, codes = np.unique(np.concatenate((last, age_)), return_inverse=True)
    recencies, ages = codes[: x.size].astype(np.int32), codes[x.size :].astype(np.int32)
    return Histories(counts, recencies, ages, times.astype(np.float64))


def grouped(data: Histories) -> Groups:
    """Return the unique histories; a sort of packed numbers, no sort of rows."""
    if data.times.size > 1 << FIELD_BITS:
        rows = np.column_stack((data.frequency, data.recency, data.age))
        unique, counts = np.unique(rows, axis=0, return_counts=True)
        x, recency, age = (np.ascontiguousarray(unique[:, column]) for column in range(3))
    else:
        packed = data.frequency.astype(np.int64)
        for codes in (data.recency, data.age):
            packed <<= FIELD_BITS
            packed |= codes
        packed.sort()
        starts = np.flatnonzero(np.concatenate(([True], packed[1:] != packed[:-1])))
        counts = np.diff(np.append(starts, packed.size))
        packed = packed[starts]
        mask = (1 << FIELD_BITS) - 1
        age, recency = (packed & mask).astype(np.int32), ((packed >> FIELD_BITS) & mask).astype(np.int32)
        x = (packed >> 2 * FIELD_BITS).astype(np.int32)
    return _summed(x, recency, age, counts.astype(np.float64), data.times)


def sample(groups: Groups, customers: int) -> Groups:
    """Return about so many customers, taken at even distances from the sorted order: the same whatever order they came in."""
    ends = np.cumsum(groups.counts)
    step = max(1.0, ends[-1] / customers)
    taken = np.diff(np.floor(ends / step), prepend=0.0)
    kept = np.flatnonzero(taken)
    return _summed(groups.frequency[kept], groups.recency[kept], groups.age[kept], taken[kept], groups.times)


def _summed(x: Codes, recency: Codes, age: Codes, counts: Floats, times: Floats) -> Groups:
    return Groups(
        x,
        recency,
        age,
        counts,
        times,
        int(np.searchsorted(x, 1)),
        totals(x, int(x[-1]) + 1, counts),
        totals(age, times.size, counts),
        totals(age, times.size, counts * x),
    )


def totals(codes: NDArray[np.integer], size: int, weights: Floats | None = None) -> Floats:
    """Sum weights (1 each if None) per code, shape (size,)."""
    return np.asarray(np.bincount(codes, weights=weights, minlength=size), dtype=np.float64)


def whole(values: NDArray[np.generic]) -> Codes | None:
    """Return values as whole numbers from 0, None if they are not."""
    if values.min() < 0 or values.max() >= WHOLE_LIMIT:
        return None
    codes = values.astype(np.int32)
    return codes if np.issubdtype(values.dtype, np.integer) or (codes == values).all() else None
