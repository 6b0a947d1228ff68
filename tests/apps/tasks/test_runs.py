"""Tasks to verify for the persons of the list: who gets one, who does not and why, a kill at any place, who sees them."""

import importlib
from datetime import UTC, date, datetime, timedelta

import pytest
from tests.apps.quality.test_stale import project, tag

from huitou.apps.accounts.models import User
from huitou.apps.base import jobs
from huitou.apps.base.listing import Asked, sort_columns, sort_read
from huitou.apps.base.models import AuditEvent, Job
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.models import Person
from huitou.apps.customers.services import person_ids_reserve
from huitou.apps.privacy.models import Consent
from huitou.apps.privacy.outreach import MARKETING
from huitou.apps.quality.stale import STALE_AFTER_DAYS
from huitou.apps.tasks.fields import ENTRIES
from huitou.apps.tasks.models import State, Task, TaskChange, TaskRun
from huitou.apps.tasks.queries import (
    run_is_dead,
    task_changes,
    task_count,
    task_page,
    tasks_in_reach,
    tasks_open,
    tasks_today,
    tasks_waiting,
)
from huitou.apps.tasks.rules import VERIFY
from huitou.apps.tasks.services import TaskRefused, run_begin, task_close, task_take
from huitou.apps.value.services import tag_confirm
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.tree import EVERYTHING, Condition, Operator
from huitou.core.labels import Label

pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S15")]
NOW = datetime(2026, 11, 21, 4, tzinfo=UTC)
SERVICE = importlib.import_module("huitou.apps.tasks.services.runs")
STRANGER = Viewer(99, "store_manager", frozenset({99}))
OLD = STALE_AFTER_DAYS + 1


def refuse(person_id: int) -> None:
    Consent.objects.create(
        person_id=person_id, channel_code="sms", purpose_code=MARKETING, answer_code="withdrawn", source_code="counter",
        said_at=NOW, recorded_at=NOW,
    )  # fmt: skip


@pytest.fixture
def manager():
    return Viewer(User.objects.create(username="m", role_code="store_manager", store_ids=[1]).pk, "store_manager", frozenset({1}))


@pytest.fixture
def people():
    """Of store 1: two with old values, one at the very boundary, one who refuses, a child; of store 2: one with old values."""
    ids = person_ids_reserve(6)
    project(ids[0], 1, name=10, phone=OLD, address=900)
    project(ids[1], 1, phone=OLD)
    project(ids[2], 1, phone=STALE_AFTER_DAYS)
    project(ids[3], 1, phone=OLD)
    refuse(ids[3])
    project(ids[4], 1, phone=OLD)
    Person.objects.filter(pk=ids[4]).update(of_age_on=date(2030, 1, 1))
    project(ids[5], 2, phone=OLD)
    return ids


def begin(viewer, *, key="r1", now=NOW, person_ids=None):
    return run_begin(viewer=viewer, run_key=key, days=STALE_AFTER_DAYS, now=now, person_ids=person_ids)


def counts(run):
    """Return the counts that are not zero, and check that they add up."""
    run.refresh_from_db()
    told = {name: value for name in SERVICE.COUNTS if (value := getattr(run, name))}
    assert sum(told.values()) == run.seen
    return told


def holders(state=State.OPEN):
    return sorted(Task.objects.filter(state_code=state).values_list("person_id", flat=True))


def test_everybody_listed_gets_a_task_but_who_may_not_be_contacted_and_nobody_two(manager, people):
    run = begin(manager)
    assert (counts(run), run.ended_at) == ({"made": 2, "refused": 1, "barred": 1}, NOW)
    assert holders() == people[:2]  # 180 days are no more than 180 days
    first = Task.objects.get(person_id=people[0])
    assert first.reason == {
        "days": 180, "values": [{"name": "address", "told_on": "2024-06-04"}, {"name": "phone", "told_on": "2026-05-24"}]
    }  # fmt: skip
    assert (first.store_id, first.assignee_id, first.due_on) == (1, None, date(2026, 11, 28))
    assert first.due_at == datetime(2026, 11, 28, 16, tzinfo=UTC)  # the end of the day in the shops
    assert begin(manager).pk == run.pk  # a second click
    assert counts(begin(manager, key="r2")) == {"held": 2, "refused": 1, "barred": 1}
    assert list(TaskChange.objects.values_list("to_code", "by")) == [("open", manager.user_id)] * 2
    traces = AuditEvent.objects.filter(subject_kind="task_run").order_by("pk").values_list("action_code", "detail__made")
    assert list(traces) == [("task.run", None), ("task.run_ended", 2), ("task.run", None), ("task.run_ended", 0)]


def test_a_tag_is_asked_about_and_confirming_it_ends_the_task(manager, people):
    old = tag(people[2], days=OLD)
    begin(manager, person_ids=[people[2]])
    task = Task.objects.get()
    assert [value["name"] for value in task.reason["values"]] == ["tag_picnic"]
    tag_confirm(viewer=manager, person_id=people[2], tag_id=old.pk, now=NOW)
    task.refresh_from_db()
    assert (task.state_code, task.outcome_code) == ("done", "verified")


