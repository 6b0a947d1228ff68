"""Age from the day of birth, on the day of the question; unknown is an answer of its own, never 0."""

from dataclasses import dataclass
from datetime import date

from huitou.core.labels import Label

OF_AGE = 14  # below it a guardian speaks for the person (PIPL art. 31)
OLDEST = 120  # an age beyond it says that the day of birth is wrong
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class AgeBand:
    """Ages from `low` to and with `high`. Stored codes."""

    code: str
    low: int
    high: int
    label: Label


def _band(low: int, high: int) -> AgeBand:
    return AgeBand(f"{low}_{high}", low, high, Label(f"{low}–{high} 岁", f"{low}–{high}"))


AGE_BANDS = (
    AgeBand("under_18", 0, 17, Label("18 岁以下", "under 18")),
    *(_band(low, high) for low, high in ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64))),
    AgeBand("over_64", 65, OLDEST, Label("65 岁以上", "65 and over")),
)


def age_on(born_on: date | None, day: date) -> int | None:
    """Return the full years on a day; None without a day of birth, before it, and beyond OLDEST. 29 February: on 1 March."""
    if born_on is None or born_on > day:
        return None
    years = day.year - born_on.year - ((day.month, day.day) < (born_on.month, born_on.day))
    return years if years <= OLDEST else None


def birthday_on(born_on: date, years: int) -> date:
    """Return the day on which somebody is so many years old, as `age_on` counts: of 29 February 1 March where there is none."""
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return date(born_on.year + years, 3, 1)


def of_age_on(text: str, *, today: date) -> date | None:
    """Return when a person born on a day (YYYY-MM-DD) comes of age if that is yet to come; None for others and for no day."""
    try:
        born_on = date.fromisoformat(text)
    except ValueError:
        return None
    comes = birthday_on(born_on, OF_AGE)
    return comes if born_on <= today < comes else None


def birth_months(band: AgeBand, day: date) -> tuple[date, date]:
    """Return the first and the last month (by its first day) of birth whose people are in the band, to the month, on a day."""
    last_out = date(day.year - band.high - 1, day.month, 1)
    first = date(last_out.year + last_out.month // 12, last_out.month % 12 + 1, 1)
    return first, date(day.year - band.low, day.month, 1)


def month_of_birth(text: str, *, today: date) -> date | None:
    """Return the first day of the month of birth from a day as YYYY-MM-DD; None where it is no day or gives no age."""
    try:
        born_on = date.fromisoformat(text)
    except ValueError:
        return None
    return born_on.replace(day=1) if age_on(born_on, today) is not None else None
