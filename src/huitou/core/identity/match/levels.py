"""
How two records compare: one small level per field, packed into one integer (the pattern of the pair).

Level 0 of every field means that one side does not say. FIELDS is the binding list: names of the levels, in order.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numba import njit

from huitou.core.identity.match import fields as f
from huitou.core.identity.match.keys import name_key


@dataclass(frozen=True, slots=True)
class Field:
    """One compared field: its place in the pattern and what its levels are called; levels[0] is "unknown"."""

    name: str
    shift: int
    bits: int
    levels: tuple[str, ...]


FIELDS = (
    Field("name", 0, 4, (
        "unknown", "equal_rare", "equal", "equal_common", "homophone", "homophone_common", "part", "surname", "given", "swapped",
        "one_sign", "other_surname", "nickname", "other_given", "other", "incomparable",
    )),
    Field("phone", 4, 3, ("unknown", "equal_two", "equal_one_name", "equal_names", "near", "masked", "other")),
    Field("card", 7, 3, ("unknown", "equal", "near", "masked", "other")),
    Field("openid", 10, 2, ("unknown", "equal", "other", "other_app")),
    Field("unionid", 12, 2, ("unknown", "equal", "other")),
    Field("email", 14, 2, ("unknown", "equal", "mailbox", "other")),
    Field("birthday", 16, 3, ("unknown", "equal", "part", "lunar", "one_part", "other")),
    Field("gender", 19, 2, ("unknown", "equal", "other")),
    Field("address", 21, 3, ("unknown", "unit", "house", "other_unit", "street", "other")),
    Field("store", 24, 2, ("unknown", "equal", "other")),
    Field("owner", 30, 4, (
        "unknown", "pair", "one_once", "one_twice", "one_often", "most", "half", "few",
        "none_two", "none_more", "none_once", "none_often", "none_names",
    )),
)  # fmt: skip
NAME_OTHER_GIVEN, NAME_OTHER = 13, 14
STRATA: Mapping[str, tuple[str, ...]] = {  # what makes a pair a candidate: the kind of tie, and the fields it was found by
    "identifier": (), "near_phone": ("phone",), "near_store": ("phone", "store"),
    "masked_phone": ("phone",), "masked_store": ("phone", "store"), "near_card": ("name", "card"),
    "mailbox": ("name", "email"), "name_birthday": ("name", "birthday"), "birthday": ("birthday", "address"),
    "home": ("name", "address"), "name_twice": ("name",), "name_thrice": ("name",), "name_few": ("name",),
    "name_store": ("name", "store"), "name": ("name",),
}  # fmt: skip
OWNER_PHONES = (0, 1, 2, 2, 2, 3, 3, 3, 1, 2, 2, 2, 3)  # the level of "phone" that goes with each level of "owner"
NONE_TWO = 8  # the first level of "owner" where both are nameless
SHADOW, SHADOW_BOTH = 34, 38  # four bits each: of two named records with one phone, "owner" if one or both were nameless
NAMESAKE = 10  # the first of STRATA whose pairs have an equal name in common and little else
NAMESAKES = 28  # two bits: how many records hold this very name, as in FACTS
CONTRADICTION = 1 << 44  # both full names, other person by name, and another gender or birthday


@njit(cache=True, nogil=True)
def near_numbers(left, right, base, width):
    """Do two numbers of equal length differ in one figure, or by two neighbours swapped?"""
    if left == right:
        return False
    first, second, count = np.int64(-1), np.int64(-1), 0
    one, two = left, right
    for at in range(width):
        if one % base != two % base:
            if count == 0:
                first = at
            elif count == 1:
                second = at
            count += 1
            if count > 2:
                return False
        one //= base
        two //= base
    if count == 1:
        return True
    if count != 2 or second != first + 1:
        return False
    low = base**first
    return left // low % base == right // (low * base) % base and left // (low * base) % base == right // low % base


@njit(cache=True, nogil=True)
def _fits(one, two):
    """Can two given sounds be the same? Unknown and masked ones can."""
    return one == two or one == f.ANY_SOUND or two == f.ANY_SOUND or one == 0 or two == 0


@njit(cache=True, nogil=True)
def name_level(a, b, chars_a, chars_b, frequency):
    kind_a, kind_b = a >> f.KIND_SHIFT & f.KIND_MASK, b >> f.KIND_SHIFT & f.KIND_MASK
    if kind_a == f.NO_NAME or kind_b == f.NO_NAME:
        return 0
    if kind_a == f.NICKNAME or kind_b == f.NICKNAME:
        return 15 if kind_a != kind_b else 12 if chars_a == chars_b else 15
    family_a, family_b = a & f.SURNAME_MASK, b & f.SURNAME_MASK
    one_a, one_b = a >> f.FIRST_SHIFT & f.SOUND_MASK, b >> f.FIRST_SHIFT & f.SOUND_MASK
    two_a, two_b = a >> f.SECOND_SHIFT & f.SOUND_MASK, b >> f.SECOND_SHIFT & f.SOUND_MASK
    whole_a, whole_b = kind_a == f.FULL or kind_a == f.SPELLED, kind_b == f.FULL or kind_b == f.SPELLED
    if whole_a and whole_b:
        if family_a == family_b and one_a == one_b and two_a == two_b:
            if chars_a == chars_b and chars_a != 0:
                return 1 + frequency
            return 4 if frequency < 2 else 5
        long_a, long_b = two_a != 0, two_b != 0
        if (
            long_a
            and long_b
            and (
                (family_a == two_b and one_a == family_b and two_a == one_b)
                or (family_a == one_b and one_a == two_b and two_a == family_b)
            )
        ):
            return 9
        if not long_a and not long_b and family_a == one_b and one_a == family_b:
            return 9
        if long_a != long_b:  # the given name alone, which reads like a name of two signs
            family, one = (family_b, one_b) if long_a else (family_a, one_a)
            first, last = (one_a, two_a) if long_a else (one_b, two_b)
            if (family == first and one == last) or (family == last and one == first):
                return 8
        if family_a == family_b:
            if long_a != long_b:
                return 6 if one_a == one_b else 10 if (two_a == one_b or two_b == one_a) else 13
            if long_a and one_a == two_b and two_a == one_b:
                return 9
            return 10 if long_a and (one_a == one_b or two_a == two_b) else 13
        if one_a == one_b and two_a == two_b and long_a:
            return 11
        return 14
    if kind_a == f.GIVEN_ONLY or kind_b == f.GIVEN_ONLY:
        if kind_a == f.SURNAME_ONLY or kind_b == f.SURNAME_ONLY:
            return 15
        if kind_a == f.MASKED or kind_b == f.MASKED:
            return 15
        if kind_a == kind_b:
            if one_a == one_b and two_a == two_b:
                return 8
            return 8 if two_a == 0 and (one_a == two_b) else 8 if two_b == 0 and one_b == two_a else 15
        short, short_two = (one_a, two_a) if kind_a == f.GIVEN_ONLY else (one_b, two_b)
        full_one, full_two = (one_b, two_b) if kind_a == f.GIVEN_ONLY else (one_a, two_a)
        if short_two == 0:
            return 8 if short == full_one or short == full_two else 15
        return 8 if short == full_one and short_two == full_two else 15
    if family_a != family_b and family_a != 0 and family_b != 0:
        last_a, last_b = (two_a if two_a != 0 else one_a), (two_b if two_b != 0 else one_b)
        if (kind_a == f.SURNAME_ONLY and whole_b and last_b == family_a) or (
            kind_b == f.SURNAME_ONLY and whole_a and last_a == family_b
        ):
            return 7  # given name first
        return 14
    if (family_a == 0 and two_a == 0 and one_a == two_b) or (family_b == 0 and two_b == 0 and one_b == two_a):
        return 8  # all but the last sign masked
    if not (_fits(one_a, one_b) and _fits(two_a, two_b)):
        if kind_a == f.MASKED or kind_b == f.MASKED:
            return 13
    known = (one_a == one_b and 0 < one_a < f.ANY_SOUND) or (two_a == two_b and 0 < two_a < f.ANY_SOUND)
    if kind_a == f.SURNAME_ONLY or kind_b == f.SURNAME_ONLY:
        return 7 if family_a != 0 and family_b != 0 else 15
    return 6 if known else 7


@njit(cache=True, nogil=True)
def _days(date):
    month = np.int64(date // 100 % 100)
    return (date // 10000) * 365 + (month - 1) * 30 + date % 100


@njit(cache=True, nogil=True)
def birthday_level(a, b):
    one, two = a & f.BIRTHDAY_MASK, b & f.BIRTHDAY_MASK
    if one == 0 or two == 0:
        return 0
    year_a, year_b = one // 10000, two // 10000
    month_a, month_b, day_a, day_b = one // 100 % 100, two // 100 % 100, one % 100, two % 100
    if one == two:
        return 1 if year_a != 0 and day_a != 0 else 2
    if year_a == 0 or year_b == 0:
        return 2 if month_a == month_b and day_a == day_b else 5
    if month_a == 0 or month_b == 0:
        return 0 if year_a == year_b else 5
    if day_a == 0 or day_b == 0:
        return 2 if year_a == year_b and month_a == month_b else 5
    if year_a == year_b and month_a == day_b and day_a == month_b:
        return 4
    same = np.int64(year_a == year_b) + np.int64(month_a == month_b) + np.int64(day_a == day_b)
    if same == 2:
        if year_a != year_b or year_a == year_b:
            return 4
    gap = abs(_days(one) - _days(two))
    if 17 <= gap <= 55:
        return 3
    return 5


@njit(cache=True, nogil=True)
def _holds(matrix, links, spans, i, j, kind):
    """Is any value of this kind equal? Records with further values have them in `links` (see `Extras`)."""
    column = f.PHONE if kind == 0 else f.CARD if kind == 1 else f.OPENID if kind == 2 else f.UNIONID if kind == 3 else f.EMAIL
    a, b = matrix[i, column], matrix[j, column]
    if a == b and a > 0:
        return True
    if links.size == 0:
        return False
    for at in range(spans[kind, i], spans[kind, i + 1]):
        if links[at] == b and b > 0:
            return True
        for other in range(spans[kind, j], spans[kind, j + 1]):
            if links[at] == links[other]:
                return True
    for other in range(spans[kind, j], spans[kind, j + 1]):
        if links[other] == a and a > 0:
            return True
    return False


@njit(cache=True, nogil=True)
def _card_tail(code):
    """Return the last four signs of a full or masked card."""
    return code % 1_679_616 if code > 0 else -code - 1


@njit(cache=True, nogil=True)
def stratum(packed):
    """Return what ties a pair together, an index into STRATA: each of these ties errs at a rate of its own."""
    phone, card = packed >> 4 & 7, packed >> 7 & 7
    if 1 <= phone <= 3 or card == 1 or packed >> 10 & 3 == 1 or packed >> 12 & 3 == 1 or packed >> 14 & 3 == 1:
        return 0
    name = packed & 15
    if phone == 4 or phone == 5:
        tied = 1 if phone == 4 else 3
        return tied + np.int64(packed >> 24 & 3 == 1 and (name == 0 or name == 15))
    if card == 2 or card == 3:
        return 5
    if packed >> 14 & 3 == 2:
        return 6
    whole = 1 <= name <= 5 or name == 9
    if 1 <= packed >> 16 & 7 <= 2:
        return 7 if whole else 8
    if 1 <= packed >> 21 & 7 <= 3:
        return 9
    if packed >> NAMESAKES & 3 != 0:
        return 9 + (packed >> NAMESAKES & 3)
    return 13 if whole and packed >> 24 & 3 == 1 else 14


@njit(cache=True, nogil=True)
def weighed_by(tied):
    """Return which set of weights holds for a stratum: 0 families, 1 strangers, 2 namesakes."""
    return 0 if tied == 0 else 1 if tied < NAMESAKE else 2


@njit(cache=True, nogil=True)
def _owner(size, names, named, mine):
    """Whose is a phone: the level of "owner" for a nameless record and one whose name `mine` of `named` holders have."""
    if names <= 1:
        return np.int64(1 if size == 2 else min(mine, 3) + 1)
    return np.int64(5 if 2 * mine > named else 6 if 2 * mine == named else 7)


@njit(cache=True, nogil=True)
def _nobody(size, names, named):
    """Whose is a phone that two nameless records share: the level of "owner" by the names of its other holders."""
    if size == 2:
        return np.int64(NONE_TWO)
    if names <= 0:
        return np.int64(NONE_TWO + 1)
    if names > 1:
        return np.int64(NONE_TWO + 4)
    return np.int64(NONE_TWO + 2 if named <= 1 else NONE_TWO + 3)


@njit(cache=True, nogil=True)
def _nameless(kind):
    return kind == f.NO_NAME or kind == f.NICKNAME


@njit(cache=True, nogil=True)
def _owner_bits(name, name_a, name_b, facts_a, facts_b, chars_a, chars_b):
    """Return the packed "owner" of two records with one phone if one or both are nameless, its shadows if both have names."""
    kind_a, kind_b = name_a >> f.KIND_SHIFT & f.KIND_MASK, name_b >> f.KIND_SHIFT & f.KIND_MASK
    whole_a, whole_b = kind_a == f.FULL or kind_a == f.SPELLED, kind_b == f.FULL or kind_b == f.SPELLED
    if not (whole_a or whole_b):
        held = facts_a >> f.STANDING_SHIFT
        both = name == 0 or name == 15
        return _nobody(held & 15, held >> 4 & 15, held >> 8 & 15) << 30 if both else np.int64(0)
    shown, hidden = facts_a >> f.STANDING_SHIFT, facts_b >> f.STANDING_SHIFT
    later = chars_b > chars_a or (chars_b == chars_a and name_b > name_a)  # letters have no characters: then by sound
    if not whole_a or (whole_b and later):
        shown, hidden = hidden, shown
    size, names, named, mine = shown & 15, shown >> 4 & 15, shown >> 8 & 15, shown >> 12 & 15
    if whole_a and whole_b:
        if name_key(name_a) == name_key(name_b):
            others = names - np.int64(mine == 2)
            mine -= 1
        else:
            names -= np.int64(hidden >> 12 & 15 == 1)
            others = names - np.int64(mine == 1)
        return _owner(size, names, named - 1, mine) << SHADOW | _nobody(size, others, named - 2) << SHADOW_BOTH
    return _owner(size, names, named, mine) << 30 if _nameless(kind_b if whole_a else kind_a) else np.int64(0)


@njit(cache=True, nogil=True)
def pattern(matrix, links, spans, i, j):
    """Return the packed levels of records i and j, CONTRADICTION included."""
    facts_a, facts_b = matrix[i, f.FACTS], matrix[j, f.FACTS]
    name_a, name_b = matrix[i, f.NAME], matrix[j, f.NAME]
    frequency = max(facts_a >> f.FREQUENCY_SHIFT & 3, facts_b >> f.FREQUENCY_SHIFT & 3)
    name = np.int64(name_level(name_a, name_b, matrix[i, f.CHARS], matrix[j, f.CHARS], frequency))
    a, b = matrix[i, f.PHONE], matrix[j, f.PHONE]
    phone = np.int64(0)
    if _holds(matrix, links, spans, i, j, np.int64(0)):
        holders = max(facts_a >> f.HOLDERS_SHIFT & 15, facts_b >> f.HOLDERS_SHIFT & 15)
        phone = np.int64(max(1, holders))
    elif a != 0 and b != 0:
        if a > 0 and b > 0:
            phone = np.int64(4 if max(a, b) < 1 << 60 and near_numbers(a, b, np.int64(10), np.int64(11)) else 6)
        else:
            tail_a = a // 100000000 * 10000 + a % 10000 if a > 0 else -a
            tail_b = b // 100000000 * 10000 + b % 10000 if b > 0 else -b
            phone = np.int64(5 if tail_a == tail_b else 6)
    a, b = matrix[i, f.CARD_CODE], matrix[j, f.CARD_CODE]
    card = np.int64(0)
    if _holds(matrix, links, spans, i, j, np.int64(1)):
        card = np.int64(1)
    elif a != 0 and b != 0:
        if a > 0 and b > 0:
            card = np.int64(2 if near_numbers(a, b, np.int64(36), np.int64(12)) else 4)
        else:
            card = np.int64(3 if _card_tail(a) == _card_tail(b) else 4)
    a, b = matrix[i, f.OPENID], matrix[j, f.OPENID]
    openid = np.int64(0)
    if _holds(matrix, links, spans, i, j, np.int64(2)):
        openid = np.int64(1)
    elif a > 0 and b > 0:
        openid = np.int64(2 if matrix[i, f.APP] >> 32 == matrix[j, f.APP] >> 32 else 3)
    a, b = matrix[i, f.UNIONID], matrix[j, f.UNIONID]
    union = np.int64(1 if _holds(matrix, links, spans, i, j, np.int64(3)) else 2 if a > 0 and b > 0 else 0)
    a, b = matrix[i, f.EMAIL], matrix[j, f.EMAIL]
    email = np.int64(0)
    if _holds(matrix, links, spans, i, j, np.int64(4)):
        email = np.int64(1)
    elif a > 0 and b > 0:
        email = np.int64(2 if matrix[i, f.MAILBOX] == matrix[j, f.MAILBOX] and matrix[i, f.MAILBOX] != 0 else 3)
    birthday = np.int64(birthday_level(facts_a, facts_b))
    lunar = (facts_a >> f.LUNAR_SHIFT | facts_b >> f.LUNAR_SHIFT) & 1
    if lunar == 1 and birthday == 5:
        birthday = np.int64(0)
    one, two = facts_a >> f.GENDER_SHIFT & 3, facts_b >> f.GENDER_SHIFT & 3
    gender = np.int64(0 if one == 0 or two == 0 else 1 if one == two else 2)
    address = np.int64(_address_level(matrix, i, j))
    a, b = matrix[i, f.STORE], matrix[j, f.STORE]
    store = np.int64(0 if a == 0 or b == 0 else 1 if a == b else 2)
    packed = (
        name | phone << 4 | card << 7 | openid << 10 | union << 12 | email << 14 | birthday << 16 | gender << 19 | address << 21
        | store << 24
    )  # fmt: skip
    if 1 <= phone <= 3 and matrix[i, f.PHONE] == matrix[j, f.PHONE]:
        packed |= _owner_bits(name, name_a, name_b, facts_a, facts_b, matrix[i, f.CHARS], matrix[j, f.CHARS])
    if 1 <= name <= 3 and stratum(packed) >= 13:
        packed |= (facts_a >> f.NAMESAKES_SHIFT & 3) << NAMESAKES
    if (name == NAME_OTHER or name == NAME_OTHER_GIVEN) and (birthday == 5 or gender == 2):
        if name_a >> f.KIND_SHIFT & f.KIND_MASK == f.FULL and name_b >> f.KIND_SHIFT & f.KIND_MASK == f.FULL:
            packed |= CONTRADICTION
    return packed


@njit(cache=True, nogil=True)
def _address_level(matrix, i, j):
    place_a, place_b = matrix[i, f.PLACE], matrix[j, f.PLACE]
    street_a, street_b = matrix[i, f.APP] & 0x7FFFFFFF, matrix[j, f.APP] & 0x7FFFFFFF
    unit_a, unit_b = matrix[i, f.UNIT], matrix[j, f.UNIT]
    if unit_a != 0 and unit_a == unit_b:
        return 1
    if (place_a == 0 and street_a == 0) or (place_b == 0 and street_b == 0):
        return 0
    if place_a != 0 and place_b != 0:
        if place_a == place_b:
            return 3 if unit_a != 0 and unit_b != 0 else 2
        return 5
    if street_a == 0 or street_b == 0:
        return 0
    return 4 if street_a == street_b else 5


@njit(cache=True, nogil=True)
def patterns(matrix, links, spans, pairs, count, found):
    """Write the pattern of each packed pair (left * count + right) into `found`."""
    for at in range(pairs.size):
        found[at] = pattern(matrix, links, spans, pairs[at] // count, pairs[at] % count)


@njit(cache=True, nogil=True)
def strata(packed):
    """Return the stratum of each pattern."""
    found = np.empty(packed.size, np.int64)
    for at in range(packed.size):
        found[at] = stratum(packed[at])
    return found


@njit(cache=True, nogil=True)
def expected(levels, total, table, prior, found):
    """
    Write for each field and level how many pairs with it are one person under these weights; return how many in all.

    levels: (patterns, fields). total: how many pairs have each. table: (fields, 16). found: (fields, 16).
    """
    found[:] = 0.0
    whole = 0.0
    for row in range(levels.shape[0]):
        odds = prior
        for at in range(levels.shape[1]):
            odds += table[at, levels[row, at]]
        same = total[row] / (1 + np.exp(-min(max(odds, -40.0), 40.0)))
        whole += same
        for at in range(levels.shape[1]):
            found[at, levels[row, at]] += same
    return whole
