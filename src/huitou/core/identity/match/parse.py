"""
Parsers over the bytes of Arrow text columns, one kernel per kind of column.

Each takes a chunk (validity bits, offsets, UTF-8 bytes) and writes into the rows `start...` of the feature matrix. Bad input
never raises: what cannot be read is unknown (0).
"""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f

_SEED = 1469598103934665603
_PRIME = 1099511628211
_POSITIVE = 0x7FFFFFFFFFFFFFFF
_MASK_SIGN = 10


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
    value = np.int64(_SEED)
    for at in range(low, high):
        value = (value ^ points[at]) * np.int64(_PRIME)
    value &= np.int64(_POSITIVE)
    return value if value != 0 else np.int64(1)


@njit(cache=True, nogil=True)
def _dummy_phone(digits, low):
    """A filler number: one digit over the last eight places, a plain count up or down, or a listed test number."""
    same, up, down = True, True, True
    for at in range(low + 4, low + 11):
        same &= digits[at] == digits[at - 1]
    for at in range(low + 2, low + 11):
        up &= digits[at] == (digits[at - 1] + 1) % 10
        down &= digits[at] == (digits[at - 1] + 9) % 10
    value = np.int64(0)
    for at in range(low, low + 11):
        value = value * 10 + digits[at]
    return (
        same or up or down or value == 13800138000 or value == 13900139000 or value == 13800000000 or value == 13812345678
        or value == 13123456789
    )  # fmt: skip


@njit(cache=True, nogil=True)
def phones(bits, bit, offsets, data, matrix, start, column):
    points, digits = np.empty(40, np.int64), np.empty(40, np.int64)
    for row in range(offsets.size - 1):
        value = np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            if length > 2 and points[length - 1] == 48 and points[length - 2] == 46:
                length -= 2  # a spreadsheet's 139....0
            count, plus, masks = 0, False, 0
            for at in range(length):
                point = points[at]
                if 48 <= point <= 57:
                    digits[count] = point - 48
                    count += 1
                elif point == 42 or point == 0xD7 or ((point == 120 or point == 88) and count >= 3):
                    digits[count] = _MASK_SIGN
                    count += 1
                    masks += 1
                elif point == 43 and count == 0:
                    plus = True
                elif count >= 11 and (point == 47 or point == 44 or point == 0x3001 or point == 59):
                    break  # a second number follows
            low = 0
            if count >= 13 and digits[0] == 0 and digits[1] == 0 and digits[2] == 8 and digits[3] == 6:
                low = 4
            elif count >= 13 and digits[0] == 8 and digits[1] == 6:
                low = 2
            if count - low == 12 and digits[low] == 0:
                low += 1
            size = count - low
            if size >= 11 and digits[low] == 1 and 3 <= digits[low + 1] <= 9 and (size == 11 or (size >= 22 and masks == 0)):
                if masks == 0:
                    if not _dummy_phone(digits, low):
                        for at in range(low, low + 11):
                            value = value * 10 + digits[at]
                else:
                    tail, known = np.int64(0), True
                    for at in (low, low + 1, low + 2, low + 7, low + 8, low + 9, low + 10):
                        known &= digits[at] != _MASK_SIGN
                        tail = tail * 10 + digits[at]
                    if known:
                        value = -tail
            elif plus and masks == 0 and low == 0 and 8 <= count <= 15:
                value = hashed(digits, 0, count) | np.int64(1 << 60)
        matrix[start + row, column] = value


@njit(cache=True, nogil=True)
def cards(bits, bit, offsets, data, matrix, start, column):
    """Write the hash into `column` and the code of the last signs into the next one."""
    points, signs = np.empty(48, np.int64), np.empty(48, np.int64)
    for row in range(offsets.size - 1):
        value, code = np.int64(0), np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            if length > 6 and points[length - 1] == 48 and points[length - 2] == 46:
                length -= 2
            count, masks, figures, bad = 0, 0, 0, False
            for at in range(length):
                point = points[at]
                if 97 <= point <= 122:
                    point -= 32
                if 48 <= point <= 57:
                    signs[count] = point - 48
                    figures += 1
                    count += 1
                elif 65 <= point <= 90:
                    signs[count] = point - 55
                    count += 1
                elif point == 42:
                    signs[count] = 36
                    masks += 1
                    count += 1
                elif (
                    point != 32
                    and point != 45
                    and point != 95
                    and point != 46
                    and point != 0xB7
                    and point > 127
                    and point < 0x4E00
                ):
                    bad = True
            if count >= 4 and count <= 32 and figures > 0 and not bad:
                if figures >= 4:
                    for at in range(count):  # O for 0, I and L for 1
                        signs[at] = 0 if signs[at] == 24 else 1 if signs[at] == 18 or signs[at] == 21 else signs[at]
                same = True
                for at in range(1, count):
                    same &= signs[at] == signs[0]
                if masks > 0:
                    known = count >= 8
                    for at in range(4):
                        known &= signs[count - 1 - at] != 36
                    if known:
                        tail = np.int64(0)
                        for at in range(count - 4, count):
                            tail = tail * 36 + signs[at]
                        code = -tail - 1
                elif not same:
                    low = 0
                    while low < count - 4 and signs[low] == 0:
                        low += 1  # spreadsheets lose leading zeros
                    value = hashed(signs, low, count)
                    for at in range(max(low, count - 12), count):
                        code = code * 36 + signs[at]
        matrix[start + row, column] = value
        matrix[start + row, column + 1] = code


