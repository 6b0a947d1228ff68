"""Hashed keys that blocks and comparison share."""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f

_EMPTY = np.int64(-1)


@njit(cache=True, nogil=True)
def mixed(value):
    """Spread a key over 63 bits (the finaliser of MurmurHash3, by Austin Appleby, public domain)."""
    value ^= value >> 33 & 0x7FFFFFFF
    value *= np.int64(-49064778989728563)
    value ^= value >> 33 & 0x7FFFFFFF
    value *= np.int64(-4265267296055464877)
    value ^= value >> 33 & 0x7FFFFFFF
    return value & np.int64(0x7FFFFFFFFFFFFFFF)


@njit(cache=True, nogil=True)
def mixed_all(values):
    found = np.empty(values.size, np.int64)
    for at in range(values.size):
        found[at] = mixed(values[at])
    return found


@njit(cache=True, nogil=True)
def name_key(name):
    """A key of the sounds of a whole name, whatever their order; 0 for anything less."""
    kind = name >> f.KIND_SHIFT & f.KIND_MASK
    if kind != f.FULL and kind != f.SPELLED:
        return np.int64(0)
    family, one, two = name & f.SURNAME_MASK, name >> f.FIRST_SHIFT & f.SOUND_MASK, name >> f.SECOND_SHIFT & f.SOUND_MASK
    return (mixed(family + 1) + mixed(one + 1) + mixed(two + 1)) & np.int64(0x7FFFFFFFFFFFFFFF) | np.int64(1)


@njit(cache=True, nogil=True)
def tallied(values, places, distinct, counts):
    """
    Write into `places` where each value (0 or more) stands among the distinct ones, in order of their first appearance.

    distinct, counts: as long as `values`; both are filled from the front. Returns how many distinct values there are.
    """
    slots, room, found = np.full(1024, _EMPTY), 1023, 0
    for at in range(values.size):
        value = values[at]
        slot = mixed(value) & room
        while slots[slot] != _EMPTY and distinct[slots[slot]] != value:
            slot = (slot + 1) & room
        if slots[slot] == _EMPTY:
            if 2 * found > room:  # more than half full
                room = 2 * room + 1
                slots = np.full(room + 1, _EMPTY)
                for known in range(found):
                    slot = mixed(distinct[known]) & room
                    while slots[slot] != _EMPTY:
                        slot = (slot + 1) & room
                    slots[slot] = known
                slot = mixed(value) & room
                while slots[slot] != _EMPTY:
                    slot = (slot + 1) & room
            slots[slot] = found
            distinct[found], counts[found] = value, 0
            found += 1
        places[at] = slots[slot]
        counts[slots[slot]] += 1
    return found
