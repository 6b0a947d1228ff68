"""How a task ends: by verifying, by hand with a reason, by night; and how it goes along when files become one and part."""

import importlib
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from tests.apps.identity_chain import NOW, Chain

from huitou.apps.attributes.models import Attribute, AttributeValue
from huitou.apps.attributes.services import preset_add
from huitou.apps.base import hooks, jobs
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person
from huitou.apps.identity import services as identity
from huitou.apps.privacy.models import Consent, ErasureRequest, Suppression
from huitou.apps.privacy.outreach import MARKETING
from huitou.apps.tasks.models import Task, TaskChange, TaskMove
from huitou.apps.tasks.queries import tasks_today
from huitou.apps.tasks.services import TaskRefused, run_begin, task_close, task_take, tasks_settle
from huitou.core.identity.changes import Move

SETTLE = importlib.import_module("huitou.apps.tasks.services.settle")
pytestmark = [pytest.mark.django_db, pytest.mark.db_both, pytest.mark.accept("S15")]
MANAGER = Viewer(1, "store_manager", frozenset({5}))
GUIDE, OTHER = Viewer(2, "guide", frozenset({5})), Viewer(3, "guide", frozenset({5}))
LATER = NOW + timedelta(days=200)  # everything of the chain is older than 180 days by then


@pytest.fixture
def chain(layout):
    """Three persons of store 5: of the records 1 and 4, of 2, and of 3."""
    made = Chain(layout)
    made.apply("mall", [
        {"record_id": number, "phone": f"1391234567{number}", "name": name, "phone_verified": True, "store_id": 5}
        for number, name in ((1, "王小芳"), (2, "李雷"), (3, "韩梅"))
    ])  # fmt: skip
    made.apply("pos", [{"record_id": 4, "phone": "13912345671"}])
    return made


@pytest.fixture
def persons(chain):
    """Return record -> person, each with an open task."""
    found = chain.persons()
    assert run_begin(viewer=MANAGER, run_key="all", days=180, now=LATER).made == 3
    return found


def task_of(person_id: int) -> Task:
    return Task.objects.get(person_id=person_id)


def settled(now=LATER):
    """What the night came to, without what did not happen."""
    return {name: number for name, number in tasks_settle(now=now).items() if number}


def ended(person_id):
    task = task_of(person_id)
    return task.state_code, task.outcome_code, task.closed_by


def state():
    """Who has which task and how it stands: what has to be the same after an undo."""
    return list(Task.objects.order_by("pk").values_list("pk", "person_id", "state_code", "outcome_code", "open_code"))


def log(task):
    return list(task.changes.order_by("pk").values_list("from_code", "to_code", "outcome_code", "by"))


def merge(one, other):
    return identity.person_merge(person_id=one, other_id=other, by=7, reason="", now=LATER).pk


def undo(event_id):
    return identity.identity_undo(event_id=event_id, by=7, reason="", now=LATER).pk


def test_verifying_the_last_value_that_it_asks_about_ends_a_task(persons):
    person = persons[2]
    assert [value["name"] for value in task_of(person).reason["values"]] == ["name", "phone"]
    identity.value_confirm(viewer=GUIDE, person_id=person, field_code="name", now=LATER)
    assert task_of(person).state_code == "open"
    identity.value_correct(
        viewer=GUIDE, person_id=person, field_code="phone", value="13700001234", reason_code="asked", now=LATER
    )  # fmt: skip
    task = task_of(person)
    assert (task.state_code, task.outcome_code, task.closed_at, task.closed_by) == ("done", "verified", LATER, GUIDE.user_id)
    assert log(task) == [("", "open", "", 1), ("open", "done", "verified", 2)]
    assert task_of(persons[1]).state_code == "open"


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [("talked", "done"), ("unreachable", "dismissed"), ("unwilling", "dismissed"), ("not_needed", "dismissed")],
)
def test_a_guide_ends_a_task_with_a_reason_once(persons, outcome, ends):
    task = task_of(persons[1])
    task_close(viewer=GUIDE, task_id=task.pk, outcome_code=outcome, now=LATER)
    assert log(task)[1:] == [("open", ends, outcome, 2)]
    told = AuditEvent.objects.get(action_code="task.closed").detail
    assert told == {"task": task.pk, "kind": "verify", "outcome": outcome}
    with pytest.raises(TaskRefused) as refused:
        task_close(viewer=GUIDE, task_id=task.pk, outcome_code=outcome, now=LATER)
    assert (refused.value.reason, task.changes.count()) == ("closed", 2)


@pytest.mark.parametrize("outcome", ["called_off", "verified", "merged", "no such"])
def test_what_only_others_may_say_a_guide_cannot(persons, outcome):
    task = task_of(persons[1])
    with pytest.raises(TaskRefused) as refused:
        task_close(viewer=GUIDE, task_id=task.pk, outcome_code=outcome, now=LATER)
    assert (refused.value.reason, task_of(persons[1]).state_code) == ("role", "open")
    if outcome == "called_off":
        task_close(viewer=MANAGER, task_id=task.pk, outcome_code=outcome, now=LATER)
        assert task_of(persons[1]).state_code == "cancelled"


