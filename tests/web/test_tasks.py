"""Tasks on their pages: made from the list to verify, done by a guide, seen by those in reach only."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.web.conftest import NOW, Chain

from huitou.apps.accounts.models import User
from huitou.apps.accounts.roles import Role
from huitou.apps.base import jobs
from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.tasks.models import Task, TaskRun
from huitou.apps.tasks.services import run_begin
from huitou.web.policy import POLICY

pytestmark = [pytest.mark.django_db, pytest.mark.accept("S15")]


def age(person_id: int, store_id: int, *, name: str, days: int = 300) -> None:
    """Write a file whose values were told so many days ago."""
    told = {"record_id": 1, "source_code": "mall", "observed_at": (utc_now() - timedelta(days=days)).isoformat()}
    values = {"name": {"value": name, **told}, "phone": {"value": "13800002716", **told}}
    persons_project([PersonFile(person_id, values, {}, 1, 1, True, store_id, NOW)], now=NOW)


@pytest.fixture
def enter(chain: Chain):
    def _enter(role: str) -> Client:
        client = Client()
        client.force_login(chain.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


@pytest.fixture
def old(chain: Chain) -> Chain:
    """The person and the outsider with values that nobody verified for 300 days."""
    age(chain.person_id, chain.store_id, name="王小芳")
    age(chain.outsider_id, chain.other_store_id, name="欧阳华")
    return chain


@pytest.fixture
def task(old: Chain) -> Task:
    """An open task for the person, another for the outsider."""
    admin = old.users["admin"]
    run_begin(
        viewer=Viewer(admin.pk, "admin", None), run_key="test", days=180, now=utc_now(),
        person_ids=[old.person_id, old.outsider_id],
    )  # fmt: skip
    return Task.objects.get(person_id=old.person_id)


def text(answer) -> str:
    return answer.content.decode()


def test_the_list_to_verify_makes_tasks_for_the_ticked_or_for_everybody_once(enter, old):
    page = enter("store_manager")
    shown = page.get("/customers/stale")
    body = {"key": shown.context["run_key"], "days": "180"}
    assert f'name="ids" value="{old.person_id}"' in text(shown)
    assert "没有选中任何一行" in text(page.post("/tasks/runs/new", body, follow=True))
    ticked = body | {"ids": [old.person_id, old.outsider_id, "x", "9" * 30]}
    for _ in range(2):
        told = text(page.post("/tasks/runs/new", ticked, follow=True))
        assert "已建 1 条任务，共看了 2 人；没有建的：不在范围内 1 人。" in told
    assert TaskRun.objects.count() == Task.objects.count() == 1
    told = text(page.post("/tasks/runs/new", body | {"key": "all", "everything": "1"}, follow=True))
    assert "已建 0 条任务，共看了 1 人；没有建的：已有任务 1 人。" in told
    assert enter("agent").post("/tasks/runs/new", ticked).status_code == 403
    assert "to-tasks" not in text(enter("agent").get("/customers/stale"))


def test_what_a_job_does_is_told_from_page_to_page_until_its_end(enter, old, monkeypatch):
    monkeypatch.setattr("huitou.apps.tasks.services.runs.PART", 1)
    admin = enter("admin")
    shown = text(admin.post("/tasks/runs/new", {"key": "a", "days": "180", "everything": "1"}, follow=True))
    run = TaskRun.objects.get()
    assert "正在建任务：看了 1 人，建了 1 条" in shown
    assert f"/tasks/runs/{run.pk}" in shown
    assert "正在建任务" in text(admin.get(f"/tasks/runs/{run.pk}"))
    assert enter("store_manager").get(f"/tasks/runs/{run.pk}").status_code == 404
    jobs.run_planned()
    assert "已建 2 条任务。" in text(admin.get(f"/tasks/runs/{run.pk}"))
    assert f"/tasks/runs/{run.pk}" not in text(admin.get("/customers/stale"))


def test_a_job_that_failed_for_good_says_so(enter, old, monkeypatch):
    monkeypatch.setattr("huitou.apps.tasks.services.runs.PART", 1)
    admin = enter("admin")
    admin.post("/tasks/runs/new", {"key": "a", "days": "180", "everything": "1"})
    Job.objects.update(state="failed")
    assert "建任务停下了" in text(admin.get(f"/tasks/runs/{TaskRun.objects.get().pk}"))


def test_the_list_shows_who_why_and_what_is_late(enter, chain, task):
    page = enter("store_manager")
    shown = page.get("/tasks?f=state.eq.open")
    (line,) = shown.context["lines"]
    assert (line.head.text, line.head.href) == ("王小芳", f"/customers/{chain.person_id}#tasks")
    assert line.head.note == "姓名 300 天、手机 300 天没有核实"
    assert line.head.badge is None
    Task.objects.filter(pk=task.pk).update(due_at=utc_now() - timedelta(days=2, hours=1))
    (line,) = page.get("/tasks?f=state.eq.open").context["lines"]
    assert line.head.badge == ("bad", "flame", "超时 2 天 1 时")
    assert 'data-late>1<span class="ht-visually-hidden">条待办，1 条超时' in text(page.get("/tasks"))
    page.post(f"/tasks/{task.pk}/close", {"outcome": "unreachable"})
    (line,) = page.get("/tasks").context["lines"]
    assert (line.head.note, line.head.badge) == ("联系不上", None)
    assert page.get("/tasks?f=state.eq.open").context["lines"] == []


def test_the_person_page_tells_what_happened_to_the_tasks_and_by_whom(enter, chain, task):
    guide = enter("guide")
    User.objects.filter(pk=chain.users["guide"].pk).update(display_name="陈导购")
    guide.post(f"/tasks/{task.pk}/take")
    guide.post(f"/tasks/{task.pk}/close", {"outcome": "unreachable"})
    page = enter("store_manager").get(f"/customers/{chain.person_id}")
    steps = page.context["task_steps"]
    assert [str(step.what) for step in steps] == ["联系不上", "领取", "建立"]
    assert [step.by for step in steps[:2]] == ["陈导购", "陈导购"]
    assert "没有待办的任务。" in text(page)
    assert "任务经过" not in text(enter("agent").get(f"/customers/{chain.person_id}"))  # who has no tasks reads none


@pytest.mark.parametrize("role", ["store_manager", "guide"])
def test_another_store_sees_nothing_of_a_task(enter, chain, task, role):
    User.objects.filter(role_code=role).update(store_ids=[chain.other_store_id])
    stranger = enter(role)
    for address in ("/tasks", "/tasks?f=state.eq.open", f"/tasks?f=store.eq.{chain.store_id}", "/tasks/today"):
        answer = stranger.get(address)
        assert "王小芳" not in text(answer), address
    assert stranger.get("/tasks").context["count"].value == 1  # its own
    for act in ("close", "take"):
        assert stranger.post(f"/tasks/{task.pk}/{act}", {"outcome": "talked"}).status_code == 404
    export = {"next": f"/tasks?f=store.eq.{chain.store_id}", "everything": "1"}
    assert stranger.post("/lists/task/export", export).status_code == 403
    task.refresh_from_db()
    assert task.state_code == "open"


def test_a_guide_lands_on_the_day_and_verifies_on_the_person_page(enter, chain, task):
    guide = enter("guide")
    assert guide.get("/")["Location"] == "/tasks/today"
    day = guide.get("/tasks/today")
    assert "王小芳" in text(day)
    assert "姓名 300 天、手机 300 天没有核实" in text(day)
    assert "已完成 0／1" in text(day)
    shown = text(guide.get(f"/customers/{chain.person_id}"))
    assert f"/customers/{chain.person_id}/fields/phone/confirm" in shown
    assert "欧阳华" not in text(day)
    assert guide.post(f"/tasks/{task.pk}/take", {"next": "/tasks/today"})["Location"] == "/tasks/today"
    assert "由你来做" in text(guide.get("/tasks/today"))
    assert guide.post(f"/tasks/{task.pk}/close", {"outcome": "talked", "next": "//evil.example/"})["Location"] == "/tasks"
    assert "已完成 1／1" in text(guide.get("/tasks/today"))
    assert "这条任务已经结束" in text(guide.post(f"/tasks/{task.pk}/close", {"outcome": "talked"}, follow=True))
    assert "没有超时的任务" in text(guide.get("/tasks/today?late=1"))


def test_only_a_manager_is_offered_to_call_a_task_off(enter, chain, task):
    for role, offered in (("guide", False), ("store_manager", True)):
        page = enter(role)
        assert "王小芳" in text(page.get("/tasks/today"))
        assert ('value="called_off"' in text(page.get("/tasks/today"))) is offered
        answer = page.post(f"/tasks/{task.pk}/close", {"outcome": "called_off"}, follow=True)
        assert ("不能这样处理" in text(answer)) is not offered


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_open_what_the_policy_says(enter, task, role):
    page = enter(role.value)
    for route, address in (("tasks:list", "/tasks"), ("tasks:today", "/tasks/today")):
        allowed = role.value in POLICY[route].roles
        assert page.get(address).status_code == (200 if allowed else 403), (role, address)
    for route, act in (("tasks:close", "close"), ("tasks:take", "take")):
        allowed = role.value in POLICY[route].roles
        assert (page.post(f"/tasks/{task.pk}/{act}", {"outcome": "no such"}).status_code != 403) is allowed


def test_the_pages_speak_english(enter, chain, task):
    User.objects.update(language="en")
    guide = enter("guide")
    assert "Not verified: Name for 300 days, Phone for 300 days" in text(guide.get("/tasks/today"))
    manager = enter("store_manager")
    told = text(manager.post("/tasks/runs/new", {"key": "e", "days": "180", "everything": "1"}, follow=True))
    assert "0 tasks made of 1 customers; none for those who: 1 have a task." in told
