"""Take a task, and end one: by hand with a reason, or because what it asked for has happened."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.tasks.models import State, Task, TaskChange
from huitou.apps.tasks.queries import tasks_in_reach
from huitou.apps.tasks.rules import MERGED, OUTCOMES, WORKERS, Outcome, may_end
from huitou.core.labels import Refusal, mark

TAKEN = "taken"
SENTENCES = {
    "not_found": mark("没有这条任务，或者它的客户不在你的范围内。"),
    "role": mark("你的角色不能这样处理任务。"),
    "closed": mark("这条任务已经结束。"),
    "taken": mark("这条任务已经有人在跟。"),
    "key": mark("这个编号已经用在别人的批量建任务上，请刷新页面再来。"),
}


class TaskRefused(Refusal):
    """Nothing is changed; `reason` is a stored code."""

    def __init__(self, reason: str) -> None:
        super().__init__(SENTENCES[reason])
        self.reason = reason


@transaction.atomic
def task_close(*, viewer: Viewer, task_id: int, outcome_code: str, now: datetime) -> Task:
    """
    End an open task in reach in one of the ways open to the viewer's role.

    What somebody took only they and managers end.

    Raises TaskRefused: "not_found", "role", "closed" (by an earlier call), "taken" (by somebody else).
    """
    task = _held(viewer, task_id)
    outcome = OUTCOMES.get(outcome_code)
    if outcome is None or viewer.role_code not in outcome.roles:
        raise TaskRefused("role")
    if task.state_code != State.OPEN:
        raise TaskRefused("closed")
    if not may_end(viewer, task):
        raise TaskRefused("taken")
    task_end(task, outcome, now=now, by=viewer.user_id)
    audit_record(
        action_code="task.closed", subject_kind="person", subject_id=task.person_id, now=now, user_id=viewer.user_id,
        task=task.pk, kind=task.kind_code, outcome=outcome.code,
    )  # fmt: skip
    return task


@transaction.atomic
def task_take(*, viewer: Viewer, task_id: int, now: datetime) -> Task:
    """
    Say that one does an open task oneself; again it changes nothing.

    Raises TaskRefused: "not_found", "role", "closed", "taken" (by somebody else).
    """
    task = _held(viewer, task_id)
    if viewer.role_code not in WORKERS:
        raise TaskRefused("role")
    if task.state_code != State.OPEN:
        raise TaskRefused("closed")
    if task.assignee_id not in (None, viewer.user_id):
        raise TaskRefused("taken")
    if task.assignee_id is None:
        task.assignee_id = viewer.user_id
        task.save(update_fields=["assignee_id"])
        TaskChange.objects.create(
            task=task, from_code=State.OPEN, to_code=State.OPEN, outcome_code=TAKEN, at=now, by=viewer.user_id
        )
    return task


def task_end(task: Task, outcome: Outcome, *, now: datetime, by: int | None = None) -> None:
    """
    End an open task that is locked, and with it those that stood back for it when files became one: the person was one then.

    Call it inside a transaction.
    """
    twins = Task.objects.select_for_update().filter(
        person_id=task.person_id, kind_code=task.kind_code, state_code=State.CANCELLED, outcome_code=MERGED
    )  # fmt: skip
    for row in [task, *twins.order_by("pk")]:
        state_write(row, outcome.state, outcome.code, at=now, by=by)


def state_write(
    task: Task, state: State, outcome_code: str, *, at: datetime, by: int | None = None, event_id: int | None = None
) -> None:  # fmt: skip
    """Write the state of a locked task and the line of its log. Call it inside a transaction."""
    before, task.state_code, task.outcome_code = task.state_code, state.value, outcome_code
    task.open_code = task.kind_code if state is State.OPEN else None
    task.closed_at, task.closed_by = (None, None) if state is State.OPEN else (at, by)
    task.save(update_fields=["state_code", "outcome_code", "open_code", "closed_at", "closed_by"])
    TaskChange.objects.create(
        task=task, from_code=before, to_code=state, outcome_code=outcome_code, at=at, by=by, event_id=event_id
    )


def _held(viewer: Viewer, task_id: int) -> Task:
    task = tasks_in_reach(viewer).select_for_update().filter(pk=task_id).first()
    if task is None:
        raise TaskRefused("not_found")
    return task
