"""Bring open tasks to what is known now: end those whose values were verified, or whose person may not be contacted any more."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.outreach import kept_out_why
from huitou.apps.tasks.models import State, Task, TaskChange
from huitou.apps.tasks.rules import KEPT_OUT, KINDS, OUTCOMES, OVER, VERIFY, TaskKind
from huitou.apps.tasks.services.close import task_end
from huitou.apps.tasks.verify import CHAIN_VIEWER, still_stale, why_over
from huitou.core.periods import business_date

MOVED = "moved"  # of the log: the person belongs to another store now, and nobody has taken the task there
SETTLED = (*OVER, *KEPT_OUT.values(), MOVED)
PART = 200  # tasks per transaction, about 50 ms

Progress = Callable[[int, int], None]  # tasks done, of how many


def person_settle(*, person_id: int, by: int, now: datetime) -> int:
    """
    End the tasks to verify of a person of whom somebody has just verified a value, if none is out of date any more; return how
    many. One whose values went otherwise before ends for that reason, by nobody.

    Call it inside a transaction.
    """
    waiting = list(_open().select_for_update().filter(person_id=person_id, kind_code=VERIFY.code).order_by("pk"))
    over = _over(waiting, now)
    for task in waiting:
        if task.pk in over:
            is_told = over[task.pk] == "told_again"
            task_end(task, OUTCOMES["verified" if is_told else over[task.pk]], now=now, by=by if is_told else None)
    return len(over)


def tasks_settle(*, now: datetime, progress: Progress | None = None) -> dict[str, int]:
    """
    End the open tasks of whose values none is out of date any more and those of persons who may not be contacted any more, each
    for its own reason; bring the stores of the others to where their persons belong. Return how many of each: by outcome
    (rules.OVER and KEPT_OUT), and "moved". Safe to stop and run again.
    """
    counts, done, total = dict.fromkeys(SETTLED, 0), 0, Task.objects.filter(state_code="open").count()
    for ids in _parts():
        for name, number in _part_settled(ids, now).items():
            counts[name] += number
        done += len(ids)
        if progress is not None:
            progress(done, max(done, total))
    return counts


def _parts() -> Iterator[list[int]]:
    after = 0
    while ids := list(_open().filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PART]):
        yield ids
        after = ids[-1]


def _part_settled(ids: list[int], now: datetime) -> dict[str, int]:
    # outside the transaction: it opens files, and SQLite has one writer
    over = _over(list(_open().filter(pk__in_list=ids, kind_code=VERIFY.code)), now)
    counts = dict.fromkeys(SETTLED, 0)
    with transaction.atomic():
        tasks = list(_open().select_for_update().filter(pk__in_list=ids).order_by("pk"))
        homes = dict(
            persons_in_reach(CHAIN_VIEWER).filter(pk__in_list=[one.person_id for one in tasks]).values_list("pk", "home_store_id")
        )
        barred = {kind.code: _kept_out(kind, list(homes), now) for kind in KINDS.values()}
        for task in tasks:
            name = barred[task.kind_code].get(task.person_id) or over.get(task.pk, "")
            if not name and _store_followed(task, homes.get(task.person_id), now):
                name = MOVED
            if name in OUTCOMES:
                task_end(task, OUTCOMES[name], now=now)
            if name:
                counts[name] += 1
    return counts


def _over(tasks: list[Task], now: datetime) -> dict[int, str]:
    """Return by task why nothing that it asks about is out of date any more; those that still ask are not in it."""
    stale = still_stale(tasks, now=now)
    return why_over([task for task in tasks if task.pk not in stale], now=now)


def _kept_out(kind: TaskKind, person_ids: list[int], now: datetime) -> dict[int, str]:
    """Return by person the outcome that says why they may not be contacted."""
    found: dict[int, str] = {}
    for reason, persons in kept_out_why(kind.purpose, today=business_date(now), person_ids=person_ids).items():
        for person_id in persons:
            found.setdefault(person_id, KEPT_OUT[reason])
    return found


def _store_followed(task: Task, store_id: int | None, now: datetime) -> bool:
    if store_id in (None, task.store_id):
        return False
    Task.objects.filter(pk=task.pk).update(store_id=store_id, assignee_id=None)
    TaskChange.objects.create(task=task, from_code=State.OPEN, to_code=State.OPEN, outcome_code=MOVED, at=now)
    return True


def _open() -> QuerySet[Task]:
    return Task.objects.filter(state_code=State.OPEN)
