"""
What a chain says of its customers in words of its own: the types of a custom attribute and how a text becomes a value.

An observation of an attribute is an event: type `attr:<code>`, the value as its text. So it lands, is erased, undone and
replayed like every other event.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from huitou.core.decimals import scaled_from_text, scaled_text
from huitou.core.money import fen_from_yuan

OBSERVATION = "attr:"
CODE = re.compile(r"[a-z][a-z0-9_]{1,30}")
LONGEST_TEXT = 100
LARGEST = 10**12
# Event types that the product knows itself; a custom one has another code.
KNOWN_EVENTS = frozenset({
    "customer", "order", "line", "refund", "ticket", "view", "search", "add_to_cart", "pay", "review", "community", "follow_up",
    "attribute", "referral", "group_join", "group_leave", "touch", "response",
})  # fmt: skip
_DAY = re.compile(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?(?:[T ].*)?")
_YES, _NO = frozenset({"1", "true", "yes", "y", "是", "有", "对"}), frozenset({"0", "false", "no", "n", "否", "无", "没有"})


class AttributeType(StrEnum):
    """How a value is stored and compared."""

    TEXT = "text"
    NUMBER = "number"  # a whole number
    DECIMAL = "decimal"  # of the attribute's places: whole units of the last one
    AMOUNT = "amount"  # of money: whole fen, written in yuan
    DATE = "date"
    FLAG = "flag"
    CHOICE = "choice"


COUNTING = frozenset({AttributeType.NUMBER, AttributeType.DECIMAL, AttributeType.AMOUNT})  # what is more or less of something


@dataclass(frozen=True, slots=True)
class AttributeChoice:
    """One allowed value: the stored code and what people call it."""

    code: str
    title: str


class Unreadable(Exception):
    """The text is no value of this attribute; the message never repeats it."""


Value = str | int | date | bool


def value_read(text: str, type: AttributeType, choices: Sequence[AttributeChoice] = (), *, places: int = 0) -> Value:
    """
    Return the value that a text stands for; blanks around it do not count. places: of a decimal.

    Numbers and amounts may have thousands commas, amounts ¥ or 元, days any of the usual Chinese spellings with the year first,
    choices come by code or title. Raises Unreadable.
    """
    given = text.strip()
    match type:
        case AttributeType.TEXT:
            return _text(given)
        case AttributeType.NUMBER:
            return _number(given)
        case AttributeType.DECIMAL:
            return _decimal(given, places)
        case AttributeType.AMOUNT:
            return _amount(given)
        case AttributeType.DATE:
            return _day(given)
        case AttributeType.FLAG:
            return _flag(given)
        case AttributeType.CHOICE:
            return _choice(given, choices)


def _text(given: str) -> str:
    if not 0 < len(given) <= LONGEST_TEXT or not given.isprintable():
        raise Unreadable(f"need a printable text of 1 to {LONGEST_TEXT} characters")
    return given


def _number(given: str) -> int:
    digits = given.replace(",", "").replace("，", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,13}(\.0+)?", digits) or abs(int(float(digits))) > LARGEST:
        raise Unreadable("need a whole number")
    return int(digits.partition(".")[0])


def value_spelled(value: Value | str, type: AttributeType, *, places: int = 0) -> str:
    """Return a text that `value_read` reads as the value again; a value that was sealed comes as its text."""
    match type:
        case AttributeType.DECIMAL:
            return scaled_text(int(value), places)  # type: ignore[arg-type]  # a number, or its text
        case AttributeType.AMOUNT:
            return scaled_text(int(value), 2)  # type: ignore[arg-type]
        case AttributeType.FLAG:
            return "1" if value in (True, "1") else "0"
        case _:
            return str(value)


def _decimal(given: str, places: int) -> int:
    try:
        scaled = scaled_from_text(given, places)
    except ValueError as error:
        raise Unreadable(f"need a number of at most {places} places") from error
    if abs(scaled) > LARGEST:
        raise Unreadable("need a smaller number")
    return scaled


def _amount(given: str) -> int:
    try:
        fen = fen_from_yuan(given.removesuffix("元").replace("，", ","))
    except ValueError as error:
        raise Unreadable("need an amount of yuan, at most two decimals") from error
    if abs(fen) > LARGEST:
        raise Unreadable("need a smaller amount")
    return fen


def _day(given: str) -> date:
    found = _DAY.fullmatch(given)
    if found is None:
        raise Unreadable("need a day, year first")
    try:
        return date(*map(int, found.groups()))
    except ValueError as error:
        raise Unreadable("there is no such day") from error


def _flag(given: str) -> bool:
    word = given.casefold()
    if word not in _YES | _NO:
        raise Unreadable("need yes or no")
    return word in _YES


def _choice(given: str, choices: Sequence[AttributeChoice]) -> str:
    for choice in choices:
        if given.casefold() in (choice.code.casefold(), choice.title.casefold()):
            return choice.code
    raise Unreadable("need one of the choices")


def choices_read(text: str) -> list[AttributeChoice]:
    """
    Read the choices that an admin wrote, one a line: `code title`, or the title alone, which then is numbered c1, c2 ...

    Raises ValueError on fewer than two, more than 50, or a code or title that comes twice.
    """
    found: list[AttributeChoice] = []
    for number, line in enumerate((line.strip() for line in text.splitlines() if line.strip()), start=1):
        code, _blank, title = line.partition(" ")
        one = AttributeChoice(code, title.strip()) if title and CODE.fullmatch(code) else AttributeChoice(f"c{number}", line)
        found.append(one)
    names = [name.casefold() for one in found for name in {one.code, one.title}]
    if not 2 <= len(found) <= 50 or len(set(names)) < len(names) or any(len(one.title) > 40 for one in found):
        raise ValueError("need 2 to 50 choices, each once, at most 40 characters")
    return found