def test_who_takes_a_task_has_it_and_nobody_else_is_shown_it(persons):
    task = task_of(persons[3])
    for _ in range(2):
        task_take(viewer=GUIDE, task_id=task.pk, now=LATER)
    with pytest.raises(TaskRefused, match="有人在跟"):
        task_take(viewer=OTHER, task_id=task.pk, now=LATER)
    assert log(task)[1:] == [("open", "open", "taken", 2)]
    assert tasks_today(GUIDE, now=LATER).tasks[0].pk == task.pk  # one's own first
    assert task.pk not in [one.pk for one in tasks_today(OTHER, now=LATER).tasks]
    assert (tasks_today(GUIDE, now=LATER).waiting.open, tasks_today(OTHER, now=LATER).waiting.open) == (3, 2)


def test_the_day_shows_what_is_past_its_time_and_what_was_done(persons):
    end = task_of(persons[1]).due_at
    assert tasks_today(GUIDE, now=end - timedelta(seconds=1)).waiting.overdue == 0
    late = tasks_today(GUIDE, now=end, overdue_only=True)
    assert (late.waiting.overdue, len(late.tasks)) == (3, 3)
    task_close(viewer=GUIDE, task_id=task_of(persons[1]).pk, outcome_code="talked", now=end)
    assert [tasks_today(GUIDE, now=end + timedelta(hours=hours)).done for hours in (1, 24)] == [1, 0]


def test_the_night_ends_what_was_told_anew_or_may_not_be_asked_and_moves_stores(persons, chain):
    chain.now = LATER
    chain.apply("mall", [{"record_id": 2, "phone": "13912345672", "name": "李雷", "phone_verified": True, "store_id": 5}])
    Consent.objects.create(
        person_id=persons[3], channel_code="sms", purpose_code=MARKETING, answer_code="withdrawn", source_code="counter",
        said_at=LATER, recorded_at=LATER,
    )  # fmt: skip
    assert persons[3] not in [one.person_id for one in tasks_today(GUIDE, now=LATER).tasks]  # at once
    Person.objects.filter(pk=persons[1]).update(home_store_id=6)
    Task.objects.filter(person_id=persons[1]).update(assignee_id=GUIDE.user_id)
    assert settled() == {"told_again": 1, "kept_out": 1, "moved": 1}
    moved = task_of(persons[1])
    assert (moved.assignee_id, log(moved)[1:]) == (None, [("open", "open", "moved", None)])
    assert settled() == {}
    told = {one.person_id: (one.state_code, one.outcome_code, one.store_id) for one in Task.objects.all()}
    assert told == {
        persons[1]: ("open", "", 6), persons[2]: ("done", "told_again", 5), persons[3]: ("cancelled", "kept_out", 5)
    }  # fmt: skip


def test_what_is_listed_no_longer_ends_for_its_own_reason(persons, chain):
    """A value that came late; a rule that asks no longer; a value that the file lost; a person who is nobody any more."""
    preset_add(code="purchase_motive", by=1, now=NOW)
    motive = Attribute.objects.get(code="purchase_motive")
    chain.now = LATER - timedelta(days=1)
    asked = task_of(persons[3])
    Task.objects.filter(pk=asked.pk).update(created_at=LATER + timedelta(hours=1))
    chain.apply("mall", [{"record_id": 3, "phone": "13912345673", "name": "韩梅", "phone_verified": True, "store_id": 5}])
    assert settled() == {"newer": 1}  # told before the task was made: it came late
    assert ended(persons[3]) == ("done", "newer", None)

    kept = task_of(persons[1])
    value = {"name": "attribute_purchase_motive", "told_on": "2025-01-01"}
    Task.objects.filter(pk=kept.pk).update(reason={"days": 180, "values": [value]})
    told = AttributeValue.objects.create(
        attribute_id=motive.pk, event_id=1, record_id=1, person_id=kept.person_id, source_code="events",
        observed_at=datetime(2025, 1, 1, 4, tzinfo=UTC), text_value="gift", is_current=True,
    )  # fmt: skip
    assert settled() == {}
    for change, reason in (
        (lambda: Attribute.objects.filter(pk=motive.pk).update(stale_after_days=9_000), "new_rule"),
        (lambda: AttributeValue.objects.filter(pk=told.pk).update(is_current=False), "no_value"),
        (lambda: Person.objects.filter(pk=kept.person_id).update(is_live=False), "gone"),
    ):
        change()
        assert settled() == {reason: 1}
        assert ended(kept.person_id) == ("cancelled", reason, None)
        Task.objects.filter(pk=kept.pk).update(
            state_code="open", outcome_code="", open_code="verify", closed_at=None, closed_by=None
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda person: Person.objects.filter(pk=person).update(of_age_on=date(2040, 1, 1)), "minor"),
        (
            lambda person: ErasureRequest.objects.create(
                person_id=person, asked_by=7, asked_at=LATER, due_at=LATER + timedelta(days=9), reason_code="asked"
            ),
            "erasing",
        ),
        (
            lambda person: Suppression.objects.create(
                kind_code="phone", value_hash=keyring().hash("phone", "13912345671"), reason_code="erased", since=LATER
            ),
            "suppressed",
        ),
    ],
)
def test_who_may_not_be_contacted_any_more_is_left_alone_for_the_reason_that_holds(persons, change, reason):
    change(persons[1])
    assert settled() == {reason: 1}
    assert ended(persons[1]) == ("cancelled", reason, None)


