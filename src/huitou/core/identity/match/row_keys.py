"""The keys of one record: of its identifiers, of the weaker blocks, of its name. Packed: key (high bits) | row."""

import numpy as np
import numpy.typing as npt
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.features import Features
from huitou.core.identity.match.keys import mixed, mixed_all, name_key
from huitou.core.identity.policy import KINDS, WEAK_BLOCKS

Ints = npt.NDArray[np.int64]

BLOCKS = (*KINDS, *WEAK_BLOCKS)
_KINDS, _WEAK = len(KINDS), len(WEAK_BLOCKS)
RARE = BLOCKS.index("rare_name")
IDENTIFIERS = len(KINDS)  # the first blocks hold equal identifiers


@njit(cache=True, nogil=True)
def identifier_key(row, kind):
    """Return the key of one record's identifier, 0: none."""
    value = row[f.PHONE if kind == 0 else f.CARD if kind == 1 else f.OPENID if kind == 2 else f.UNIONID if kind == 3 else f.EMAIL]
    return mixed(value + kind * 7919) if value > 0 else np.int64(0)


@njit(cache=True, nogil=True)
def weak_keys(row, keys):
    """Write the key of one record for each of WEAK_BLOCKS, in order, 0: none."""
    keys[:] = 0
    name, facts, store, phone, unit = row[f.NAME], row[f.FACTS], row[f.STORE], row[f.PHONE], row[f.UNIT]
    birthday = facts & f.BIRTHDAY_MASK
    whole_day = birthday > 18_000_000 and birthday % 100 != 0
    mobile = phone != 0 and phone < 1 << 60
    family = name & f.SURNAME_MASK
    if mobile and (family != 0 or store != 0):
        tail = phone // 100000000 * 10000 + phone % 10000 if phone > 0 else -phone
        head = phone // 10000 if phone > 0 else np.int64(0)
        if family != 0:
            keys[3] = mixed(mixed(tail + 211) + family)
            keys[11] = mixed(mixed(head + 811) + family) if head != 0 else np.int64(0)
        if store != 0:
            keys[10] = mixed(mixed(tail + 711) ^ store)
            keys[12] = mixed(mixed(head + 911) ^ store) if head != 0 else np.int64(0)
    if row[f.MAILBOX] != 0:
        keys[5] = mixed(row[f.MAILBOX] + 251)
    if whole_day and unit != 0:
        keys[7] = mixed(mixed(birthday + 411) ^ unit)
    full = name_key(name)
    if full == 0:
        return
    if whole_day:
        keys[0] = mixed(full ^ mixed(birthday % 10000 + 31))
    if mobile:
        keys[1] = mixed(full ^ mixed(abs(phone) % 10000 + 131))
        if phone > 0:
            keys[2] = mixed(full ^ mixed(phone // 10000 + 171))
    if row[f.PLACE] != 0:
        keys[4] = mixed(full ^ mixed(row[f.PLACE]))
    code = row[f.CARD_CODE]
    if code != 0:
        keys[6] = mixed(full ^ mixed((code % 1_679_616 if code > 0 else -code - 1) + 311))
    namesakes = facts >> f.NAMESAKES_SHIFT & 3
    if namesakes != 0:
        keys[8] = mixed(row[f.CHARS] + 511)
    elif store != 0 and facts >> f.FREQUENCY_SHIFT & 3 != 2:
        keys[9] = mixed(mixed(row[f.CHARS] + 611) ^ store)


@njit(cache=True, nogil=True)
def stretch_keys(matrix, low, high, wanted, bits, found, counts):
    """Write key (high bits) | row into found[w] for the rows low..high - 1 that have a key of block wanted[w]; count them."""
    keys, mask = np.zeros(_WEAK, np.int64), (np.int64(1) << bits) - 1
    for row in range(low, high):
        weak_keys(matrix[row], keys)
        for which in range(wanted.size):
            key = keys[wanted[which]]
            if key != 0:
                found[which, counts[which]] = key & ~mask | row
                counts[which] += 1


@njit(cache=True, nogil=True)
def packed_keys(matrix, kind, bits, found):
    """Write key (high bits) | row into `found` for every record that has the identifier; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        key = identifier_key(matrix[row], kind)
        if key != 0:
            found[count] = key & ~mask | row
            count += 1
    return count


@njit(cache=True, nogil=True)
def packed_codes(codes, rows, block, bits):
    """As `packed_keys`, for further identifiers."""
    found, mask = np.empty(codes.size, np.int64), (np.int64(1) << bits) - 1
    for at in range(codes.size):
        found[at] = mixed(codes[at] + block * 7919) & ~mask | rows[at]
    return found


@njit(cache=True, nogil=True)
def whole_keys(matrix, found):
    """Write the keys of every record for all BLOCKS into found (blocks, records), 0: none."""
    keys = np.zeros(_WEAK, np.int64)
    for row in range(matrix.shape[0]):
        for kind in range(_KINDS):
            found[kind, row] = identifier_key(matrix[row], kind)
        weak_keys(matrix[row], keys)
        for kind in range(_WEAK):
            found[_KINDS + kind, row] = keys[kind]


@njit(cache=True, nogil=True)
def name_keys(matrix, bits, found):
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        key = name_key(matrix[row, f.NAME])
        if key != 0:
            found[count] = mixed(key) & ~mask | row
            count += 1
    return count


@njit(cache=True, nogil=True)
def char_keys(matrix, bits, found):
    """Write the key of the characters | row of every whole name with two given ones; return how many."""
    count, mask = 0, (np.int64(1) << bits) - 1
    for row in range(matrix.shape[0]):
        name = matrix[row, f.NAME]
        if name >> f.KIND_SHIFT & f.KIND_MASK == f.FULL and name >> f.SECOND_SHIFT & f.SOUND_MASK != 0:
            found[count] = mixed(matrix[row, f.CHARS]) & ~mask | row
            count += 1
    return count


def weak_keys_of(features: Features) -> tuple[Ints, Ints, Ints]:
    """Return row, kind (a place in BLOCKS) and key of every key that is no identifier."""
    found = np.empty((len(BLOCKS), len(features.matrix)), np.int64)
    whole_keys(features.matrix, found)
    found[RARE] = rare_keys(features.matrix)
    kinds, rows = np.nonzero(found[IDENTIFIERS:])
    return rows, kinds + IDENTIFIERS, found[kinds + IDENTIFIERS, rows]


def rare_keys(matrix: Ints) -> Ints:
    """Return for every record the key of the block of rare names as if its name were one, 0: none."""
    names = matrix[:, f.NAME]
    whole = (names >> f.KIND_SHIFT & f.KIND_MASK == f.FULL) & (names >> f.SECOND_SHIFT & f.SOUND_MASK != 0)
    return np.where(whole, rare_key(matrix[:, f.CHARS]), 0)


def rare_key(chars: Ints) -> Ints:
    """Return the keys of the block of rare names, by the hashes of the names' signs."""
    return np.asarray(mixed_all(np.ascontiguousarray(chars + 511)))
