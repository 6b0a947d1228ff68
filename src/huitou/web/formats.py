"""How numbers, money and time are written on screens. A missing value is "—", never 0."""

from datetime import date, datetime

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from huitou.core.money import yuan_text
from huitou.core.periods import BUSINESS_ZONE, business_date

MISSING = "—"
MINUS = "−"
NO_BREAK = "\u00a0"


def count_text(value: int | None) -> str:
    """Write a whole number with thousands separators and a true minus sign."""
    return MISSING if value is None else f"{value:,}".replace("-", MINUS)


def money_text(fen: int | None, *, decimals: int = 0) -> str:
    """Write fen as "¥2,684" or, with 2 decimals, "−¥12.50"."""
    if fen is None:
        return MISSING
    text = yuan_text(fen, decimals=decimals)
    return f"{MINUS}¥{text[1:]}" if text.startswith(MINUS) else f"¥{text}"


def short_money_text(fen: int | None) -> str:
    """
    Write fen for a tile, where the exact amount is a hover away: ¥612 万, ¥1.20 亿, in English ¥6.12M, ¥48.3k.

    Below ten thousand yuan it is whole yuan, below a thousand exact.
    """
    if fen is None or abs(fen) < 1_000_000:
        return money_text(fen, decimals=2 if fen is not None and 0 < abs(fen) < 100_000 else 0)
    is_english = (get_language() or "").startswith("en")
    steps = (
        (("M", 100_000_000), ("k", 100_000)) if is_english else ((f"{NO_BREAK}亿", 10_000_000_000), (f"{NO_BREAK}万", 1_000_000))
    )
    sign, size = (MINUS, -fen) if fen < 0 else ("", fen)
    unit, step = next(one for one in steps if size >= one[1])
    value = size / step
    decimals = 2 if value < 10 else 1 if value < 1_000 else 0
    return f"{sign}¥{value:,.{decimals}f}{unit}"


def signed_number_text(value: float, *, decimals: int = 2) -> str:
    """Write a number with its sign: "+0.31", "−0.04"."""
    return f"{value:+.{decimals}f}".replace("-", MINUS)


def signed_percent_text(share: float | None, *, decimals: int = 1) -> str:
    """Write a relative change with its sign: "+3.2 %", "−0.5 %", "0.0 %"."""
    if share is None:
        return MISSING
    text = f"{abs(share) * 100:,.{decimals}f}{NO_BREAK}%"
    return text if text.startswith(f"{0:.{decimals}f}") else f"{'+' if share > 0 else MINUS}{text}"


def signed_points_text(share: float | None, *, decimals: int = 1) -> str:
    """Write a difference of shares in percentage points with its sign and without its unit: "+0.7"."""
    if share is None:
        return MISSING
    text = f"{abs(share) * 100:,.{decimals}f}"
    return text if text == f"{0:.{decimals}f}" else f"{'+' if share > 0 else MINUS}{text}"


def percent_text(share: float | None, *, decimals: int = 1) -> str:
    """
    Write a share 0..1 as "40.0 %" with a no-break space.

    What is not quite 0 or 1 never reads as if it were: "<0.1 %", ">99.9 %".
    """
    if share is None:
        return MISSING
    step = 10**-decimals
    if 0 < share * 100 < step / 2:
        return f"<{step:.{decimals}f}{NO_BREAK}%"
    if 0 < (1 - share) * 100 <= step / 2:
        return f">{100 - step:.{decimals}f}{NO_BREAK}%"
    return f"{share * 100:,.{decimals}f}{NO_BREAK}%".replace("-", MINUS)


def points_text(share: float | None, *, decimals: int = 1) -> str:
    """Write a difference of shares in percentage points, without its unit: 0.034 -> "3.4"."""
    return MISSING if share is None else f"{share * 100:,.{decimals}f}".replace("-", MINUS)


def decimal_text(value: float | None, *, decimals: int = 1) -> str:
    """Write a plain number with a fixed count of decimals."""
    return MISSING if value is None else f"{value:,.{decimals}f}".replace("-", MINUS)


def day_text(value: date | datetime | None) -> str:
    """Write a business day as 2026-11-21; a moment counts by its day in Asia/Shanghai."""
    if value is None:
        return MISSING
    return (business_date(value) if isinstance(value, datetime) else value).isoformat()


def moment_text(value: datetime | None) -> str:
    """Write a moment as 2026-11-21 03:40, Asia/Shanghai."""
    return MISSING if value is None else value.astimezone(BUSINESS_ZONE).strftime("%Y-%m-%d %H:%M")


def clock_text(value: datetime | None) -> str:
    """Write the time of day of a moment as 03:40, Asia/Shanghai."""
    return MISSING if value is None else value.astimezone(BUSINESS_ZONE).strftime("%H:%M")


def duration_text(seconds: float | None) -> str:
    """Write a length of time with its two largest units: 3 时 20 分; a whole hour or minute with one."""
    if seconds is None:
        return MISSING
    if seconds < 60:
        return _("%(number)s 秒") % {"number": f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"}
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60 and not rest:
        return _("%(minutes)s 分") % {"minutes": minutes}
    if minutes < 60:
        return _("%(minutes)s 分 %(seconds)s 秒") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 48 and not minutes:
        return _("%(hours)s 时") % {"hours": hours}
    if hours < 48:
        return _("%(hours)s 时 %(minutes)s 分") % {"hours": hours, "minutes": minutes}
    return ngettext("%(days)s 天", "%(days)s 天", hours // 24) % {"days": hours // 24}


def ago_text(value: datetime | None, *, now: datetime) -> str:
    """Write how long ago a moment was, by its largest unit; the future and the last second are "刚刚"."""
    if value is None:
        return MISSING
    seconds = (now - value).total_seconds()
    if seconds < 1:
        return _("刚刚")
    if seconds < 60:
        return _("%(number)s 秒前") % {"number": int(seconds)}
    if seconds < 3_600:
        return _("%(number)s 分钟前") % {"number": int(seconds // 60)}
    if seconds < 2 * 86_400:
        return _("%(number)s 小时前") % {"number": int(seconds // 3_600)}
    return _("%(number)s 天前") % {"number": int(seconds // 86_400)}


def days_ago_text(day: date | None, *, today: date) -> str:
    """Write a business day as its distance from today (not from the as-of day, which may be yesterday): 今天, 昨天, 63 天前."""
    if day is None:
        return MISSING
    days = (today - day).days
    if days <= 0:
        return _("今天")
    if days == 1:
        return _("昨天")
    return _("%(number)s 天前") % {"number": days}
