"""
The Chinese public holidays, the weekends that are worked in their place (调休), and seasons around a festival.

Holidays and worked weekends of a year are announced in the November before; later years know the festivals' days alone, by the
lunar calendar. The table is that of the package `holidays`.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from holidays import HolidayBase

MOST_DAYS = 60  # of a season to either side; two festivals are never nearer than a month, so longer ones mean something else
SATURDAY = 5


class Festival(StrEnum):
    """A festival with public holidays."""

    NEW_YEAR = "new_year"
    SPRING = "spring"
    QINGMING = "qingming"
    LABOUR = "labour"
    DRAGON_BOAT = "dragon_boat"
    MID_AUTUMN = "mid_autumn"
    NATIONAL = "national"


_NAMES = {
    Festival.NEW_YEAR: "元旦",
    Festival.SPRING: "春节",
    Festival.QINGMING: "清明节",
    Festival.LABOUR: "劳动节",
    Festival.DRAGON_BOAT: "端午节",
    Festival.MID_AUTUMN: "中秋节",
    Festival.NATIONAL: "国庆节",
}


class DayKind(StrEnum):
    """What a day is for those who work from Monday to Friday."""

    WORKDAY = "workday"
    MADE_UP = "made_up"  # a Saturday or Sunday that is worked for a holiday
    WEEKEND = "weekend"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True)
class Season:
    """From before_days before the festival's day to after_days after it, both included; each 0..MOST_DAYS."""

    festival: Festival
    before_days: int
    after_days: int

    def __post_init__(self) -> None:
        """Raise ValueError with the name of what is out of range."""
        for name in ("before_days", "after_days"):
            if not 0 <= getattr(self, name) <= MOST_DAYS:
                raise ValueError(name)

    def has(self, day: date) -> bool:
        """Say whether a business date lies in the season of any year."""
        ahead, back = timedelta(self.before_days), timedelta(self.after_days)
        festivals = {festival_day(self.festival, year) for year in {(day - back).year, day.year, (day + ahead).year}}
        return any(own - ahead <= day <= own + back for own in festivals)


def festival_day(festival: Festival, year: int) -> date:
    """
    Return the day itself: the first of the first lunar month, not its eve or the first day off.

    Raises ValueError for a year without such a public holiday: before 2008 there were four fewer, after 2100 nothing is known.
    """
    named: list[date] = [day for day, name in _table(year).items() if day.year == year and _NAMES[festival] in name.split("; ")]
    if not named:
        raise ValueError(f"no public holiday {festival.value} in {year}")
    return min(named)


def day_kind(day: date) -> DayKind:
    """Return what the day is; in a year that is not announced yet no weekend is worked."""
    table = _table(day.year)
    if day in table:
        return DayKind.HOLIDAY
    if day.weekday() < SATURDAY:
        return DayKind.WORKDAY
    return DayKind.MADE_UP if day in table.weekend_workdays else DayKind.WEEKEND


def is_announced(year: int) -> bool:
    """Say whether the worked weekends of the year are in the table."""
    return any(day.year == year for day in _table(year).weekend_workdays)


@lru_cache(maxsize=16)
def _table(year: int) -> "HolidayBase":
    from holidays import country_holidays

    return country_holidays("CN", years=year, expand=False, language="zh_CN")