@njit(cache=True, nogil=True)
def tokens(bits, bit, offsets, data, matrix, start, column):
    """WeChat ids and store codes: trimmed, case counts. An openid's first letters (its app) go into the half of APP."""
    points = np.empty(64, np.int64)
    for row in range(offsets.size - 1):
        value, app = np.int64(0), np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            low = 0
            while low < length and points[low] == 32:
                low += 1
            while length > low and points[length - 1] == 32:
                length -= 1
            same, fits = True, True
            for at in range(low, length):
                same &= points[at] == points[low]
                fits &= points[at] < 128 and (points[at] == 45 or points[at] == 95 or _is_letter(points[at]))
            if column == f.STORE:
                if length > low:
                    value = hashed(points, low, length)
            elif length - low >= 6 and not same and fits:
                value = hashed(points, low, length)
                app = hashed(points, low, low + 4) & 0xFFFFFFF
        matrix[start + row, column] = value
        if column == f.OPENID:
            matrix[start + row, f.APP] |= app << 32


@njit(cache=True, nogil=True)
def _is_letter(point):
    return 48 <= point <= 57 or 65 <= point <= 90 or 97 <= point <= 122


@njit(cache=True, nogil=True)
def emails(bits, bit, offsets, data, matrix, start, column, nobody):
    """Write the hash of the address into `column`, of the mailbox into the next; `nobody`: sorted hashes of filler mailboxes."""
    points = np.empty(80, np.int64)
    for row in range(offsets.size - 1):
        value, box = np.int64(0), np.int64(0)
        if is_valid(bits, bit + row):
            length = decode(data, offsets[row], offsets[row + 1], points)
            count, sign, dots, bad = 0, -1, 0, False
            for at in range(length):
                point = points[at]
                if point == 32:
                    continue
                if 65 <= point <= 90:
                    point += 32
                if point == 64:
                    bad |= sign >= 0
                    sign = count
                elif not (_is_letter(point) or point == 46 or point == 95 or point == 37 or point == 43 or point == 45):
                    bad = True
                if sign >= 0 and point == 46:
                    dots += 1
                points[count] = point
                count += 1
            if sign > 0 and dots > 0 and not bad and count - sign > 3:
                box = hashed(points, 0, sign)
                found = np.searchsorted(nobody, box)
                if found < nobody.size and nobody[found] == box:
                    box = np.int64(0)
                else:
                    value = hashed(points, 0, count)
                    if sign < 4:
                        box = np.int64(0)
        matrix[start + row, column] = value
        matrix[start + row, column + 1] = box


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
            count, within = 0, False
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
                place = (before[0] ^ numbers[0] * 7919) * np.int64(_PRIME) & np.int64(_POSITIVE)
                building = 1 if count >= 2 and (after == 0x53F7 or after == 0x5F04) and before[1] != 0 else 0  # 号 弄
                if count - building >= 2 and before[building] != 0:
                    mixed = (before[building] ^ numbers[building] * 104729) * np.int64(_PRIME)
                    unit = ((mixed ^ numbers[count - 1]) * np.int64(_PRIME)) & np.int64(_POSITIVE)
                    if building == 1:
                        unit = ((unit ^ numbers[0]) * np.int64(_PRIME)) & np.int64(_POSITIVE)
        matrix[start + row, column] = place
        matrix[start + row, column + 1] = unit
        matrix[start + row, f.APP] |= street


@njit(cache=True, nogil=True)
def _is_number_word(point):
    """号 栋 幢 座 楼 室 单 元 弄 层 户: what stands right behind a number says what it numbers, not where."""
    return point in (0x53F7, 0x680B, 0x5E62, 0x5EA7, 0x697C, 0x5BA4, 0x5355, 0x5143, 0x5F04, 0x5C42, 0x6237)


@njit(cache=True, nogil=True)
def _is_han(point):
    return 0x4E00 <= point <= 0x9FFF or 0x3400 <= point <= 0x4DBF


@njit(cache=True, nogil=True)
def _is_mask(point):
    return point == 42 or point == 0x25CB or point == 0xD7 or point == 0x67D0 or point == 0x2605


