"""What is due is planned once, a missed run is made up once, and work in progress is not planned again."""

from datetime import UTC, datetime, time, timedelta

import pytest

from huitou.apps.base import jobs
from huitou.apps.base.models import Job

NOW = datetime(2026, 11, 21, 19, 10, tzinfo=UTC)  # 03:10 on the 22nd in Shanghai
NIGHTLY = jobs.Schedule("test.nightly", daily_at=time(3, 10))
OFTEN = jobs.Schedule("test.often", every=timedelta(seconds=30))


@jobs.job("test.nightly")
@jobs.job("test.often")
def nothing(context):
    return None


@pytest.mark.parametrize(
    ("case", "schedule", "last_at", "now", "expected"),
    [
        ("never run, interval", OFTEN, None, NOW, True),
        ("interval not over", OFTEN, NOW - timedelta(seconds=29), NOW, False),
        ("interval over", OFTEN, NOW - timedelta(seconds=30), NOW, True),
        ("the minute itself", NIGHTLY, NOW - timedelta(days=1), NOW, True),
        ("a second before", NIGHTLY, NOW - timedelta(days=1), NOW - timedelta(seconds=1), False),
        ("missed for three days", NIGHTLY, NOW - timedelta(days=3), NOW + timedelta(hours=5), True),
        ("done this morning", NIGHTLY, NOW, NOW + timedelta(hours=23), False),
        ("new installation at noon", NIGHTLY, None, NOW + timedelta(hours=9), False),
        ("new installation at the time", NIGHTLY, None, NOW, True),
    ],
)
def test_due(case, schedule, last_at, now, expected):
    assert schedule.is_due(last_at, now) is expected, case


def test_a_schedule_needs_one_way_to_come_back():
    with pytest.raises(ValueError, match="either every or daily_at"):
        jobs.Schedule("test.often")


@pytest.mark.django_db
@pytest.mark.db_both
def test_due_work_is_planned_once_and_not_while_it_is_still_waiting():
    table = (NIGHTLY, OFTEN)
    assert {job.name for job in jobs.plan_due(table, NOW)} == {"test.nightly", "test.often"}
    assert jobs.plan_due(table, NOW + timedelta(seconds=60)) == []  # the first is still waiting
    jobs.run_planned()
    assert [job.name for job in jobs.plan_due(table, NOW + timedelta(seconds=60))] == ["test.often"]
    assert Job.objects.count() == 3
