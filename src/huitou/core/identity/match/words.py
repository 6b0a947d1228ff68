"""
Lookup tables of the name parser: sounds of characters, surnames, titles, words that are nobody's name.

Sounds are syllables without tone, numbered in alphabetical order from 1; 0 is unknown. The characters' readings come from
pypinyin's table, the surnames from the common census lists in `names`.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from huitou.core.identity import names

Ints = npt.NDArray[np.int64]
Shorts = npt.NDArray[np.int16]
Bytes = npt.NDArray[np.uint8]

_PREFIXES = (
    "会员", "贵宾", "顾客", "客户", "新客", "老客", "新会员", "老会员", "新顾客", "老顾客", "新客户", "老客户",
    "金卡", "银卡", "用户", "微信用户",
)  # fmt: skip
_TITLES = (*names.HONORIFICS, *names.SHORT_TITLES)
_COURTESY = {"mr": 1, "mister": 1, "ms": 2, "mrs": 2, "miss": 2, "madam": 2}  # 1 male, 2 female
_UNNAMED = (  # behind another they are mostly an n or g of that one and a vowel: Yingai is ying ai, but Yina yi na
    "gai", "gan", "gao", "ge", "gei", "gen", "gou", "nai", "nao", "ne", "nei", "nen", "nou",
)  # fmt: skip
SURNAME, COMPOUND_START, TITLE_END, WORD_START, FAMILIAR = 1, 2, 4, 8, 16  # marks of a character


class Words(NamedTuple):
    """
    sound, surname_sound: (65536,) syllable numbers by code point. marks: (65536,) bits: a surname, starts a compound one,
    ends a title, starts a word that is no name, familiar (小 before a surname). compound: sorted packed pairs of code points.
    spelled: sorted packed Latin spellings, spelled_sound their numbers, unnamed: those that are rare in
    given names. spelled_surname: (sounds + 1,) the surname that a
    spelling stands for ("ceng" for zeng, as no surname is ceng), 0: none. spelled_compound: sorted packed pairs of sounds.
    titles: (t, 3) last but one and last code point of titles (0: one character), the gender they tell (0, 1 male, 2 female).
    nobody: sorted hashes of words that are no name. prefixes: (p, 4) code points. courtesy: (c, 2) packed words, gender.
    """

    sound: Shorts
    surname_sound: Shorts
    marks: Bytes
    compound: Ints
    spelled: Ints
    spelled_sound: Ints
    spelled_surname: Ints
    titles: Ints
    nobody: Ints
    prefixes: Ints
    courtesy: Ints
    spelled_compound: Ints
    unnamed: Ints


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
    sound = np.zeros(65_536, np.int16)
    for point, text in readings.items():
        sound[point] = number.get(text, 0)
    surname_sound = sound.copy()
    for name, text in names.SURNAME_READINGS.items():
        if len(name) == 1:
            surname_sound[ord(name)] = number[text]
    spelled = sorted((packed_spelling(text), at) for text, at in number.items())
    surnames = np.zeros(len(sounds) + 1, np.int64)
    usual = [ord(char) for char in names.SURNAMES]
    surnames[sound[usual]] = surname_sound[usual]
    surnames[surname_sound[usual]] = surname_sound[usual]
    compound = {int(surname_sound[ord(name[0])]) << 9 | int(sound[ord(name[1])]) for name in names.COMPOUND_SURNAMES}
    titles = [[*([0] * (2 - len(word))), *(ord(char) for char in word), names.TITLE_GENDERS.get(word, 0)] for word in _TITLES]
    return Words(
        sound=sound,
        surname_sound=surname_sound,
        marks=_marks(),
        compound=np.array(sorted(ord(name[0]) << 16 | ord(name[1]) for name in names.COMPOUND_SURNAMES), np.int64),
        spelled=np.array([item[0] for item in spelled], np.int64),
        spelled_sound=np.array([item[1] for item in spelled], np.int64),
        spelled_surname=surnames,
        titles=np.array(sorted(titles, key=lambda row: row[0] == 0), np.int64),
        nobody=np.array(sorted(word_hash([ord(char) for char in word]) for word in names.PLACEHOLDERS), np.int64),
        prefixes=np.array(
            [[*(ord(char) for char in word), *([0] * (4 - len(word)))] for word in sorted(_PREFIXES, key=len, reverse=True)],
            np.int64,
        ),
        courtesy=np.array([[packed_spelling(word), gender] for word, gender in _COURTESY.items()], np.int64),
        spelled_compound=np.array(sorted(compound), np.int64),
        unnamed=np.array(sorted(packed_spelling(text) for text in _UNNAMED), np.int64),
    )


def _marks() -> Bytes:
    marks = np.zeros(65_536, np.uint8)
    for bit, chars in (
        (SURNAME, names.SURNAMES),
        (COMPOUND_START, [name[0] for name in names.COMPOUND_SURNAMES]),
        (TITLE_END, [word[-1] for word in _TITLES]),
        (WORD_START, [word[0] for word in (*names.PLACEHOLDERS, *_PREFIXES)]),
        (FAMILIAR, "小老大阿"),
    ):
        marks[[ord(char) for char in chars]] |= bit
    return marks
