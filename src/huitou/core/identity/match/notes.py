"""What a record is told of the others: how many hold its phone, its name, its very characters, and which values are nobody's."""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.keys import mixed, name_key

NICKNAME_RECORDS, NICKNAME_TIMES = 30, 20  # so many of one "name", and so many times what chance would give: 向日葵 is nobody's
FEW = 5  # records of one name, for it to be rare


@njit(cache=True, nogil=True)
def distinct_names(matrix, packed, bits, start, size):
    """How many different whole names (by sound) hold this value? Counts to at most 64 records."""
    seen, count, mask = np.empty(64, np.int64), 0, (np.int64(1) << bits) - 1
    for at in range(start, start + min(size, 64)):
        key = name_key(matrix[packed[at] & mask, f.NAME])
        if key == 0:
            continue
        new = True
        for other in range(count):
            new &= seen[other] != key
        if new:
            seen[count] = key
            count += 1
    return count


@njit(cache=True, nogil=True)
def hub_flags(matrix, packed, bits, starts, sizes, hub_records, hub_names, names):
    """Write the number of names of each run; return flags of the runs that identify nobody."""
    flags = np.zeros(starts.size, np.bool_)
    for run in range(starts.size):
        if sizes[run] > 2 or sizes[run] >= hub_names:
            names[run] = distinct_names(matrix, packed, bits, starts[run], sizes[run])
        flags[run] = sizes[run] > hub_records or names[run] >= hub_names
    return flags


@njit(cache=True, nogil=True)
def note_holders(matrix, packed, bits, starts, sizes, names):
    """
    Mark the holders of each value: 1 two records, 2 more under one full name at most, 3 more under several names; and for
    each how many records, names, named records and records of its own name hold it.
    """
    mask, keys = (np.int64(1) << bits) - 1, np.empty(15, np.int64)
    for run in range(starts.size):
        size = min(sizes[run], 15)
        held = np.int64(1 if size <= 2 else 2 if names[run] <= 1 else 3) << f.HOLDERS_SHIFT
        named = 0
        for at in range(size):
            keys[at] = name_key(matrix[packed[starts[run] + at] & mask, f.NAME])
            named += keys[at] != 0
        different = distinct_names(matrix, packed, bits, starts[run], size)
        for at in range(starts[run], starts[run] + sizes[run]):
            row = packed[at] & mask
            matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(15) << f.HOLDERS_SHIFT) | held
            mine, own = 0, keys[min(at - starts[run], 14)]
            for other in range(size):
                mine += own != 0 and keys[other] == own
            matrix[row, f.FACTS] |= np.int64(size | different << 4 | named << 8 | mine << 12) << f.STANDING_SHIFT


@njit(cache=True, nogil=True)
def nickname_flags(matrix, packed, bits, starts, sizes):
    """
    Return flags of the runs of names that are none: held by many, and by far more than would be if surname and given sounds
    met by chance.
    """
    mask, flags, total = (np.int64(1) << bits) - 1, np.zeros(starts.size, np.bool_), max(packed.size, 1)
    family, one, two = np.zeros(f.SURNAME_MASK + 1), np.zeros(f.SOUND_MASK + 1), np.zeros(f.SOUND_MASK + 1)
    for at in range(packed.size):
        name = matrix[packed[at] & mask, f.NAME]
        family[name & f.SURNAME_MASK] += 1
        one[name >> f.FIRST_SHIFT & f.SOUND_MASK] += 1
        two[name >> f.SECOND_SHIFT & f.SOUND_MASK] += 1
    for run in range(starts.size):
        if sizes[run] >= NICKNAME_RECORDS:
            usual = 0.0
            for at in range(starts[run], starts[run] + sizes[run]):
                name = matrix[packed[at] & mask, f.NAME]
                given = one[name >> f.FIRST_SHIFT & f.SOUND_MASK] * two[name >> f.SECOND_SHIFT & f.SOUND_MASK]
                usual = max(usual, family[name & f.SURNAME_MASK] * given / total / total)
            flags[run] = sizes[run] >= NICKNAME_TIMES * usual
    return flags


@njit(cache=True, nogil=True)
def note_nicknames(matrix, rows):
    """Make nicknames of what was read as the names of these rows."""
    for at in range(rows.size):
        row = rows[at]
        if matrix[row, f.CHARS] == 0:
            matrix[row, f.CHARS] = mixed(name_key(matrix[row, f.NAME]))
        matrix[row, f.NAME] = np.int64(f.NICKNAME) << f.KIND_SHIFT


@njit(cache=True, nogil=True)
def note_namesakes(matrix, packed, bits, starts, sizes, holders, few):
    """
    Mark how many records hold the same characters as a name: 1 two, 2 three, 3 up to `few`, 0 more. holders: of each run, how
    many there are in all; sizes: how many of them are here.
    """
    mask = (np.int64(1) << bits) - 1
    for run in range(starts.size):
        held = np.int64(holders[run] - 1 if holders[run] <= 3 else 3 if holders[run] <= few else 0) << f.NAMESAKES_SHIFT
        for at in range(starts[run], starts[run] + sizes[run]):
            matrix[packed[at] & mask, f.FACTS] |= held


@njit(cache=True, nogil=True)
def note_frequency(matrix, packed, bits, starts, sizes, medium, common):
    mask = (np.int64(1) << bits) - 1
    for run in range(starts.size):
        level = np.int64(2 if sizes[run] >= common else 1 if sizes[run] >= medium else 0) << f.FREQUENCY_SHIFT
        for at in range(starts[run], starts[run] + sizes[run]):
            row = packed[at] & mask
            matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(3) << f.FREQUENCY_SHIFT) | level


@njit(cache=True, nogil=True)
def note_known_frequency(matrix, packed, bits, counts, medium, common):
    """As `note_frequency`, from counts of a whole chain; counts: one per run of `packed`, in order."""
    mask, run = (np.int64(1) << bits) - 1, -1
    for at in range(packed.size):
        if at == 0 or packed[at] >> bits != packed[at - 1] >> bits:
            run += 1
        row = packed[at] & mask
        level = np.int64(2 if counts[run] >= common else 1 if counts[run] >= medium else 0) << f.FREQUENCY_SHIFT
        matrix[row, f.FACTS] = matrix[row, f.FACTS] & ~(np.int64(3) << f.FREQUENCY_SHIFT) | level
