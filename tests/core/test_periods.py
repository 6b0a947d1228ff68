"""Business days are Shanghai's, periods half open."""

from datetime import UTC, date, datetime

import pytest

from huitou.core.periods import Period, business_date


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 2, 28, 15, 59, 59, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 2, 28, 16, 0, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2024, 2, 28, 16, 0, tzinfo=UTC), date(2024, 2, 29)),
    ],
)
def test_the_business_day_turns_at_midnight_in_shanghai(moment, day):
    assert business_date(moment) == day


def test_a_naive_moment_has_no_business_day():
    with pytest.raises(ValueError, match="aware"):
        business_date(datetime(2026, 1, 1))  # noqa: DTZ001


def test_last_days_hold_as_of_and_not_the_day_before_the_window():
    period = Period.last_days(90, as_of=date(2026, 11, 21))
    assert date(2026, 11, 21) in period
    assert date(2026, 8, 24) in period
    assert date(2026, 8, 23) not in period
    assert date(2026, 11, 22) not in period


@pytest.mark.parametrize("days", [0, -1])
def test_an_empty_window_is_refused(days):
    with pytest.raises(ValueError, match=str(days)):
        Period.last_days(days, as_of=date(2026, 1, 1))
    with pytest.raises(ValueError, match="empty"):
        Period(date(2026, 1, 1), date(2026, 1, 1))
