"""How the bytes of an Arrow text column become code points and hashes."""

import numpy as np
from numba import njit

SEED = 1469598103934665603
PRIME = 1099511628211
POSITIVE = 0x7FFFFFFFFFFFFFFF


@njit(cache=True, nogil=True)
def is_valid(bits, at):
    return bits.size == 0 or (bits[at >> 3] >> (at & 7)) & 1 == 1


@njit(cache=True, nogil=True)
def decode(data, low, high, points):
    """Write the code points of data[low:high] in half width into `points`; return how many."""
    count, at = 0, low
    while at < high and count < points.size:
        byte = np.int64(data[at])
        if byte < 0x80:
            point, at = byte, at + 1
        elif byte < 0xE0 and at + 1 < high:
            point, at = (byte & 31) << 6 | (np.int64(data[at + 1]) & 63), at + 2
        elif byte < 0xF0 and at + 2 < high:
            point, at = (byte & 15) << 12 | (np.int64(data[at + 1]) & 63) << 6 | (np.int64(data[at + 2]) & 63), at + 3
        else:
            point, at = np.int64(0xFFFD), at + 4
        if 0xFF01 <= point <= 0xFF5E:
            point -= 0xFEE0
        elif point == 0x3000 or point == 0xA0 or point == 9:
            point = np.int64(32)
        points[count] = point
        count += 1
    return count


@njit(cache=True, nogil=True)
def hashed(points, low, high):
    value = np.int64(SEED)
    for at in range(low, high):
        value = (value ^ points[at]) * np.int64(PRIME)
    value &= np.int64(POSITIVE)
    return value if value != 0 else np.int64(1)


@njit(cache=True, nogil=True)
def is_letter(point):
    return 48 <= point <= 57 or 65 <= point <= 90 or 97 <= point <= 122


@njit(cache=True, nogil=True)
def text_hashes(bits, bit, offsets, data, found):
    """Write a hash of each text into `found`; nulls are 0."""
    for row in range(offsets.size - 1):
        value = np.int64(SEED)
        if is_valid(bits, bit + row):
            for at in range(offsets[row], offsets[row + 1]):
                value = (value ^ np.int64(data[at])) * np.int64(PRIME)
            value ^= value >> 29 & 0x7FFFFFFFF
            found[row] = value & np.int64(POSITIVE)


@njit(cache=True, nogil=True)
def smallest_texts(offsets, data, roots, smallest):
    """Write for each root the row of the smallest text (by bytes) among the rows that name it as root."""
    for row in range(roots.size):
        root = roots[row]
        best = smallest[root]
        if best < 0:
            smallest[root] = row
            continue
        low, high, other, end = offsets[row], offsets[row + 1], offsets[best], offsets[best + 1]
        while low < high and other < end and data[low] == data[other]:
            low, other = low + 1, other + 1
        if other < end and (low >= high or data[low] < data[other]):
            smallest[root] = row
