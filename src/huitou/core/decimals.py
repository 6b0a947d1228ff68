"""Decimal fractions as whole numbers of their last place, as money is whole fen: 12.50 of two places is 1250. Never a float."""

import re
from decimal import Decimal

MOST_PLACES = 6
_WRITTEN = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def scaled_from_text(text: str, places: int) -> int:
    """
    Return a number as whole units of its last place; thousands commas and zeros behind the last place do not count.

    Raises ValueError on text that is no number, and on more places than there are.
    """
    plain = text.strip().replace(",", "").replace("，", "")
    if not _WRITTEN.fullmatch(plain):
        raise ValueError(f"not a number of at most {places} places")
    scaled = Decimal(plain).scaleb(places)
    if scaled != scaled.to_integral_value():
        raise ValueError(f"more than {places} places")
    return int(scaled)


def scaled_text(scaled: int, places: int) -> str:
    """Write it again, with all its places and no thousands separators: 1250 of two places -> "12.50"."""
    size = str(abs(scaled)).rjust(places + 1, "0")
    sign = "-" if scaled < 0 else ""
    return f"{sign}{size[:-places]}.{size[-places:]}" if places else f"{sign}{size}"
