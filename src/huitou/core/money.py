"""Money is whole fen everywhere; yuan exist in source files and on screens only."""

from decimal import Decimal, InvalidOperation


def fen_from_yuan(text: str) -> int:
    """
    Read an amount of yuan ("12.50", "-3", "¥1,204.5") as whole fen.

    Raises ValueError on text that is no number, on more than two decimals, and on NaN or infinity.
    """
    cleaned = text.strip().lstrip("¥￥").replace(",", "")
    try:
        fen = Decimal(cleaned) * 100
    except InvalidOperation as error:
        raise ValueError(f"not an amount of yuan: {text!r}") from error
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise ValueError(f"not a whole number of fen: {text!r}")
    return int(fen)


def yuan_text(fen: int, *, decimals: int = 2) -> str:
    """Write fen as yuan with thousands separators and a true minus sign: -123456 -> "−1,234.56"; 0 decimals rounds half up."""
    if decimals not in (0, 2):
        raise ValueError(f"yuan are written with 0 or 2 decimals, not {decimals}")
    sign = "−" if fen < 0 else ""
    size = abs(fen)
    if decimals == 0:
        return f"{sign}{(size + 50) // 100:,}"
    return f"{sign}{size // 100:,}.{size % 100:02d}"
