"""
Tasks for the persons of the list of values to verify: those ticked, or everybody in the author's reach.

Part by part: the tasks of a part and its counts are one transaction, so a kill loses nobody and gives nobody two. What one part
holds is done before the call returns, more by a job that is planned with the run. Each person seen is counted once: made, or
under the reason why not.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from huitou.apps.accounts.queries import viewer_by_id
from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.idempotency import made_once
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.services import persons_hold
from huitou.apps.privacy.outreach import barred, kept_out
from huitou.apps.quality.stale import StalePerson, stale_among, stale_page
from huitou.apps.tasks.models import State, Task, TaskChange, TaskRun
from huitou.apps.tasks.rules import KINDS, MAKERS, VERIFY, TaskKind
from huitou.apps.tasks.services.close import TaskRefused
from huitou.apps.tasks.verify import reason_of
from huitou.core.periods import business_date

PART = 200  # persons per transaction, about 50 ms
RUN_JOB = "tasks.run"
COUNTS = ("made", "held", "rested", "refused", "barred", "storeless", "full", "fresh", "gone")

Progress = Callable[[int, int | None], None]  # persons done, of how many where that is known


@dataclass(frozen=True, slots=True)
class _Part:
    """What a part is about: who was asked for, those of them with a value out of date, where the next begins (None: nowhere)."""

    after_id: int
    asked: list[int]
    stale: Mapping[int, StalePerson]
    next_after: int | None


def run_begin(*, viewer: Viewer, run_key: str, days: int, now: datetime, person_ids: Collection[int] | None = None) -> TaskRun:
    """
    Make tasks to verify for these persons, or for everybody listed in reach. The same key again goes on with the same run.

    `ended_at` is None where a job does the rest. Raises TaskRefused: "role", "key" (somebody else used it).
    """
    if viewer.role_code not in MAKERS:
        raise TaskRefused("role")
    ids = None if person_ids is None else sorted(set(person_ids))
    run = made_once(
        known=lambda: TaskRun.objects.filter(run_key=run_key).first(), make=lambda: _made(viewer, run_key, days, ids, now)
    )
    if run.author_id != viewer.user_id:
        raise TaskRefused("key")
    run = _part_done(run.pk, viewer, now)
    if run.ended_at is None:
        jobs.plan_once(RUN_JOB, now=now, run_id=run.pk)  # where the first job failed for good
    return run


def _made(viewer: Viewer, run_key: str, days: int, person_ids: list[int] | None, now: datetime) -> TaskRun:
    run = TaskRun.objects.create(
        kind_code=VERIFY.code, days=days, person_ids=person_ids, run_key=run_key, author_id=viewer.user_id, made_at=now
    )
    _audit("task.run", run, now, days=days, ticked=None if person_ids is None else len(person_ids))
    jobs.plan(RUN_JOB, now=now, run_id=run.pk)  # with the run itself: a kill from here on leaves it to the worker
    return run


def run_go_on(*, run_id: int, now: datetime, progress: Progress) -> TaskRun:
    """Do the parts that wait, with what the author may do now."""
    author = viewer_by_id(TaskRun.objects.values_list("author_id", flat=True).get(pk=run_id))
    while (run := _part_done(run_id, author, now)).ended_at is None:
        progress(run.seen, None if run.person_ids is None else len(run.person_ids))
    return run


def _part_done(run_id: int, author: Viewer, now: datetime) -> TaskRun:
    run = TaskRun.objects.get(pk=run_id)
    if run.ended_at is not None:
        return run
    if author.role_code not in MAKERS:
        return _ended(run, now, stopped_code="role")
    part = _part_read(run, author, now)  # outside the transaction: it opens files, and SQLite has one writer
    with transaction.atomic():
        run = TaskRun.objects.select_for_update().get(pk=run_id)
        if run.ended_at is not None or run.after_id != part.after_id:  # somebody else did this part
            return run
        counts = tasks_make(run, author, part.asked, part.stale, now)
        run.seen += len(part.asked)
        for name, number in counts.items():
            setattr(run, name, getattr(run, name) + number)
        if part.next_after is not None:
            run.after_id = part.next_after
        run.save(update_fields=["seen", "after_id", *counts])
        return _ended(run, now) if part.next_after is None else run


def _part_read(run: TaskRun, author: Viewer, now: datetime) -> _Part:
    if run.person_ids is None:
        page = stale_page(author, now=now, days=run.days, after=run.after_id, limit=PART)
        return _Part(run.after_id, [one.person_id for one in page.persons], _by_id(page.persons), page.next_after)
    waiting = [one for one in run.person_ids if one > run.after_id]
    asked = waiting[:PART]
    stale = stale_among(author, asked, now=now, days=run.days)
    return _Part(run.after_id, asked, _by_id(stale), asked[-1] if len(waiting) > PART else None)


def _by_id(persons: Collection[StalePerson]) -> dict[int, StalePerson]:
    return {one.person_id: one for one in persons}


def tasks_make(
    run: TaskRun, author: Viewer, asked: Collection[int], stale: Mapping[int, StalePerson], now: datetime
) -> dict[str, int]:
    """
    Give those of the persons a task who may have one; return how many got one and how many not, under each of COUNTS.

    The numbers add up to the persons asked for. Call it inside a transaction: it holds the persons, so no merge comes between.
    """
    kind = KINDS[run.kind_code]
    left = set(persons_hold(author, asked))
    counts = dict.fromkeys(COUNTS, 0) | {"gone": len(asked) - len(left)}
    for name, sieve in _SIEVES.items():
        hit = sieve(kind, left, now) & left
        counts[name], left = len(hit), left - hit
    counts["fresh"], left = len(left - stale.keys()), left & stale.keys()
    homes = dict(persons_in_reach(author).filter(pk__in_list=sorted(left)).order_by("pk").values_list("pk", "home_store_id"))
    room = _room(kind, {store for store in homes.values() if store is not None})
    rows = []
    for person_id, store_id in homes.items():
        if store_id is None:
            counts["storeless"] += 1
        elif room[store_id] < 1:
            counts["full"] += 1
        else:
            room[store_id] -= 1
            rows.append(_task(kind, run, stale[person_id], store_id, now))
    counts["made"] = len(rows)
    made = Task.objects.bulk_create(rows)
    TaskChange.objects.bulk_create(TaskChange(task=task, to_code=State.OPEN, at=now, by=run.author_id) for task in made)
    return counts


def _task(kind: TaskKind, run: TaskRun, person: StalePerson, store_id: int, now: datetime) -> Task:
    due_on, due_at = kind.due(now)
    return Task(
        kind_code=kind.code, person_id=person.person_id, store_id=store_id, open_code=kind.code, due_on=due_on, due_at=due_at,
        reason=reason_of(person, days=run.days), created_at=now, created_by=run.author_id, run=run,
    )  # fmt: skip


def _held(kind: TaskKind, persons: Collection[int], _now: datetime) -> set[int]:
    rows = Task.objects.filter(person_id__in_list=sorted(persons), open_code=kind.code)
    return set(rows.values_list("person_id", flat=True))


def _rested(kind: TaskKind, persons: Collection[int], now: datetime) -> set[int]:
    rows = Task.objects.filter(
        person_id__in_list=sorted(persons), kind_code=kind.code, state_code__in=[State.DONE, State.DISMISSED],
        closed_at__gt=now - timedelta(days=kind.rest_days),
    )  # fmt: skip
    return set(rows.values_list("person_id", flat=True))


def _barred(_kind: TaskKind, persons: Collection[int], now: datetime) -> set[int]:
    return barred(today=business_date(now), person_ids=persons)


def _refused(kind: TaskKind, persons: Collection[int], now: datetime) -> set[int]:
    return kept_out(kind.purpose, today=business_date(now), person_ids=persons)


# Why somebody gets none, the first that applies; each asks about those whom none before it kept back.
_SIEVES: Mapping[str, Callable[[TaskKind, Collection[int], datetime], set[int]]] = {
    "barred": _barred,
    "refused": _refused,
    "held": _held,
    "rested": _rested,
}


def _room(kind: TaskKind, store_ids: Collection[int]) -> dict[int, int]:
    """Return how many more open tasks each store may have. Two runs at once may go over it by a part."""
    waiting = Task.objects.filter(store_id__in=store_ids, kind_code=kind.code, state_code=State.OPEN)
    taken = dict(waiting.order_by().values_list("store_id").annotate(count=Count("pk")))
    return {store_id: kind.store_most - taken.get(store_id, 0) for store_id in store_ids}


def _ended(run: TaskRun, now: datetime, *, stopped_code: str = "") -> TaskRun:
    run.ended_at, run.stopped_code = now, stopped_code
    run.person_ids = None if run.person_ids is None else []
    run.save(update_fields=["ended_at", "stopped_code", "person_ids"])
    _audit("task.run_ended", run, now, seen=run.seen, why=stopped_code, **{name: getattr(run, name) for name in COUNTS})
    return run


def _audit(action: str, run: TaskRun, now: datetime, **counts: object) -> None:
    audit_record(
        action_code=action, subject_kind="task_run", subject_id=run.pk, now=now, user_id=run.author_id, kind=run.kind_code,
        **counts,
    )  # fmt: skip
