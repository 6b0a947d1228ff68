"""How the fields of two persons compare, for the eye of whoever decides whether they are one."""

from collections.abc import Callable, Mapping
from enum import StrEnum

from huitou.core.identity.names import keys_differ, pinyin_key, surname


class Likeness(StrEnum):
    """How two values of one field compare; stored nowhere."""

    SAME = "same"
    SOUNDS_SAME = "sounds_same"  # other characters, same pinyin
    SAME_SURNAME = "same_surname"  # one of them says no given name, or only a part of it
    SAME_MONTH = "same_month"
    CONTAINED = "contained"  # one says more than the other
    DIFFERENT = "different"
    ONE_MISSING = "one_missing"
    BOTH_MISSING = "both_missing"


def likeness(field: str, one: str | None, other: str | None) -> Likeness:
    """Compare two normalised values of one field."""
    if one is None or other is None:
        return Likeness.BOTH_MISSING if one is other else Likeness.ONE_MISSING
    if one == other:
        return Likeness.SAME
    return _NEAR.get(field, _different)(one, other)


def _different(one: str, other: str) -> Likeness:
    return Likeness.DIFFERENT


def _name(one: str, other: str) -> Likeness:
    keys = pinyin_key(one), pinyin_key(other)
    if keys[0] == keys[1]:
        return Likeness.SOUNDS_SAME
    same_surname = surname(one) is not None and surname(one) == surname(other)
    return Likeness.SAME_SURNAME if same_surname and not keys_differ(*keys) else Likeness.DIFFERENT


def _birthday(one: str, other: str) -> Likeness:
    return Likeness.SAME_MONTH if one[:7] == other[:7] else Likeness.DIFFERENT


def _address(one: str, other: str) -> Likeness:
    short, long = sorted((one.replace(" ", ""), other.replace(" ", "")), key=len)
    return Likeness.CONTAINED if short in long else Likeness.DIFFERENT


_NEAR: Mapping[str, Callable[[str, str], Likeness]] = {"name": _name, "birthday": _birthday, "address": _address}
