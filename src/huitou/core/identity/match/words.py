"""
Lookup tables of the name parser: sounds of characters, surnames, titles, words that are nobody's name.

Sounds are syllables without tone, numbered in alphabetical order from 1; 0 is unknown. The characters' readings come from
pypinyin's table, the surnames from the common census lists in `names`.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from huitou.core.identity import names

Ints = npt.NDArray[np.int64]

_MASKS = "*＊○×某"
_PREFIXES = ("会员", "贵宾", "顾客", "客户", "新客", "老客")


@dataclass(frozen=True, slots=True)
class Words:
    """
    sound, surname_sound: (65536,) syllable numbers by code point. is_surname: (65536,) 0/1. compound: sorted packed pairs
    of code points. spelled: sorted packed Latin spellings, spelled_sound their numbers; starts_surname: (sounds + 1,) 0/1.
    titles: (t, 3) code points of titles (0 padded, last character last) and the gender they tell (0, 1 male, 2 female).
    nobody: sorted hashes of words that are no name. prefixes: (p, 2) code points.
    """

    sound: Ints
    surname_sound: Ints
    is_surname: Ints
    compound: Ints
    spelled: Ints
    spelled_sound: Ints
    starts_surname: Ints
    titles: Ints
    nobody: Ints
    prefixes: Ints


def plain_sound(reading: str) -> str:
    """Return a syllable without tone, ü written as v ("lǚ" gives "lv")."""
    base = unicodedata.normalize("NFD", reading)
    return "".join("v" if char == "̈" else char for char in base if char == "̈" or not unicodedata.combining(char)).replace(
        "uv", "v"
    )


def packed_spelling(text: str) -> int:
    """Return up to six Latin letters as one number, base 27."""
    value = 0
    for char in text:
        value = value * 27 + ord(char) - 96
    return value


def word_hash(points: list[int]) -> int:
    """Return the hash that the parser computes of a sequence of code points."""
    value = 1469598103934665603
    for point in points:
        value = ((value ^ point) * 1099511628211) & 0xFFFFFFFFFFFFFFFF
    return value & 0x7FFFFFFFFFFFFFFF


@lru_cache(maxsize=1)
def words() -> Words:
    """Build the tables, once per process (about 0.1 s)."""
    from pypinyin.constants import PINYIN_DICT

    readings = {point: plain_sound(text.split(",")[0]) for point, text in PINYIN_DICT.items() if point < 65_536}
    sounds = sorted({text for text in readings.values() if text.isascii() and text.isalpha() and len(text) <= 6})
    number = {text: at for at, text in enumerate(sounds, start=1)}
    sound = np.zeros(65_536, np.int64)
    for point, text in readings.items():
        sound[point] = number.get(text, 0)
    surname_sound = sound.copy()
    for name, text in names.SURNAME_READINGS.items():
        if len(name) == 1:
            surname_sound[ord(name)] = number[text]
    is_surname = np.zeros(65_536, np.int64)
    is_surname[[ord(char) for char in names.SURNAMES]] = 1
    compound = sorted(ord(name[0]) << 16 | ord(name[1]) for name in names.COMPOUND_SURNAMES)
    spelled = sorted((packed_spelling(text), at) for text, at in number.items())
    starts = np.zeros(len(sounds) + 1, np.int64)
    starts[surname_sound[[ord(char) for char in names.SURNAMES]]] = 1
    titles = [
        [*([0] * (3 - len(word))), *(ord(char) for char in word), names.TITLE_GENDERS.get(word, 0)] for word in names.HONORIFICS
    ]
    return Words(
        sound=sound,
        surname_sound=surname_sound,
        is_surname=is_surname,
        compound=np.array(compound, np.int64),
        spelled=np.array([item[0] for item in spelled], np.int64),
        spelled_sound=np.array([item[1] for item in spelled], np.int64),
        starts_surname=starts,
        titles=np.array(sorted(titles, key=lambda row: row[1] == 0), np.int64),
        nobody=np.array(sorted(word_hash([ord(char) for char in word]) for word in names.PLACEHOLDERS), np.int64),
        prefixes=np.array([[ord(char) for char in word] for word in _PREFIXES], np.int64),
    )
