"""How numbers, money and time are written."""

from datetime import UTC, date, datetime, timedelta

import pytest

from huitou.web import formats, words_person


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.count_text(204_920), "204,920"),
        (formats.count_text(-3), "−3"),
        (formats.count_text(None), "—"),
        (formats.money_text(268_400), "¥2,684"),
        (formats.money_text(-1_250, decimals=2), "−¥12.50"),
        (formats.money_text(None), "—"),
        (formats.short_money_text(7_770), "¥77.70"),
        (formats.short_money_text(268_400), "¥2,684"),
        (formats.short_money_text(47_800_000), "¥47.8\u00a0万"),
        (formats.short_money_text(-612_000_000), "−¥612.0\u00a0万"),
        (formats.short_money_text(12_345_678_900), "¥1.23\u00a0亿"),
        (formats.short_money_text(None), "—"),
        (formats.signed_percent_text(0.032), "+3.2\u00a0%"),
        (formats.signed_percent_text(-0.0004), "0.0\u00a0%"),
        (formats.signed_points_text(-0.02), "−2.0"),
        (formats.percent_text(0.4), "40.0\u00a0%"),
        (formats.percent_text(None), "—"),
        (formats.percent_text(0.0), "0.0\u00a0%"),
        (formats.percent_text(1.0), "100.0\u00a0%"),
        (formats.percent_text(0.99957), ">99.9\u00a0%"),
        (formats.percent_text(0.00001, decimals=2), "<0.01\u00a0%"),
        (formats.points_text(-0.02), "−2.0"),
        (formats.day_text(date(2026, 11, 21)), "2026-11-21"),
        (formats.day_text(datetime(2026, 11, 21, 16, 30, tzinfo=UTC)), "2026-11-22"),
        (formats.moment_text(datetime(2026, 11, 20, 19, 40, tzinfo=UTC)), "2026-11-21 03:40"),
        (formats.duration_text(12_000), "3 时 20 分"),
        (formats.duration_text(900), "15 分"),
        (formats.duration_text(86_400), "24 时"),
        (formats.days_ago_text(date(2026, 9, 19), today=date(2026, 11, 21)), "63 天前"),
        (formats.days_ago_text(None, today=date(2026, 11, 21)), "—"),
    ],
)
def test_a_value_is_written_as_the_screens_want_it(written: str, expected: str):
    assert written == expected


def test_how_long_ago_uses_the_largest_unit():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    assert [formats.ago_text(now - timedelta(seconds=age), now=now) for age in (0, 12, 26 * 60, 3 * 3_600, 5 * 86_400)] == [
        "刚刚",
        "12 秒前",
        "26 分钟前",
        "3 小时前",
        "5 天前",
    ]


def test_a_fact_reads_as_people_say_it():
    assert [str(words_person.fact_text(field, text)) for field, text in (("gender", "F"), ("gender", "?"), ("name", "F"))] == [
        "女",
        "?",
        "F",
    ]