def test_what_a_guide_took_another_guide_does_not_end_and_a_manager_may(persons):
    task = task_of(persons[1])
    task_take(viewer=GUIDE, task_id=task.pk, now=LATER)
    with pytest.raises(TaskRefused) as refused:
        task_close(viewer=OTHER, task_id=task.pk, outcome_code="talked", now=LATER)
    assert (refused.value.reason, ended(persons[1]), len(log(task))) == ("taken", ("open", "", None), 2)
    task_close(viewer=MANAGER, task_id=task.pk, outcome_code="talked", now=LATER)
    assert ended(persons[1]) == ("done", "talked", MANAGER.user_id)
    task_close(viewer=OTHER, task_id=task_of(persons[2]).pk, outcome_code="talked", now=LATER)  # nobody took it
    own = task_of(persons[3])
    task_take(viewer=OTHER, task_id=own.pk, now=LATER)
    task_close(viewer=OTHER, task_id=own.pk, outcome_code="talked", now=LATER)
    assert {row[2] for row in state()} == {"done"}


def test_of_two_open_ones_the_older_stays_when_files_become_one_and_an_undo_brings_both_back(persons):
    before = state()
    older, younger = sorted((task_of(persons[1]), task_of(persons[2])), key=lambda task: task.pk)
    event_id = merge(persons[1], persons[2])
    assert [row[2:4] for row in state() if row[0] in (older.pk, younger.pk)] == [("open", ""), ("cancelled", "merged")]
    assert {task.person_id for task in Task.objects.filter(pk__in=(older.pk, younger.pk))} == {persons[1]}
    assert TaskChange.objects.get(task=younger, outcome_code="merged").event_id == event_id
    undo(event_id)
    assert state() == before


def test_what_was_done_for_both_while_they_were_one_stays_done(persons):
    event_id = merge(persons[1], persons[2])
    task = Task.objects.get(person_id=persons[1], state_code="open")
    task_close(viewer=GUIDE, task_id=task.pk, outcome_code="talked", now=LATER)
    undo(event_id)
    assert {task_of(one).outcome_code for one in (persons[1], persons[2])} == {"talked"}


def test_tasks_follow_a_chain_of_merges_back_step_by_step(persons):
    states = [state()]
    first = merge(persons[2], persons[3])
    states.append(state())
    second = merge(persons[1], min(persons[2], persons[3]))
    assert Task.objects.filter(state_code="open").count() == 1
    undo(second)
    assert state() == states[1]
    undo(first)
    assert state() == states[0]


def test_the_hook_run_again_changes_nothing(persons):
    event_id = merge(persons[1], persons[2])
    before = state(), TaskChange.objects.count(), TaskMove.objects.count()
    change = hooks.IdentityChange(event_id, (Move(2, persons[2], persons[1]),), (), (persons[2],), LATER)
    hooks.run(hooks.Hook.MERGE, change)
    assert (state(), TaskChange.objects.count(), TaskMove.objects.count()) == before


def test_a_task_goes_along_when_the_records_it_came_with_are_split_off(persons, chain):
    merge(persons[1], persons[2])
    identity.person_split(person_id=persons[1], record_ids=[2], by=7, reason="", now=LATER)
    fresh = chain.persons()[2]
    assert {task.person_id for task in Task.objects.filter(state_code="open")} == {persons[1], fresh, persons[3]}


def test_a_copy_tells_of_it_and_an_erasure_leaves_nothing(persons):
    merge(persons[1], persons[2])
    told = {
        name: part for told in hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(persons[1], ())) for name, part in told.items()
    }
    assert [[one["to"] for one in task["changes"]] for task in told["tasks"]] == [["open"], ["open", "cancelled"]]
    for _ in range(2):
        hooks.run(hooks.Hook.ERASE, hooks.PersonErased(persons[1], (1, 2, 4), LATER))
        assert set(Task.objects.values_list("person_id", flat=True)) == {persons[3]}
        assert set(TaskChange.objects.values_list("task__person_id", flat=True)) == {persons[3]}


def test_a_line_of_the_log_is_never_changed(persons):
    with pytest.raises(DatabaseError), transaction.atomic():
        TaskChange.objects.update(to_code="done")
    assert set(TaskChange.objects.values_list("to_code", flat=True)) == {"open"}


def test_settling_when_nothing_is_over_changes_nothing_and_the_job_does_it(persons, monkeypatch):
    before = state()
    assert settled() == {}
    assert state() == before
    monkeypatch.setattr(SETTLE, "PART", 2)
    job = jobs.plan("tasks.settle")
    jobs.run_planned()  # by the clock, at which everything is young
    job.refresh_from_db()
    assert (job.state, job.done, job.total, {row[3] for row in state()}) == ("done", 3, 3, {"new_rule"})
