"""Business days in Asia/Shanghai and half-open periods."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")


def business_date(moment: datetime) -> date:
    """Return the store's day of an aware moment. Raises ValueError on a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"need an aware datetime, got {moment!r}")
    return moment.astimezone(BUSINESS_ZONE).date()


def day_start(day: date) -> datetime:
    """Return the aware moment at which the store's day begins."""
    return datetime(day.year, day.month, day.day, tzinfo=BUSINESS_ZONE)


@dataclass(frozen=True, slots=True)
class Period:
    """Business days [start, end): start belongs to it, end does not."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.start >= self.end:
            raise ValueError(f"period must not be empty: [{self.start}, {self.end})")

    @classmethod
    def last_days(cls, days: int, *, as_of: date) -> "Period":
        """Return the `days` business days that end with as_of (included)."""
        if days < 1:
            raise ValueError(f"need at least one day, got {days}")
        return cls(as_of - timedelta(days=days - 1), as_of + timedelta(days=1))

    @classmethod
    def month(cls, day: date) -> "Period":
        """Return the calendar month of the day."""
        start = day.replace(day=1)
        return cls(start, (start + timedelta(days=31)).replace(day=1))

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end
