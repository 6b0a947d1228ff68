"""
Numbers in free text that nobody needs there: identity cards and bank cards, told from order numbers by their check digits.

A flag costs little, a missed number stays in sight: where the check digits agree it is taken for one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from unicodedata import normalize

_GROUP = re.compile(r"(?<![0-9A-Za-z])[0-9]+[Xx]?(?![0-9A-Za-z])")
_SHORTEST, _LONGEST = 16, 19
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# How issuers' numbers begin and how long they are; others that pass the Luhn check are orders or parcels.
_ISSUERS = (
    (re.compile(r"62"), range(16, 20)),
    (re.compile(r"4|5[1-5]|2[2-7]|35"), range(16, 17)),
    (re.compile(r"9[0-9]{5}"), range(19, 20)),
)


class PlantedKind(StrEnum):
    """What a number is."""

    IDENTITY = "identity"  # GB 11643, 18 signs
    BANK_CARD = "bank_card"


@dataclass(frozen=True, slots=True)
class Planted:
    """One number: where it stands in the text as written, half open."""

    kind: PlantedKind
    start: int
    end: int


def planted_in(text: str) -> Iterator[Planted]:
    """Yield the numbers in order; full-width digits, and single blanks or hyphens between the digits, do not hide one."""
    plain = normalize("NFKC", text)
    if len(plain) != len(text):
        plain = "".join(part if len(part := normalize("NFKC", sign)) == 1 else " " for sign in text)
    groups = list(_GROUP.finditer(plain))
    first = 0
    while first < len(groups):
        number, last = "", first
        found: tuple[int, Planted] | None = None
        while last < len(groups) and (last == first or _adjoin(plain, groups[last - 1].end(), groups[last].start())):
            number += groups[last].group().upper()
            if len(number) > _LONGEST:
                break
            kind = kind_of(number) if len(number) >= _SHORTEST else None
            if kind is not None:
                found = last, Planted(kind, groups[first].start(), groups[last].end())
            last += 1
        if found is not None:
            yield found[1]
        first = first + 1 if found is None else found[0] + 1


def _adjoin(plain: str, end: int, start: int) -> bool:
    return start - end == 1 and plain[end] in " -"


def kind_of(number: str) -> PlantedKind | None:
    """Return what a number without blanks is; None for any other number."""
    if len(number) == 18 and _is_identity(number):
        return PlantedKind.IDENTITY
    if number.isdigit() and any(head.match(number) and len(number) in sizes for head, sizes in _ISSUERS) and _is_luhn(number):
        return PlantedKind.BANK_CARD
    return None


def hidden(text: str) -> str:
    """Return the text with the numbers masked: 110***********1234, 6222****1234."""
    parts, at = [], 0
    for one in planted_in(text):
        head = 3 if one.kind is PlantedKind.IDENTITY else 4
        whole = text[one.start : one.end].replace(" ", "").replace("-", "")
        stars = "*" * 11 if one.kind is PlantedKind.IDENTITY else "****"
        parts += [text[at : one.start], whole[:head], stars, whole[-4:]]
        at = one.end
    return "".join([*parts, text[at:]])


def _is_identity(number: str) -> bool:
    if not number[:17].isdigit() or number[0] == "0":
        return False
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _WEIGHTS, strict=True))
    return born.year >= 1900 and _CHECKS[total % 11] == number[17]


def _is_luhn(number: str) -> bool:
    doubled = [2 * int(digit) if place % 2 else int(digit) for place, digit in enumerate(reversed(number))]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
