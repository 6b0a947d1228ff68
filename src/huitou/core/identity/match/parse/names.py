"""
The parser of personal names: what is left of a name is a surname, given sounds, and which kind of name it is.

`tables` are those of `words.Words`, in order. A name is (surname sounds, first given, second given, kind, hash of the
characters, gender told by a title).
"""

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.parse.text import decode, hashed, is_valid
from huitou.core.identity.match.words import COMPOUND_START, FAMILIAR, SURNAME, TITLE_END, WORD_START

_MASK = 42


@njit(cache=True, nogil=True)
def name_column(bits, bit, offsets, data, matrix, start, column, tables):
    points, kept = np.empty(48, np.int64), np.empty(48, np.int64)
    sound, surname_sound, marks = tables[0], tables[1], tables[2]
    for row in range(offsets.size - 1):
        if not is_valid(bits, bit + row):
            continue
        low, high = offsets[row], offsets[row + 1]
        count = _short_han(data, low, high, points)
        if count > 0 and _is_plain(points, count, marks):
            family, one, gender = np.int64(surname_sound[points[0]]), np.int64(sound[points[1]]), np.int64(0)
            two = np.int64(sound[points[2]]) if count == 3 else np.int64(0)
            kind, chars = np.int64(f.FULL), hashed(points, 0, count)
        else:
            family, one, two, kind, chars, gender = name_of(points, decode(data, low, high, points), kept, tables)
        matrix[start + row, column] |= (
            family << f.SURNAME_SHIFT | one << f.FIRST_SHIFT | two << f.SECOND_SHIFT | kind << f.KIND_SHIFT
        )
        matrix[start + row, column + 1] = chars
        if gender != 0 and (matrix[start + row, f.FACTS] >> f.GENDER_SHIFT) & 3 == 0:
            matrix[start + row, f.FACTS] |= gender << f.GENDER_SHIFT