@njit(cache=True, nogil=True)
def _has(sorted_values, value):
    at = np.searchsorted(sorted_values, value)
    return at < sorted_values.size and sorted_values[at] == value


@njit(cache=True, nogil=True)
def name_of(
    points,
    length,
    sound,
    surname_sound,
    is_surname,
    compound,
    spelled,
    spelled_sound,
    starts_surname,
    titles,
    nobody,
    prefixes,
    kept,
):
    """Return (surname sounds, first given, second given, kind, hash of the characters, gender told by a title)."""
    size, depth, han, letters = 0, 0, 0, 0
    for at in range(length):
        point = points[at]
        if point in (40, 91, 123, 60, 0x3010, 0x300C, 0x300E, 0x300A):
            depth += 1
        elif point in (41, 93, 125, 62, 0x3011, 0x300D, 0x300F, 0x300B):
            depth = max(0, depth - 1)
        elif depth == 0:
            if _is_mask(point) and not (point == 0x2605):
                kept[size] = 42
                size += 1
            elif _is_han(point):
                kept[size] = point
                size, han = size + 1, han + 1
            elif 65 <= point <= 90 or 97 <= point <= 122:
                kept[size] = point | 32
                size, letters = size + 1, letters + 1
            elif point == 32 or point == 45 or point == 44:
                kept[size] = 32
                size += 1
    if han == 0:
        return _latin(kept, size, letters, spelled, spelled_sound, starts_surname, compound, nobody)
    count = 0
    for at in range(size):
        if _is_han(kept[at]) or kept[at] == 42:
            kept[count] = kept[at]
            count += 1
    gender, low = np.int64(0), 0
    again = True
    while again:
        again = False
        if _has(nobody, hashed(kept, low, count)):
            return 0, 0, 0, f.NO_NAME, 0, gender
        if count - low >= 4:
            for at in range(prefixes.shape[0]):
                if kept[low] == prefixes[at, 0] and kept[low + 1] == prefixes[at, 1]:
                    low, again = low + 2, True
                    break
        for at in range(titles.shape[0]):
            wide = 2 if titles[at, 1] != 0 else 1
            if count - low > wide and kept[count - 1] == titles[at, 2] and (wide == 1 or kept[count - 2] == titles[at, 1]):
                if wide == 1 and count - low != 2:
                    continue
                count, again = count - wide, True
                if titles[at, 3] != 0:
                    gender = titles[at, 3]
                break
    size, masks = count - low, 0
    for at in range(low, count):
        masks += kept[at] == 42
    chars = hashed(kept, low, count)
    first = kept[low]
    double = size >= 2 and kept[low + 1] != 42 and first != 42 and _has(compound, first << 16 | kept[low + 1])
    if size == 2 and double and masks == 0:
        return surname_sound[first] << 9 | sound[kept[low + 1]], 0, 0, f.SURNAME_ONLY, 0, gender
    head = 2 if double else 1
    known = first != 42 and (double or is_surname[first] == 1)
    family = (
        (surname_sound[first] << 9 | sound[kept[low + 1]]) if double else surname_sound[first] if first != 42 else np.int64(0)
    )
    if masks > 0:
        if masks == size or size > 4 or (first != 42 and not known):
            return 0, 0, 0, f.NO_NAME, 0, gender
        one, two = _given(kept, low + head, count, sound)
        bare = (one == 0 or one == f.ANY_SOUND) and (two == 0 or two == f.ANY_SOUND)
        return family, one, two, f.SURNAME_ONLY if bare else f.MASKED, 0, gender
    if size == 1:
        if known:
            return family, 0, 0, f.SURNAME_ONLY, 0, gender
        return 0, 0, 0, f.NICKNAME, chars, gender
    if size == 2 and first in (0x5C0F, 0x8001, 0x5927, 0x963F):  # 小 老 大 阿
        last = kept[low + 1]
        if is_surname[last] == 1 and first != 0x963F:
            return surname_sound[last], 0, 0, f.SURNAME_ONLY, 0, gender
        return 0, sound[last], 0, f.GIVEN_ONLY, 0, gender
    if size == 2 and first == kept[low + 1]:
        return 0, sound[first], 0, f.GIVEN_ONLY, 0, gender
    given = size - head
    if known and 1 <= given <= 2:
        one, two = _given(kept, low + head, count, sound)
        return family, one, two, f.FULL, chars, gender
    last = kept[count - 1]
    if 2 <= size <= 3 and is_surname[last] == 1:  # given name first
        one = sound[first]
        two = sound[kept[low + 1]] if size == 3 else np.int64(0)
        return surname_sound[last], one, two, f.FULL, chars, gender
    if size == 2:
        return 0, sound[first], sound[last], f.GIVEN_ONLY, chars, gender
    return 0, 0, 0, f.NICKNAME, chars, gender


