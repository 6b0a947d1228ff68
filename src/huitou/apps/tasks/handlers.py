"""The tasks app's part in verifying, in merges, in erasing and in copying a person."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased, ValuesVerified
from huitou.apps.customers.queries import merged_into
from huitou.apps.identity.following import Follower
from huitou.apps.tasks.models import State, Task, TaskMove
from huitou.apps.tasks.rules import MERGED
from huitou.apps.tasks.services.close import state_write
from huitou.apps.tasks.services.settle import person_settle

_TASKS = Follower(Task, TaskMove, "task", freed=("open_code",))


def values_verified(told: ValuesVerified) -> None:
    """End the tasks that asked for what was verified."""
    person_settle(person_id=told.person_id, by=told.by, now=told.at)


def tasks_follow(change: IdentityChange) -> None:
    """Let tasks go along with a merge, a split or an undo; of several open ones of a kind the oldest stays open."""
    moved = _TASKS.follow(change)
    for person_id in sorted({person for one in moved for person in (one.from_person_id, one.to_person_id)}):
        _one_open(person_id, at=change.at, event_id=change.event_id)


def _one_open(person_id: int, *, at: datetime, event_id: int) -> None:
    """Let one task of each kind be open, of those that are or would be but for a merge. What comes out depends on them alone."""
    rows = Task.objects.select_for_update().filter(
        Q(state_code=State.OPEN) | Q(state_code=State.CANCELLED, outcome_code=MERGED), person_id=person_id
    )  # fmt: skip
    first: dict[str, Task] = {}
    for task in rows.order_by("pk"):
        first.setdefault(task.kind_code, task)
    for task in rows.order_by("-pk"):  # the others give way before the first takes the place
        stays = first[task.kind_code].pk == task.pk
        if not stays and task.state_code == State.OPEN:
            state_write(task, State.CANCELLED, MERGED, at=at, event_id=event_id)
        elif stays and task.state_code != State.OPEN:
            state_write(task, State.OPEN, "", at=at, event_id=event_id)
        elif stays and task.open_code is None:
            Task.objects.filter(pk=task.pk).update(open_code=task.kind_code)


def person_erased(erased: PersonErased) -> None:
    """Delete the tasks of the person with their logs."""
    ids = [erased.person_id, *merged_into(erased.person_id)]
    Task.objects.filter(person_id__in_list=ids).delete()


def person_copied(asked: PersonCopy) -> dict[str, Any]:
    """Return what guides were asked to do for the person, why, and what became of it."""
    rows = Task.objects.filter(person_id=asked.person_id).order_by("pk")
    tasks = [
        {
            "task": row.kind_code, "reason": row.reason, "due_on": row.due_on.isoformat(),
            "changes": [
                {"to": one.to_code, "outcome": one.outcome_code, "at": one.at.isoformat()} for one in row.changes.order_by("pk")
            ],
        }
        for row in rows
    ]  # fmt: skip
    return {"tasks": tasks} if tasks else {}