@njit(cache=True, nogil=True)
def _short_han(data, low, high, points):
    """Write the code points of two or three common Han characters; return 0 for every other text."""
    size = high - low
    if size != 6 and size != 9:
        return 0
    for at in range(size // 3):
        place = low + 3 * at
        if not 0xE4 <= data[place] <= 0xE9:
            return 0
        points[at] = (np.int64(data[place]) & 15) << 12 | (np.int64(data[place + 1]) & 63) << 6 | (np.int64(data[place + 2]) & 63)
    return size // 3


@njit(cache=True, nogil=True)
def _is_plain(points, count, marks):
    """Surname and one or two characters more, and nothing that could be a title, a mask or nobody's word: four of five names."""
    if marks[points[0]] != SURNAME or points[1] == points[0] or marks[points[count - 1]] & ~(SURNAME | FAMILIAR):
        return False
    for at in range(1, count):
        if _is_mask(points[at]):
            return False
    return True


@njit(cache=True, nogil=True)
def _is_han(point):
    return 0x4E00 <= point <= 0x9FFF or 0x3400 <= point <= 0x4DBF


@njit(cache=True, nogil=True)
def _is_mask(point):
    return point == _MASK or point == 0x25CB or point == 0xD7 or point == 0x67D0


@njit(cache=True, nogil=True)
def _has(sorted_values, value):
    at = np.searchsorted(sorted_values, value)
    return at < sorted_values.size and sorted_values[at] == value


@njit(cache=True, nogil=True)
def name_of(points, length, kept, tables):
    """Return the name in the first `length` code points; `kept` is room to work in."""
    marks, nobody, prefixes, titles = tables[2], tables[8], tables[9], tables[7]
    size, han, letters = np.int64(0), np.int64(0), np.int64(0)
    for inside in range(2):  # what stands in brackets only if nothing else is there
        if han + letters == 0:
            size, han, letters = _signs(points, length, kept, inside)
    if han == 0:
        return _latin(kept, size, letters, tables)
    count = np.int64(0)
    for at in range(size):
        if _is_han(kept[at]) or kept[at] == _MASK:
            kept[count] = kept[at]
            count += 1
    gender, low, titled, again = np.int64(0), np.int64(0), False, True
    while again:
        again = False
        if marks[kept[low]] & WORD_START:
            if _has(nobody, hashed(kept, low, count)):
                return np.int64(0), np.int64(0), np.int64(0), np.int64(f.NO_NAME), np.int64(0), gender
            head = _prefix(kept, low, count, prefixes)
            if head > 0:
                low, again = low + head, True
        which = _title(kept, low, count, titles) if marks[kept[count - 1]] & TITLE_END else -1
        if which >= 0:
            count -= 2 if titles[which, 0] != 0 else 1
            titled, again = True, True
            if titles[which, 2] != 0:
                gender = titles[which, 2]
    family, one, two, kind, chars = _han_name(kept[low:count], titled, tables)
    return family, one, two, kind, chars, gender


@njit(cache=True, nogil=True)
def _signs(points, length, kept, inside):
    """Keep Han signs, masks, letters and gaps, what stands in brackets if `inside` is 1. Returns sizes: all, Han, letters."""
    size, depth, han, letters = np.int64(0), 0, np.int64(0), np.int64(0)
    for at in range(length):
        point = points[at]
        if point in (40, 91, 123, 60, 0x3010, 0x300C, 0x300E, 0x300A):
            depth += 1
        elif point in (41, 93, 125, 62, 0x3011, 0x300D, 0x300F, 0x300B):
            depth = max(0, depth - 1)
        elif depth == 0 or inside == 1:
            if _is_mask(point):
                kept[size] = _MASK
                size += 1
            elif _is_han(point):
                kept[size] = point
                size, han = size + 1, han + 1
            elif 65 <= point <= 90 or 97 <= point <= 122:
                kept[size] = point | 32
                size, letters = size + 1, letters + 1
            elif point == 32 or point == 45 or point == 44 or point == 46:
                kept[size] = 32
                size += 1
    return size, han, letters


@njit(cache=True, nogil=True)
def _prefix(kept, low, count, prefixes):
    """Return the length of a word like 会员 in front of a name, 0: none."""
    for at in range(prefixes.shape[0]):
        size = 0
        while size < prefixes.shape[1] and prefixes[at, size] != 0:
            size += 1
        if count - low < size + 2:
            continue
        same = True
        for sign in range(size):
            same &= kept[low + sign] == prefixes[at, sign]
        if same:
            return size
    return 0


@njit(cache=True, nogil=True)
def _title(kept, low, count, titles):
    """Return which title a name ends in, -1: none; titles of one character only stand behind one other."""
    for at in range(titles.shape[0]):
        if kept[count - 1] != titles[at, 1]:
            continue
        if titles[at, 0] == 0:
            if count - low == 2:
                return at
        elif count - low > 2 and kept[count - 2] == titles[at, 0]:
            return at
    return -1


@njit(cache=True, nogil=True)
def _han_name(signs, titled, tables):
    """Return the name in Han characters and masks, titles and prefixes off."""
    sound, surname_sound, marks, compound = tables[0], tables[1], tables[2], tables[3]
    nothing, size = np.int64(0), signs.size
    first = signs[0]
    masks = 0
    for at in range(size):
        masks += signs[at] == _MASK
    second = signs[1] if size >= 2 else np.int64(_MASK)
    double = first != _MASK and second != _MASK and marks[first] & COMPOUND_START != 0 and _has(compound, first << 16 | second)
    known = first != _MASK and (double or marks[first] & SURNAME != 0)
    family = nothing
    if double:
        family = np.int64(surname_sound[first]) << 9 | np.int64(sound[second])
    elif first != _MASK:
        family = np.int64(surname_sound[first])
    if masks > 0:
        if masks == size or size > 4 or (first != _MASK and not known):
            return nothing, nothing, nothing, np.int64(f.NO_NAME), nothing
        hidden = size == 4 and masks == 2 and first == _MASK and second == _MASK  # a compound surname
        one, two = _given(signs, 2 if double or hidden else 1, sound)
        bare = (one == 0 or one == f.ANY_SOUND) and (two == 0 or two == f.ANY_SOUND)
        return family, one, two, np.int64(f.SURNAME_ONLY if bare else f.MASKED), nothing
    if size == 1 or (size == 2 and double):
        if known:
            return family, nothing, nothing, np.int64(f.SURNAME_ONLY), nothing
        if titled:
            return nothing, np.int64(sound[first]), nothing, np.int64(f.GIVEN_ONLY), nothing
        return nothing, nothing, nothing, np.int64(f.NICKNAME), hashed(signs, 0, size)
    if size == 2 and marks[first] & FAMILIAR != 0:  # 小老大 with a surname, 阿 with a given name
        if marks[second] & SURNAME != 0 and first != 0x963F:
            return np.int64(surname_sound[second]), nothing, nothing, np.int64(f.SURNAME_ONLY), nothing
        return nothing, np.int64(sound[second]), nothing, np.int64(f.GIVEN_ONLY), nothing
    if size == 2 and first == second:
        return nothing, np.int64(sound[first]), nothing, np.int64(f.GIVEN_ONLY), nothing
    chars = hashed(signs, 0, size)
    if known and 1 <= size - (2 if double else 1) <= 2:
        one, two = _given(signs, 2 if double else 1, sound)
        return family, one, two, np.int64(f.FULL), chars
    last = signs[size - 1]
    if size <= 3 and marks[last] & SURNAME != 0:  # given name first
        one, two = np.int64(sound[first]), np.int64(sound[second]) if size == 3 else nothing
        return np.int64(surname_sound[last]), one, two, np.int64(f.FULL), chars
    if size == 2:
        return nothing, np.int64(sound[first]), np.int64(sound[second]), np.int64(f.GIVEN_ONLY), chars
    return nothing, nothing, nothing, np.int64(f.NICKNAME), chars


@njit(cache=True, nogil=True)
def _given(signs, low, sound):
    one, two = np.int64(0), np.int64(0)
    if signs.size > low:
        one = np.int64(f.ANY_SOUND) if signs[low] == _MASK else np.int64(sound[signs[low]])
    if signs.size > low + 1:
        two = np.int64(f.ANY_SOUND) if signs[low + 1] == _MASK else np.int64(sound[signs[low + 1]])
    return one, two


@njit(cache=True, nogil=True)
def _latin(kept, size, letters, tables):
    """A name in Latin letters: two to four syllables are a Chinese name, one with a title a surname, the rest nicknames."""
    spelled, spelled_sound, surnames, nobody, courtesy = tables[4], tables[5], tables[6], tables[8], tables[10]
    nothing, nickname = np.int64(0), np.int64(f.NICKNAME)
    if letters < 2 or size > 30:
        return nothing, nothing, nothing, np.int64(f.NO_NAME), nothing, nothing
    text, cut = np.empty(32, np.int64), np.zeros(33, np.int64)
    count, gender, titled = _words(kept, size, text, cut, courtesy)
    chars = hashed(text, 0, count)
    if count < 2 or _has(nobody, chars):
        return nothing, nothing, nothing, np.int64(f.NO_NAME), nothing, gender
    found = np.zeros(4, np.int64)
    total, first_word = _syllables(text, count, cut, spelled, spelled_sound, tables[12], found)
    if total == 1 and surnames[found[0]] != 0 and titled:
        return surnames[found[0]], nothing, nothing, np.int64(f.SURNAME_ONLY), nothing, gender
    if not 2 <= total <= 4:
        return nothing, nothing, nothing, nickname, chars, gender
    last, spelt = surnames[found[total - 1]], np.int64(f.SPELLED)
    if total > 2:
        two, four = found[0] << 9 | found[1], found[total - 2] << 9 | found[total - 1]
        if (total == 4 or first_word == 2) and _has(tables[11], two):
            return two, found[2], found[3], spelt, nothing, gender
        if (total == 4 or first_word == 1) and _has(tables[11], four):
            return four, found[0], found[1] if total == 4 else nothing, spelt, nothing, gender
    if total == 4:
        return nothing, nothing, nothing, nickname, chars, gender
    if first_word == 2 and total == 3 and last != 0:
        return last, found[0], found[1], spelt, nothing, gender
    if surnames[found[0]] != 0:
        return surnames[found[0]], found[1], found[2], spelt, nothing, gender
    if last != 0:
        return last, found[0], found[1] if total == 3 else nothing, spelt, nothing, gender
    return nothing, nothing, nothing, nickname, chars, gender


@njit(cache=True, nogil=True)
def _words(kept, size, text, cut, courtesy):
    """Write letters without gaps and cut[i] = 1 where a word ends, Mr and Ms left out. Returns count, gender, was one there."""
    count, gender, titled, word = 0, np.int64(0), False, np.int64(0)
    for at in range(size + 1):
        if at < size and kept[at] != 32 and kept[at] != _MASK:
            text[count] = kept[at]
            word = word * 27 + kept[at] - 96
            count += 1
            continue
        if count > 0 and cut[count] == 0 and at < size:
            cut[count] = 1
        for which in range(courtesy.shape[0]):
            if word == courtesy[which, 0]:
                size_of, rest = 0, word
                while rest > 0:
                    size_of, rest = size_of + 1, rest // 27
                cut[count] = 0
                count -= size_of
                gender, titled = courtesy[which, 1], True
                break
        word = np.int64(0)
    return count, gender, titled


@njit(cache=True, nogil=True)
def _syllables(text, count, cut, spelled, spelled_sound, unnamed, found):
    """
    Write the fewest syllables that spell the text; return how many (99: none do) and where the last word begins.

    Of equally few those count that begin with a consonant (a vowel should have an apostrophe before it), unless that is no
    syllable of a given name.
    """
    best, back = np.full(33, 990, np.int64), np.zeros(33, np.int64)
    best[0] = 0
    for end in range(1, count + 1):
        packed, scale = np.int64(0), np.int64(1)
        for start in range(end - 1, max(-1, end - 7), -1):
            if not 97 <= text[start] <= 122:
                break
            packed += (text[start] - 96) * scale
            scale *= 27
            bare = start > 0 and cut[start] == 0 and (text[start] == 97 or text[start] == 101 or text[start] == 111)
            cost = best[start] + (11 if bare else 10)
            if cost < best[end] and _has(spelled, packed):
                if start > 0 and cut[start] == 0 and _has(unnamed, packed):
                    cost += 2
                    if cost >= best[end]:
                        continue
                best[end], back[end] = cost, start
            if cut[start] == 1:
                break
    total = best[count] // 10
    if not 1 <= total <= 4:
        return np.int64(99), 0
    end, first_word = count, 0
    for at in range(total - 1, -1, -1):
        packed = np.int64(0)
        for letter in range(back[end], end):
            packed = packed * 27 + text[letter] - 96
        found[at] = spelled_sound[np.searchsorted(spelled, packed)]
        end = back[end]
        if end > 0 and cut[end] == 1:
            first_word = at
    return total, first_word
