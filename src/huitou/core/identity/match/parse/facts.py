"""Parsers of gender and birthday."""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse.text import decode, is_valid


@njit(cache=True, nogil=True)
def genders(bits, bit, offsets, data, matrix, start, column):
    points = np.empty(8, np.int64)
    for row in range(offsets.size - 1):
        value = np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            low = 0
            while low < length and points[low] == 32:
                low += 1
            if low < length:
                point = points[low]
                if point in (0x7537, 77, 109, 49, 0x5148):  # 男 M m 1 先
                    value = np.int64(1)
                elif point in (0x5973, 70, 102, 50, 0x5C0F, 0x592A, 87, 119):  # 女 F f 2 小 太 W w
                    value = np.int64(2)
        matrix[start + row, column] |= value << f.GENDER_SHIFT


@njit(cache=True, nogil=True)
def birthdays(bits, bit, offsets, data, matrix, start, column):
    points, groups, sizes = np.empty(40, np.int64), np.zeros(6, np.int64), np.zeros(6, np.int64)
    for row in range(offsets.size - 1):
        value, lunar = np.int64(0), np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            count, within = np.int64(0), False  # typed: what takes a literal is compiled twice
            for at in range(length):
                point = points[at]
                if 48 <= point <= 57:
                    if not within:
                        if count == 6:
                            break
                        groups[count], sizes[count], within = 0, 0, True
                        count += 1
                    groups[count - 1] = groups[count - 1] * 10 + point - 48
                    sizes[count - 1] += 1
                else:
                    within = False
                    if point == 0x519C or point == 0x9634 or point == 0x65E7:
                        lunar = np.int64(1)
            value = _date(groups, sizes, count)
        matrix[start + row, column] |= value | lunar << f.LUNAR_SHIFT if value != 0 else np.int64(0)


@njit(cache=True, nogil=True)
def _date(groups, sizes, count):
    """Return year * 10000 + month * 100 + day from groups of figures, unknown parts 0; 0 for what is no date or a filler."""
    year, month, day = np.int64(0), np.int64(0), np.int64(0)
    if count == 0:
        return np.int64(0)
    if sizes[0] == 8 or sizes[0] == 14:
        whole = groups[0] if sizes[0] == 8 else groups[0] // 1000000
        year, month, day = whole // 10000, whole // 100 % 100, whole % 100
        if not 1900 <= year <= 2100:
            day, month, year = whole // 1000000, whole // 10000 % 100, whole % 10000
    elif sizes[0] == 6:
        year, month, day = groups[0] // 10000, groups[0] // 100 % 100, groups[0] % 100
        year += 1900 if year > 30 else 2000
        if month > 12 or month == 0:
            year, month, day = groups[0] // 100, groups[0] % 100, np.int64(0)
    elif sizes[0] == 4:
        year = groups[0]
        if count >= 2:
            month = groups[1]
        if count >= 3:
            day = groups[2]
    elif sizes[0] <= 2 and count >= 3 and sizes[2] == 4:
        month, day, year = groups[0], groups[1], groups[2]
        if month > 12:
            month, day = day, month
    elif sizes[0] <= 2 and count >= 3 and sizes[1] <= 2:
        year, month, day = groups[0] + (1900 if groups[0] > 30 else 2000), groups[1], groups[2]
    elif sizes[0] <= 2 and count == 2:
        month, day = groups[0], groups[1]
    else:
        return np.int64(0)
    if month > 12 or day > 31 or (year != 0 and not 1900 <= year <= 2100) or (month == 0 and day != 0):
        return np.int64(0)
    if (month == 2 and day > 29) or (day == 31 and (month == 4 or month == 6 or month == 9 or month == 11)):
        return np.int64(0)
    if month == 1 and day == 1:  # what forms write when nobody said
        if year == 1900 or year == 1970 or year == 2000 or year == 1990 or year == 1980:
            return np.int64(0)
    return year * 10000 + month * 100 + day
