"""A task as a card shows it: what to do for whom, why, how long there is, and what may be done with it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from huitou.apps.accounts.queries import users_all
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.quality.stale import StalePerson, stale_among
from huitou.apps.tasks.fields import KIND_LABELS
from huitou.apps.tasks.models import Task, TaskChange
from huitou.apps.tasks.queries import task_changes, tasks_open
from huitou.apps.tasks.rules import VERIFY, may_end, outcomes_for
from huitou.apps.value.queries import tiers_in
from huitou.apps.value.schemes import schemes_in_force
from huitou.core.periods import business_date
from huitou.core.value.scheme import Tier
from huitou.web import words, words_person, words_task
from huitou.web.lazy import LazyText
from huitou.web.pages.stale import tag_names
from huitou.web.policy import may_open

KIND_WORDS = words.spoken(KIND_LABELS)


@dataclass(frozen=True, slots=True)
class TaskCard:
    """
    One open task. left_seconds: until it is due, negative past that. assignee: who took it, empty for nobody. may_end: whether
    the viewer may, in one of the ways open to the role. tier: of the first scheme in force.
    """

    task: Task
    title: LazyText
    why: str
    name: str
    left_seconds: float
    assignee: str
    is_mine: bool
    may_end: bool
    tier: Tier | None

    @property
    def is_late(self) -> bool:
        return self.left_seconds <= 0


@dataclass(frozen=True, slots=True)
class ToVerify:
    """One value that a task asks about: what it is called, as this viewer may see it, and where to say that it still holds."""

    label: LazyText
    text: LazyText
    told_at: datetime
    confirm_url: str


@dataclass(frozen=True, slots=True)
class TaskStep:
    """One line of what happened to a person's tasks: when, to which, what, and by whom ("" for by itself)."""

    at: datetime
    title: LazyText
    what: LazyText
    by: str


def task_cards(viewer: Viewer, tasks: Collection[Task], *, now: datetime) -> list[TaskCard]:
    """Return the cards of open tasks in their order."""
    if not tasks:
        return []
    today = business_date(now)
    persons = names_in_reach(viewer, [task.person_id for task in tasks])
    values = words_task.value_names(tasks, today=today)
    staff = _staff_names({task.assignee_id for task in tasks})
    tiers = tiers_in(viewer, {task.person_id for task in tasks}, next(iter(schemes_in_force()), None))
    return [
        TaskCard(
            task, words.word(KIND_WORDS, task.kind_code), words_task.reason_text(task, values, today=today),
            persons.get(task.person_id) or _("没有姓名"), (task.due_at - now).total_seconds(),
            staff.get(task.assignee_id or 0, ""), task.assignee_id == viewer.user_id, may_end(viewer, task),
            tiers.get(task.person_id, (None, None))[0],
        )
        for task in tasks
    ]  # fmt: skip


def _staff_names(user_ids: Collection[int | None]) -> dict[int, str]:
    known = {user_id for user_id in user_ids if user_id is not None}
    return {one.pk: one.display_name or one.username for one in users_all().filter(pk__in=known)} if known else {}


def _steps(changes: Collection[TaskChange]) -> list[TaskStep]:
    staff = _staff_names({change.by for change in changes})
    return [
        TaskStep(change.at, words.word(KIND_WORDS, change.task.kind_code), _step_word(change), staff.get(change.by or 0, ""))
        for change in changes
    ]


def _step_word(change: TaskChange) -> LazyText:
    code = change.outcome_code or ("open" if change.from_code else "made")
    return words.word({**words_task.TASK_STEPS, **words_task.TASK_OUTCOMES}, code)


def outcome_choices(viewer: Viewer) -> list[tuple[str, LazyText]]:
    """Return what the viewer may say of an open task, code and words."""
    if not may_open("tasks:close", viewer.role_code):
        return []
    return [(one.code, words.word(words_task.TASK_OUTCOMES, one.code)) for one in outcomes_for(viewer.role_code)]


def tasks_context(viewer: Viewer, person_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what the person page shows of open tasks, with the values that those to verify ask about, and their history."""
    if not may_open("tasks:list", viewer.role_code):
        return {"task_cards": [], "task_steps": []}
    tasks = tasks_open(viewer, person_id)
    asked = {value["name"] for task in tasks if task.kind_code == VERIFY.code for value in task.reason["values"]}
    days = min((task.reason["days"] for task in tasks if task.kind_code == VERIFY.code), default=0)
    stale = stale_among(viewer, [person_id], now=now, days=days) if asked else []
    may_verify = may_open("quality:confirm", viewer.role_code)
    return {
        "task_cards": task_cards(viewer, tasks, now=now),
        "task_values": [one for person in stale for one in _to_verify(person, asked, may_verify=may_verify)],
        "task_outcomes": outcome_choices(viewer),
        "task_steps": _steps(task_changes(viewer, person_id)),
    }


def _to_verify(person: StalePerson, asked: Collection[str], *, may_verify: bool) -> list[ToVerify]:
    tags = tag_names([person])
    found = [
        ToVerify(
            words.word(words_person.FIELDS, one.name), words_person.fact_text(one.name, one.text), one.observed_at,
            reverse("quality:confirm", args=[person.person_id, one.name]),
        )
        for one in person.fields
        if one.name in asked
    ]  # fmt: skip
    found += [
        ToVerify(one.attribute.title, one.text, one.observed_at, reverse("attributes:verify", args=[one.value_id]))
        for one in person.attributes
        if f"attribute_{one.attribute.code}" in asked
    ]
    found += [
        ToVerify(
            _("标签"), tags[one.tag_id], one.told_at, reverse("quality:tag_confirm", args=[person.person_id, one.tag_id])
        )
        for one in person.tags
        if f"tag_{one.code}" in asked
    ]  # fmt: skip
    return found if may_verify else [ToVerify(one.label, one.text, one.told_at, "") for one in found]
