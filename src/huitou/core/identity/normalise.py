"""
Normal forms of what sources write about a person. None means: nothing usable (empty, placeholder, masked, unreadable).

Every function takes one text and never raises on bad input. `normalised_column` applies one of them to an Arrow column by
its distinct values.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from huitou.core.identity.names import name_core

_EMPTY_WORDS = frozenset({"", "null", "none", "nan", "n/a", "na", "-", "--", "无", "未知", "不详", "暂无", "空"})
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?:0(?:10|2\d|[3-9]\d{2})\d{7,8}|[48]00\d{7})(?:转\d{1,6})?")
_PLACEHOLDER_PHONES = frozenset({"13800138000", "13888888888", "13800000000", "13812345678", "13900139000", "13123456789"})
_CARD = re.compile(r"[A-Z0-9]{4,32}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_EMAIL = re.compile(r"[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
PLACEHOLDER_MAILBOXES = frozenset({"test", "none", "null", "noreply", "no-reply", "123", "a", "abc", "admin"})
_DAY = re.compile(r"(\d{4})\D{0,2}(\d{1,2})\D{1,2}(\d{1,2})日?(?:[T ].*)?|(\d{4})(\d{2})(\d{2})")
_PLACEHOLDER_DAYS = frozenset({"1900-01-01", "1970-01-01"})
_GENDERS = {
    **dict.fromkeys(("m", "male", "1", "男", "男性", "先生", "man"), "M"),
    **dict.fromkeys(("f", "female", "2", "女", "女性", "女士", "小姐", "woman"), "F"),
}


def _dialled(text: str | None) -> str:
    """Return the digits of a Chinese number without country prefix; a foreign one keeps its "+"."""
    if text is None:
        return ""
    if len(text) == 11 and text.isascii() and text.isdigit():
        return text
    wide = unicodedata.normalize("NFKC", text).removesuffix(".0")  # a spreadsheet's number
    digits = "".join(char for char in wide if char.isdigit())
    if digits.startswith("0086"):
        return digits[4:]
    if digits.startswith("86") and (wide.lstrip(" (").startswith("+") or len(digits) in (12, 13)):
        return digits[2:] if len(digits) > 11 else digits
    if wide.strip().startswith("+") and digits:
        return "+" + digits
    return digits


def _is_dummy(digits: str) -> bool:
    """A test or filler number: a listed one, one digit repeated over the last eight places, or a plain count."""
    if digits in _PLACEHOLDER_PHONES or len(set(digits[-8:])) == 1:
        return True
    return digits[1:] in "01234567890123456789" or digits[1:] in "98765432109876543210"


def phone(text: str | None) -> str | None:
    """Return the 11 digits of a Chinese mobile, or "+<digits>" of a foreign number; a landline or test number gives None."""
    if text is None or "*" in text:
        return None
    digits = _dialled(text)
    if _MOBILE.fullmatch(digits):
        return None if _is_dummy(digits) else digits
    if digits.startswith("+") and 8 <= len(digits) - 1 <= 15:
        return digits
    return None


def landline(text: str | None) -> str | None:
    """Return the digits of a Chinese landline or service number. It is never an identifier: a shop or a family shares it."""
    digits = _dialled(text)
    if len(digits) in (9, 10, 11) and not digits.startswith(("0", "400", "800")) and not _MOBILE.fullmatch(digits):
        digits = "0" + digits  # +86 10 8888 8888 has no trunk zero
    return digits if _LANDLINE.fullmatch(digits) else None


def card(text: str | None) -> str | None:
    """Return a card number in capitals without separators; one repeated character is a placeholder."""
    if text is None or "*" in text:
        return None
    plain = text.upper()
    if not (text.isascii() and text.isalnum()):
        plain = re.sub(r"[\s\-_.·]", "", unicodedata.normalize("NFKC", text)).upper()
    if not _CARD.fullmatch(plain) or plain.isalpha() or len(set(plain)) == 1:
        return None
    return plain


def openid(text: str | None) -> str | None:
    """Return a WeChat openid or unionid as it is (case counts), trimmed."""
    if text is None:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain.lower() in _EMPTY_WORDS or not _OPENID.fullmatch(plain) or len(set(plain)) == 1:
        return None
    return plain


def email(text: str | None) -> str | None:
    """Return a mailbox in lower case; a filler mailbox (test@, noreply@) gives None."""
    if text is None or "*" in text:
        return None
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    if not _EMAIL.fullmatch(plain):
        return None
    box, _, domain = plain.partition("@")
    return None if box in PLACEHOLDER_MAILBOXES or domain in {"example.com", "test.com"} else plain


def gender(text: str | None) -> str | None:
    """Return "M" or "F" (GB/T 2261.1: 1 male, 2 female)."""
    return None if text is None else _GENDERS.get(unicodedata.normalize("NFKC", text).strip().lower())


def birthday(text: str | None) -> str | None:
    """Return a full birthday as YYYY-MM-DD; day and month alone, an impossible or a filler day give None."""
    if text is None:
        return None
    found = _DAY.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if found is None:
        return None
    year, month, day = (int(part) for part in found.groups() if part is not None)
    try:
        value = date(year, month, day).isoformat()
    except ValueError:
        return None
    return None if year < 1900 or value in _PLACEHOLDER_DAYS else value


def address(text: str | None) -> str | None:
    """Return an address with plain spaces and half-width signs; fewer than four characters, or a filler word, is none."""
    if text is None:
        return None
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return None if len(plain) < 4 or plain.lower() in _EMPTY_WORDS or "*" in plain else plain


NORMALISERS: dict[str, Callable[[str | None], str | None]] = {
    "name": name_core,
    "phone": phone,
    "member_card": card,
    "wx_openid": openid,
    "wx_unionid": openid,
    "email": email,
    "gender": gender,
    "birthday": birthday,
    "address": address,
}
KIND_NORMALISERS: dict[str, Callable[[str | None], str | None]] = {
    "phone": phone,
    "card": card,
    "openid": openid,
    "unionid": openid,
    "email": email,
}


def normalised_column(column: pa.Array | pa.ChunkedArray, normaliser: Callable[[str | None], str | None]) -> pa.Array:
    """Return the column with `normaliser` applied to each distinct text; shape unchanged, null where nothing usable."""
    flat = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_null(flat.type) or len(flat) == 0:
        return pa.nulls(len(flat), pa.string())
    encoded = pc.dictionary_encode(flat.cast(pa.string()))
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    values = pa.array([normaliser(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return values.take(encoded.indices)
