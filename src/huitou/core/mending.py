"""What a refused value was probably meant to be. Only what a rule makes valid is said; a person takes it or not."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from huitou.core.identity import normalise

_LOOK_LIKE_DIGITS = str.maketrans({"O": "0", "o": "0", "〇": "0", "l": "1", "I": "1", "|": "1"})
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_YEARS_TOO_LATE = 100  # "2052" of somebody born in 1952


def suggested(reason: str, text: str, *, today: date) -> str | None:
    """
    Return a value that would not be refused for the reason (its stored code), or None where no rule leads to one.

    Letters typed for digits are read as those, a birthday later than today a century earlier. Digits are never made up: a number
    one short or one too long has no suggestion.
    """
    rule = _RULES.get(reason)
    found = rule(text.strip(), today) if rule and text.strip() else None
    return found if found != text.strip() else None


def _phone(text: str, _today: date) -> str | None:
    return normalise.phone(text.translate(_LOOK_LIKE_DIGITS))


def _birthday(text: str, today: date) -> str | None:
    told = normalise.birthday(text.translate(_LOOK_LIKE_DIGITS))
    if told is None or date.fromisoformat(told) <= today:
        return told
    year = int(told[:4]) - _YEARS_TOO_LATE
    earlier = normalise.birthday(f"{year:04}{told[4:]}")
    return earlier if earlier is not None and date.fromisoformat(earlier) <= today else None


def _number(text: str, _today: date) -> str | None:
    plain = unicodedata.normalize("NFKC", text).translate(_LOOK_LIKE_DIGITS).replace(",", "").strip(" ¥元")
    return plain if _NUMBER.fullmatch(plain) else None


_RULES: Mapping[str, Callable[[str, date], str | None]] = {
    "bad_phone": _phone,
    "bad_birthday": _birthday,
    "unreadable_number": _number,
}
