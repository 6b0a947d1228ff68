"""Bring open tasks to what is known now: end those whose values were verified, or whose person may not be contacted any more."""

from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.outreach import kept_out
from huitou.apps.tasks.models import State, Task
from huitou.apps.tasks.rules import KINDS, OUTCOMES, VERIFY
from huitou.apps.tasks.services.close import task_end
from huitou.apps.tasks.verify import CHAIN_VIEWER, still_stale
from huitou.core.periods import business_date

PART = 200  # tasks per transaction, about 50 ms

Progress = Callable[[int, int], None]  # tasks done, of how many


def person_settle(*, person_id: int, by: int, now: datetime) -> int:
    """
    End the tasks to verify of a person whose values somebody has just verified; return how many.

    Call it inside a transaction.
    """
    waiting = list(_open().select_for_update().filter(person_id=person_id, kind_code=VERIFY.code).order_by("pk"))
    stale = still_stale(waiting, now=now)
    over = [task for task in waiting if task.pk not in stale]
    for task in over:
        task_end(task, OUTCOMES["verified"], now=now, by=by)
    return len(over)


def tasks_settle(*, now: datetime, progress: Progress | None = None) -> dict[str, int]:
    """
    End the open tasks whose values a source told anew and those of persons who may not be contacted any more; bring the stores of
    the others to where their persons belong. Return how many of each: told_again, kept_out, moved. Safe to stop and run again.
    """
    counts, done, total = dict.fromkeys(("told_again", "kept_out", "moved"), 0), 0, Task.objects.filter(state_code="open").count()
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
    stale = still_stale(list(_open().filter(pk__in_list=ids, kind_code=VERIFY.code)), now=now)
    counts = dict.fromkeys(("told_again", "kept_out", "moved"), 0)
    with transaction.atomic():
        tasks = list(_open().select_for_update().filter(pk__in_list=ids).order_by("pk"))
        homes = dict(
            persons_in_reach(CHAIN_VIEWER).filter(pk__in_list=[one.person_id for one in tasks]).values_list("pk", "home_store_id")
        )
        barred = {kind.code: kept_out(kind.purpose, today=business_date(now), person_ids=list(homes)) for kind in KINDS.values()}
        for task in tasks:
            if task.person_id in barred[task.kind_code]:
                name = "kept_out"
            elif task.kind_code == VERIFY.code and task.pk not in stale:
                name = "told_again"
            else:
                name = "moved" if _store_followed(task, homes.get(task.person_id)) else ""
            if name in OUTCOMES:
                task_end(task, OUTCOMES[name], now=now)
            if name:
                counts[name] += 1
    return counts


def _store_followed(task: Task, store_id: int | None) -> bool:
    if store_id in (None, task.store_id):
        return False
    Task.objects.filter(pk=task.pk).update(store_id=store_id, assignee_id=None)
    return True


def _open() -> QuerySet[Task]:
    return Task.objects.filter(state_code=State.OPEN)