def test_the_ticked_alone_are_asked_about_and_each_has_a_reason(manager, people):
    run = begin(manager, person_ids=[people[1], people[2], people[4], people[5], 10**9])
    assert counts(run) == {"made": 1, "fresh": 1, "barred": 1, "gone": 2}
    assert (holders(), run.person_ids) == ([people[1]], [])


def test_who_was_asked_a_short_while_ago_is_left_alone(manager, people):
    begin(manager)
    task = Task.objects.get(person_id=people[1])
    task_close(viewer=manager, task_id=task.pk, outcome_code="unwilling", now=NOW)
    soon = NOW + timedelta(days=VERIFY.rest_days) - timedelta(seconds=1)
    assert counts(begin(manager, key="r2", now=soon))["rested"] == 1
    later = counts(begin(manager, key="r3", now=soon + timedelta(seconds=1)))
    assert later == {"made": 1, "held": 2, "refused": 1, "barred": 1}  # the one of the boundary was over it by the run before


def test_a_store_has_only_so_many_open_and_without_a_store_nobody_is_asked(people, monkeypatch):
    kind = SERVICE.TaskKind("verify", due_days=7, purpose=MARKETING, rest_days=30, store_most=1)
    monkeypatch.setattr(SERVICE, "KINDS", {"verify": kind})
    admin = Viewer(User.objects.create(username="a", role_code="admin").pk, "admin", None)
    Person.objects.filter(pk=people[0]).update(home_store_id=None)
    project(people[4], 1, phone=OLD)
    run = begin(admin)
    assert counts(run) == {"made": 2, "storeless": 1, "full": 1, "refused": 1}
    assert holders() == [people[1], people[5]]


@pytest.mark.parametrize("ticked", [False, True], ids=["everybody", "ticked"])
@pytest.mark.parametrize("name", ["tasks_make", "persons_hold", "_ended"])
@pytest.mark.parametrize("at", range(3))
def test_a_kill_at_any_part_loses_nobody_and_doubles_nobody(manager, people, monkeypatch, name, at, ticked):
    monkeypatch.setattr(SERVICE, "PART", 1)
    project(people[2], 1, phone=0)  # a job has the clock's time, by which the boundary is past
    real, calls = getattr(SERVICE, name), iter(range(100))

    def cut(*given, **named):
        done = real(*given, **named)
        if next(calls) == at:
            raise RuntimeError("killed")
        return done

    monkeypatch.setattr(SERVICE, name, cut)
    asked_for = people[:5] if ticked else None
    try:
        run = begin(manager, person_ids=asked_for)
    except RuntimeError:
        run = TaskRun.objects.get()
        assert not run_is_dead(run)  # the worker takes it on, whether anybody comes back to the page or not
        with pytest.raises(TaskRefused, match="别人"):
            begin(STRANGER)
    for _ in range(3):
        jobs.run_planned()
    assert counts(run) == {"made": 2, "refused": 1, "barred": 1} | ({"fresh": 1} if ticked else {})
    assert holders() == people[:2]
    assert run.ended_at is not None


def test_an_author_who_lost_the_role_makes_no_more(manager, people, monkeypatch):
    monkeypatch.setattr(SERVICE, "PART", 1)
    run = begin(manager)
    assert (counts(run), run_is_dead(run), Job.objects.get().name) == ({"made": 1}, False, "tasks.run")
    User.objects.update(role_code="guide")
    jobs.run_planned()
    run.refresh_from_db()
    assert (run.stopped_code, holders()) == ("role", people[:1])
    with pytest.raises(TaskRefused, match="角色"):
        begin(Viewer(manager.user_id, "guide", frozenset({1})), key="r2")


def asked(*, filters=EVERYTHING):
    catalogue = Catalogue(Label("任务", "tasks"), tuple(entry.field for entry in ENTRIES))
    return Asked(catalogue, sort_read("due_on", sort_columns(ENTRIES)), NOW.date(), filters)


@pytest.mark.parametrize("role", ["store_manager", "guide"])
def test_another_store_finds_no_task_by_any_read_and_changes_none(manager, people, role):
    begin(manager)
    task = Task.objects.get(person_id=people[0])
    named = Condition("store", Operator.EQ, 1)  # naming the store opens nothing

    def answers(viewer):
        return {
            "rows": tasks_in_reach(viewer).count(),
            "page": len(task_page(viewer, asked()).rows),
            "page of the store": len(task_page(viewer, asked(filters=named)).rows),
            "count": task_count(viewer, asked(filters=named)).value,
            "waiting": tasks_waiting(viewer, now=NOW).open,
            "today": len(tasks_today(viewer, now=NOW).tasks) + tasks_today(viewer, now=NOW).waiting.open,
            "person": len(tasks_open(viewer, people[0])),
            "log": len(task_changes(viewer, people[0])),
        }

    own = Viewer(5, role, frozenset({1}))
    assert all(answers(own).values())
    for stores in ({2}, set()):
        stranger = Viewer(6, role, frozenset(stores))
        assert not any(answers(stranger).values())
        for act in (
            lambda who=stranger: task_close(viewer=who, task_id=task.pk, outcome_code="talked", now=NOW),
            lambda who=stranger: task_take(viewer=who, task_id=task.pk, now=NOW),
        ):
            with pytest.raises(TaskRefused) as refused:
                act()
            assert refused.value.reason == "not_found"
    assert TaskChange.objects.filter(task=task).count() == 1
