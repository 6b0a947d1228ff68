"""The parser of addresses: street and number, estate, building and room."""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse.text import POSITIVE, PRIME, decode, hashed, is_valid


@njit(cache=True, nogil=True)
def addresses(bits, bit, offsets, data, matrix, start, column):
    """
    Write PLACE and UNIT (`column`, `column + 1`) and the hash of the street into the low half of APP.

    Words before the first number name the street, those before the building's number the estate; further numbers are
    building, unit and room, however they are joined.
    """
    points, run = np.empty(120, np.int64), np.empty(120, np.int64)
    before, numbers = np.zeros(8, np.int64), np.zeros(8, np.int64)
    for row in range(offsets.size - 1):
        place, unit, street = np.int64(0), np.int64(0), np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            count, size, within, after = 0, 0, False, np.int64(0)
            for at in range(length):
                point = points[at]
                if 48 <= point <= 57:
                    if not within:
                        if count == 8:
                            break
                        before[count] = hashed(run, max(0, size - 3), size) if size > 0 else np.int64(0)
                        numbers[count], within, size = 0, True, 0
                        count += 1
                    numbers[count - 1] = min(numbers[count - 1] * 10 + point - 48, 9_999_999)
                else:
                    if within and count == 1:
                        after = point
                    within = False
                    if point >= 0x3400 and point != 0xFFFD and point < 0xA000:
                        if not (size == 0 and _is_number_word(point)):
                            run[size] = point
                            size += 1
            if count == 0:
                if size >= 4:
                    street = hashed(run, size - 3, size) & 0x7FFFFFFF
            else:
                street = before[0] & 0x7FFFFFFF
                place = (before[0] ^ numbers[0] * 7919) * np.int64(PRIME) & np.int64(POSITIVE)
                building = 1 if count >= 2 and (after == 0x53F7 or after == 0x5F04) and before[1] != 0 else 0  # 号 弄
                if count - building >= 2 and before[building] != 0:
                    mixed = (before[building] ^ numbers[building] * 104729) * np.int64(PRIME)
                    unit = ((mixed ^ numbers[count - 1]) * np.int64(PRIME)) & np.int64(POSITIVE)
                    if building == 1:
                        unit = ((unit ^ numbers[0]) * np.int64(PRIME)) & np.int64(POSITIVE)
        matrix[start + row, column] = place
        matrix[start + row, column + 1] = unit
        matrix[start + row, f.APP] |= street


@njit(cache=True, nogil=True)
def _is_number_word(point):
    """号 栋 幢 座 楼 室 单 元 弄 层 户: what stands right behind a number says what it numbers, not where."""
    return point in (0x53F7, 0x680B, 0x5E62, 0x5EA7, 0x697C, 0x5BA4, 0x5355, 0x5143, 0x5F04, 0x5C42, 0x6237)
