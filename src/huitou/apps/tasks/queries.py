"""Reads of the tasks app; every one for a screen takes the viewer and is cut to the viewer's reach."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from huitou.apps.base import jobs
from huitou.apps.base.listing import Asked, ListPage, rows_count, rows_page
from huitou.apps.base.listing import Count as RowCount
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.outreach import kept_out
from huitou.apps.tasks.models import State, Task, TaskChange, TaskRun
from huitou.apps.tasks.rules import KINDS
from huitou.core.periods import business_date, day_start

TODAY_MOST = 30
CHANGES_MOST = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many tasks are open, and how many of them are past their time."""

    open: int
    overdue: int


@dataclass(frozen=True, slots=True)
class Today:
    """A guide's tasks: the most urgent ones, how many there are, and how many were done or dismissed on this business day."""

    tasks: list[Task]
    waiting: Waiting
    done: int


def tasks_in_reach(viewer: Viewer) -> QuerySet[Task]:
    """
    Return the tasks of the persons whom a viewer reaches.

    Each task looks for its person: few tasks are open at once (rules.store_most), and a region has many more customers.
    """
    rows = Task.objects.all()
    return rows if viewer.store_ids is None else rows.filter(Exists(persons_in_reach(viewer).filter(pk=OuterRef("person_id"))))


def task_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of tasks; the subjects of its rows are Task."""
    return rows_page(tasks_in_reach(viewer), asked)


def task_count(viewer: Viewer, asked: Asked) -> RowCount:
    """Return how many tasks match."""
    return rows_count(tasks_in_reach(viewer), asked)


def tasks_open(viewer: Viewer, person_id: int) -> list[Task]:
    """Return the open tasks of a person in reach, the most urgent first."""
    return list(tasks_in_reach(viewer).filter(person_id=person_id, state_code=State.OPEN).order_by("due_at", "pk"))


def tasks_waiting(viewer: Viewer, *, now: datetime) -> Waiting:
    """Return how many tasks wait in the viewer's reach."""
    told = tasks_in_reach(viewer).filter(state_code=State.OPEN)
    return Waiting(**told.aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now))))


def tasks_today(viewer: Viewer, *, now: datetime, overdue_only: bool = False, most: int = TODAY_MOST) -> Today:
    """
    Return what somebody who works in a store has to do: one's own and what nobody took, by due time, one's own first.

    Whom the gate of outreach keeps out since the last night is left out already.
    """
    mine = tasks_in_reach(viewer).filter(Q(assignee_id=None) | Q(assignee_id=viewer.user_id))
    rows = mine.filter(state_code=State.OPEN, **({"due_at__lte": now} if overdue_only else {}))
    tasks = list(rows.order_by("due_at", F("assignee_id").asc(nulls_last=True), "pk")[:most])
    today = business_date(now)
    out = {kind.code: kept_out(kind.purpose, today=today, person_ids=[one.person_id for one in tasks]) for kind in KINDS.values()}
    waiting = mine.filter(state_code=State.OPEN).aggregate(open=Count("pk"), overdue=Count("pk", filter=Q(due_at__lte=now)))
    done = mine.filter(state_code__in=[State.DONE, State.DISMISSED], closed_at__gte=day_start(today)).count()
    return Today([one for one in tasks if one.person_id not in out[one.kind_code]], Waiting(**waiting), done)


def task_changes(viewer: Viewer, person_id: int, *, most: int = CHANGES_MOST) -> list[TaskChange]:
    """Return what happened to the tasks of a person in reach, open and ended ones, newest first, each with its task."""
    tasks = tasks_in_reach(viewer).filter(person_id=person_id)
    return list(TaskChange.objects.filter(task__in=tasks).select_related("task").order_by("-at", "-pk")[:most])


def task_run(viewer: Viewer, run_id: int) -> TaskRun | None:
    """Return one's own run."""
    return TaskRun.objects.filter(pk=run_id, author_id=viewer.user_id).first()


def run_is_dead(run: TaskRun) -> bool:
    """Return whether nothing works on a run that has not ended: its job failed for good."""
    return run.ended_at is None and not jobs.is_waiting("tasks.run", run_id=run.pk)