@njit(cache=True, nogil=True)
def _given(kept, low, high, sound):
    one, two = np.int64(0), np.int64(0)
    if high > low:
        one = np.int64(f.ANY_SOUND) if kept[low] == 42 else sound[kept[low]]
    if high > low + 1:
        two = np.int64(f.ANY_SOUND) if kept[low + 1] == 42 else sound[kept[low + 1]]
    return one, two


@njit(cache=True, nogil=True)
def _latin(kept, size, letters, spelled, spelled_sound, starts_surname, compound, nobody):
    """A name in Latin letters: two to four syllables are a Chinese name, everything else a nickname."""
    if letters < 2 or size > 30:
        return 0, 0, 0, f.NO_NAME, 0, 0
    text, cut, count, words = np.empty(32, np.int64), np.zeros(33, np.int64), 0, 0
    for at in range(size):
        if kept[at] == 32 or kept[at] == 42:
            if count > 0 and cut[count] == 0:
                cut[count], words = 1, words + 1
        else:
            text[count] = kept[at]
            count += 1
    chars = hashed(text, 0, count)
    if _has(nobody, chars):
        return 0, 0, 0, f.NO_NAME, 0, 0
    best, back = np.full(33, 99, np.int64), np.zeros(33, np.int64)
    best[0] = 0
    for end in range(1, count + 1):
        packed, scale = np.int64(0), np.int64(1)
        for start in range(end - 1, max(-1, end - 7), -1):
            if not 97 <= text[start] <= 122:
                break
            packed += (text[start] - 96) * scale
            scale *= 27
            if best[start] + 1 < best[end] and _has(spelled, packed):
                best[end], back[end] = best[start] + 1, start
            if cut[start] == 1:
                break
    total = best[count]
    if not 2 <= total <= 4:
        return 0, 0, 0, f.NICKNAME, chars, 0
    found, end, first_word = np.zeros(4, np.int64), count, 0
    for at in range(total - 1, -1, -1):
        packed = np.int64(0)
        for letter in range(back[end], end):
            packed = packed * 27 + text[letter] - 96
        found[at] = spelled_sound[np.searchsorted(spelled, packed)]
        end = back[end]
        if end > 0 and cut[end] == 1:
            first_word = at
    if total == 4:
        return 0, 0, 0, f.NICKNAME, chars, 0
    last = found[total - 1]
    swapped = first_word == 2 and total == 3
    if swapped and starts_surname[last] == 1:
        return last, found[0], found[1], f.SPELLED, 0, 0
    if starts_surname[found[0]] == 1:
        return found[0], found[1], found[2], f.SPELLED, 0, 0
    if starts_surname[last] == 1:
        return last, found[0], found[1] if total == 3 else 0, f.SPELLED, 0, 0
    return 0, 0, 0, f.NICKNAME, chars, 0


@njit(cache=True, nogil=True)
def name_column(
    bits,
    bit,
    offsets,
    data,
    matrix,
    start,
    column,
    sound,
    surname_sound,
    is_surname,
    compound,
    spelled,
    spelled_sound,
    starts_surname,
    titles,
    nobody,
    prefixes,
):
    points, kept = np.empty(48, np.int64), np.empty(48, np.int64)
    for row in range(offsets.size - 1):
        if not is_valid(bits, bit + row):
            continue
        length = decode(data, offsets[row], offsets[row + 1], points)
        family, one, two, kind, chars, gender = name_of(
            points,
            length,
            sound,
            surname_sound,
            is_surname,
            compound,
            spelled,
            spelled_sound,
            starts_surname,
            titles,
            nobody,
            prefixes,
            kept,
        )
        matrix[start + row, column] |= (
            family << f.SURNAME_SHIFT | one << f.FIRST_SHIFT | two << f.SECOND_SHIFT | np.int64(kind) << f.KIND_SHIFT
        )
        matrix[start + row, column + 1] = chars
        if gender != 0 and (matrix[start + row, f.FACTS] >> f.GENDER_SHIFT) & 3 == 0:
            matrix[start + row, f.FACTS] |= gender << f.GENDER_SHIFT


@njit(cache=True, nogil=True)
def text_hashes(bits, bit, offsets, data, found):
    """Write a hash of each text into `found`; nulls are 0."""
    for row in range(offsets.size - 1):
        value = np.int64(_SEED)
        if is_valid(bits, bit + row):
            for at in range(offsets[row], offsets[row + 1]):
                value = (value ^ np.int64(data[at])) * np.int64(_PRIME)
            value ^= value >> 29 & 0x7FFFFFFFF
            found[row] = value & np.int64(_POSITIVE)


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
