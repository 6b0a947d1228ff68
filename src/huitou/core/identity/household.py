"""
Household: persons who share a phone, a card or a home. A relation weaker than "one person": it never merges anybody.

How it is defined and what it is not good for: docs/algorithms/relations.md.
"""

import re
from collections.abc import Collection, Iterator

from huitou.core.identity.normalise import address

HOUSEHOLD_KINDS = ("phone", "card", "home")  # a mailbox or an openid is one person's own
MOST_PERSONS = 6  # holders of one value; more are a workplace or a shop, not a family
_NUMBER = re.compile(r"[0-9]+")
_PROVINCE = re.compile(r"^[\u4e00-\u9fff]{2,3}(?:省|自治区)")
_PLACE = re.compile(r"[市区县镇乡]")
_AFTER_ROOM = ("室", "户", "房")
_SHORTEST_ROOM = 3  # figures of a room that no word marks as one: 502, 1201
_FEWEST_NUMBERS = 2  # street or building, and room


def tied(persons: Collection[int], *, most: int = MOST_PERSONS) -> Iterator[tuple[int, int]]:
    """Yield (one, other) for all who hold one value, each pair both ways, in order; nobody when more than `most` hold it."""
    held = sorted(set(persons))
    if len(held) <= most:
        yield from ((one, other) for one in held for other in held if one != other)


def home_key(text: str | None) -> str | None:
    """
    Return what two spellings of one home have in common: the words before the first number, and every number.

    None unless the address says where (a city, district or town) and goes down to the room. The province may be left out.
    The matcher's own parser is not used: it compares three signs of a street, which is enough beside a name and too little
    alone.
    """
    plain = address(text)
    if plain is None:
        return None
    plain = plain.replace(" ", "")
    numbers = list(_NUMBER.finditer(plain))
    if len(numbers) < _FEWEST_NUMBERS:
        return None
    where = _PROVINCE.sub("", plain[: numbers[0].start()])
    last, after = numbers[-1].group(), plain[numbers[-1].end() :]
    is_room = after.startswith(_AFTER_ROOM) or (not after and len(last) >= _SHORTEST_ROOM)
    if not is_room or not _PLACE.search(where):
        return None
    return f"{where}|{'-'.join(number.group().lstrip('0') for number in numbers)}"
