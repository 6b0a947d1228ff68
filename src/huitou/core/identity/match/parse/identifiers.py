"""Parsers of what identifies: phones, cards, WeChat ids and store codes, e-mail addresses."""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse.text import POSITIVE, PRIME, SEED, decode, hashed, is_letter, is_valid

_MASK_SIGN = 10


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
        if is_valid(bits, bit + row) and not _plain_phone(data, offsets[row], offsets[row + 1], digits):
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
            low = np.int64(0)
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
        elif is_valid(bits, bit + row) and not _dummy_phone(digits, np.int64(0)):
            for at in range(11):
                value = value * 10 + digits[at]
        matrix[start + row, column] = value


@njit(cache=True, nogil=True)
def _plain_phone(data, low, high, digits):
    """Is it nothing but the eleven digits of a mobile? Then write them."""
    if high - low != 11 or data[low] != 49 or not 51 <= data[low + 1] <= 57:
        return False
    for at in range(11):
        digit = np.int64(data[low + at]) - 48
        if not 0 <= digit <= 9:
            return False
        digits[at] = digit
    return True


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
            for at in range(_label(points, length), length):
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
def _label(points, length):
    """Return how many signs of a "No." stand in front of a card's number."""
    if length < 4 or points[0] | 32 != 110 or points[1] | 32 != 111:
        return 0
    at = 2
    while at < length and points[at] in (32, 46, 58):
        at += 1
    return at if 48 <= points[at] <= 57 else 0


@njit(cache=True, nogil=True)
def tokens(bits, bit, offsets, data, matrix, start, column):
    """WeChat ids and store codes: trimmed, case counts. An openid's first letters (its app) go into the half of APP."""
    points = np.empty(64, np.int64)
    for row in range(offsets.size - 1):
        value, app = np.int64(0), np.int64(0)
        valid = is_valid(bits, bit + row)
        if valid and column != f.STORE:
            value, app = _plain_token(data, offsets[row], offsets[row + 1])
        if valid and value == 0:
            length = decode(data, offsets[row], offsets[row + 1], points)
            low = 0
            while low < length and points[low] == 32:
                low += 1
            while length > low and points[length - 1] == 32:
                length -= 1
            same, fits = True, True
            for at in range(low, length):
                same &= points[at] == points[low]
                fits &= points[at] < 128 and (points[at] == 45 or points[at] == 95 or is_letter(points[at]))
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
def _plain_token(data, low, high):
    """Return the hash of an id and of its first four signs straight from its bytes; 0, 0 for whatever needs a closer look."""
    value, app, same = np.int64(SEED), np.int64(0), True
    if not 6 <= high - low <= 64:
        return np.int64(0), np.int64(0)
    for at in range(low, high):
        sign = np.int64(data[at])
        if not (is_letter(sign) or sign == 45 or sign == 95):
            return np.int64(0), np.int64(0)
        same &= sign == data[low]
        value = (value ^ sign) * np.int64(PRIME)
        if at == low + 3:
            app = value & 0xFFFFFFF
    value &= np.int64(POSITIVE)
    return (np.int64(0), np.int64(0)) if same else (value, app)


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
                elif not (is_letter(point) or point == 46 or point == 95 or point == 37 or point == 43 or point == 45):
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
