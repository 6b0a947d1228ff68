"""Planned work runs to its end, tries again after a failure, and gives up after a bounded number of attempts."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from huitou.apps.base import jobs, leases
from huitou.apps.base.models import Job, JobState

pytestmark = [pytest.mark.django_db, pytest.mark.db_both]
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@jobs.job("test.flaky", attempts=3)
def flaky(context, *, fail_times):
    context.progress("trying", context.attempt, fail_times)
    if context.attempt <= fail_times:
        raise RuntimeError(f"no luck in attempt {context.attempt}")
    return {"attempt": context.attempt}


@jobs.job("test.hopeless")
def hopeless(context):
    raise jobs.GiveUp("the source is not configured")


@jobs.job("test.alone")
def alone(context):
    with leases.hold("test.alone"):
        return "had it"


def clock():
    return NOW


def test_a_job_that_fails_is_tried_again_and_keeps_its_last_progress():
    row = jobs.plan("test.flaky", now=NOW, fail_times=2)
    assert [jobs.run_attempt(row.pk, clock) for _ in range(3)] == ["again", "again", "done"]
    row.refresh_from_db()
    assert (row.state, row.attempts, row.result, row.error) == (JobState.DONE, 3, {"attempt": 3}, "")
    assert (row.step, row.done, row.total) == ("trying", 3, 2)


def test_a_job_that_always_fails_ends_as_failed_while_others_go_on():
    bad, good = jobs.plan("test.flaky", now=NOW, fail_times=9), jobs.plan("test.flaky", now=NOW, fail_times=0)
    assert [job.pk for job in jobs.run_planned(clock)] == [bad.pk, good.pk]
    bad.refresh_from_db(), good.refresh_from_db()
    assert (bad.state, bad.attempts, good.state) == (JobState.FAILED, 3, JobState.DONE)
    assert bad.error == "given up after 3 attempts: RuntimeError: no luck in attempt 3"


def test_an_attempt_cut_short_by_a_kill_counts_so_that_a_poisoned_job_ends():
    row = jobs.plan("test.flaky", now=NOW, fail_times=0)
    Job.objects.filter(pk=row.pk).update(state=JobState.RUNNING, attempts=3)  # as three killed workers leave it
    assert jobs.run_attempt(row.pk, clock) == "failed"
    row.refresh_from_db()
    assert "given up after 3 attempts: the worker ended in the middle" in row.error


def test_a_job_that_gives_up_is_not_tried_again():
    row = jobs.plan("test.hopeless", now=NOW)
    assert jobs.run_attempt(row.pk, clock) == "failed"
    row.refresh_from_db()
    assert (row.attempts, row.error) == (1, "the source is not configured")


def test_running_a_finished_job_again_changes_nothing():
    row = jobs.plan("test.flaky", now=NOW, fail_times=0)
    assert jobs.run_attempt(row.pk, clock) == jobs.run_attempt(row.pk, clock) == "done"
    row.refresh_from_db()
    assert row.attempts == 1


def test_work_that_somebody_else_is_doing_waits_without_using_an_attempt():
    row = jobs.plan("test.alone", now=NOW)
    with leases.hold("test.alone"):
        assert jobs.run_attempt(row.pk, clock) == "busy"
    row.refresh_from_db()
    assert (row.state, row.attempts) == (JobState.PLANNED, 0)
    assert jobs.run_attempt(row.pk, clock) == "done"


def test_a_rolled_back_transaction_leaves_no_work_behind():
    with transaction.atomic():
        jobs.plan("test.flaky", now=NOW, fail_times=0)
        transaction.set_rollback(True)
    assert not Job.objects.exists()


def test_an_unknown_job_is_refused_by_name():
    with pytest.raises(LookupError, match=r"no job is called test\.missing"):
        jobs.plan("test.missing")


def test_the_same_work_is_planned_once_until_it_has_ended():
    first = jobs.plan_once("test.flaky", now=NOW, fail_times=0)
    assert first is not None
    assert jobs.plan_once("test.flaky", now=NOW, fail_times=0) is None
    assert jobs.plan_once("test.flaky", now=NOW, fail_times=1) is not None
    jobs.run_planned(clock)
    assert jobs.plan_once("test.flaky", now=NOW, fail_times=0) is not None


def test_clean_up_forgets_old_finished_jobs_only():
    old, fresh, waiting = (jobs.plan("test.flaky", now=NOW, fail_times=0) for _ in range(3))
    Job.objects.filter(pk=old.pk).update(state=JobState.DONE, ended_at=NOW - timedelta(days=3))
    Job.objects.filter(pk=fresh.pk).update(state=JobState.DONE, ended_at=NOW - timedelta(days=1))
    row = jobs.plan("base.clean_up", now=NOW)
    jobs.run_attempt(row.pk, clock)
    assert set(Job.objects.values_list("pk", flat=True)) == {fresh.pk, waiting.pk, row.pk}
