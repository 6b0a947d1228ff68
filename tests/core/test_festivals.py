"""Festivals, worked weekends and seasons against the published calendars of 2024 to 2026, by the clock."""

from datetime import date, timedelta

import pytest

from huitou.core.festivals import DayKind, Festival, Season, day_kind, festival_day, is_announced


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 1, 1), DayKind.HOLIDAY),
        (date(2026, 1, 4), DayKind.MADE_UP),  # a Sunday, worked for Friday 2 January
        (date(2026, 1, 2), DayKind.HOLIDAY),
        (date(2026, 2, 14), DayKind.MADE_UP),
        (date(2026, 2, 16), DayKind.HOLIDAY),  # the eve
        (date(2026, 2, 23), DayKind.HOLIDAY),
        (date(2026, 2, 24), DayKind.WORKDAY),
        (date(2026, 2, 28), DayKind.MADE_UP),
        (date(2026, 3, 1), DayKind.WEEKEND),
        (date(2025, 10, 6), DayKind.HOLIDAY),  # Mid-Autumn inside the National Day week
        (date(2025, 9, 28), DayKind.MADE_UP),
        (date(2025, 10, 11), DayKind.MADE_UP),
        (date(2024, 2, 4), DayKind.MADE_UP),
        (date(2030, 2, 3), DayKind.HOLIDAY),  # not announced, the festival alone is known
        (date(2030, 2, 9), DayKind.WEEKEND),
    ],
)
def test_days_are_what_the_calendar_says(day: date, kind: DayKind):
    assert day_kind(day) is kind


@pytest.mark.parametrize(
    ("festival", "days"),
    [
        (Festival.NEW_YEAR, {2024: (1, 1), 2026: (1, 1)}),
        (Festival.SPRING, {2023: (1, 22), 2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2030: (2, 3)}),
        (Festival.QINGMING, {2024: (4, 4), 2026: (4, 5)}),
        (Festival.LABOUR, {2026: (5, 1)}),
        (Festival.DRAGON_BOAT, {2024: (6, 10), 2026: (6, 19)}),
        (Festival.MID_AUTUMN, {2020: (10, 1), 2024: (9, 17), 2025: (10, 6), 2026: (9, 25)}),
        (Festival.NATIONAL, {2020: (10, 1), 2025: (10, 1)}),
    ],
)
def test_a_festival_has_one_day_a_year(festival: Festival, days: dict[int, tuple[int, int]]):
    assert {year: festival_day(festival, year) for year in days} == {year: date(year, *day) for year, day in days.items()}


@pytest.mark.accept("S67")
def test_a_season_opens_and_closes_by_the_clock():
    """Spring Festival 2026 is 17 February; seven days to either side."""
    season = Season(Festival.SPRING, 7, 7)
    start = date(2026, 1, 1)
    on = [day for day in (start + timedelta(n) for n in range(365)) if season.has(day)]
    assert on == [date(2026, 2, 10) + timedelta(n) for n in range(15)]


def test_a_season_reaches_over_the_turn_of_a_year():
    season = Season(Festival.NEW_YEAR, 10, 3)
    assert [season.has(date(2025, 12, day)) for day in (21, 22, 31)] == [False, True, True]
    assert [season.has(date(2026, 1, day)) for day in (1, 4, 5)] == [True, True, False]
    assert Season(Festival.SPRING, 0, 0).has(date(2026, 2, 17))
    assert not Season(Festival.SPRING, 0, 0).has(date(2026, 2, 16))


def test_what_is_unknown_is_said():
    assert is_announced(2026)
    assert not is_announced(2030)
    with pytest.raises(ValueError, match="mid_autumn in 1999"):
        festival_day(Festival.MID_AUTUMN, 1999)
    for days in ((-1, 0), (0, 61)):
        with pytest.raises(ValueError, match="_days"):
            Season(Festival.SPRING, *days)
