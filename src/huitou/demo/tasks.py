"""The demo's tasks: customers of the demo's store whose values nobody verified for long, some of them past their time."""

from datetime import datetime, timedelta

from django.db import transaction

from huitou.apps.accounts.queries import viewer_by_id
from huitou.apps.quality.stale import STALE_AFTER_DAYS, stale_page
from huitou.apps.tasks.queries import tasks_in_reach
from huitou.apps.tasks.rules import VERIFY
from huitou.apps.tasks.services import run_begin, task_close

_PERSONS = 12
_LATE = 2  # of these the time is over
_ENDED = ("talked", "unreachable")


@transaction.atomic  # killed in the middle, the next start begins again
def store_tasks_make(*, manager_id: int, guide_id: int, now: datetime) -> None:
    """Let the store's manager ask for some customers, and its guide end a few, unless the store has tasks."""
    manager, guide = viewer_by_id(manager_id), viewer_by_id(guide_id)
    if tasks_in_reach(manager).exists():
        return
    long_ago = now - timedelta(days=VERIFY.due_days + 1, hours=3)
    persons = [one.person_id for one in stale_page(manager, now=long_ago, limit=_PERSONS).persons]
    for key, made_at, ids in (("late", long_ago, persons[:_LATE]), ("new", now - timedelta(hours=5), persons[_LATE:])):
        run_begin(viewer=manager, run_key=f"demo:{key}", days=STALE_AFTER_DAYS, now=made_at, person_ids=ids)
    newest = list(tasks_in_reach(guide).order_by("-pk").values_list("pk", flat=True)[: len(_ENDED)])
    for task_id, outcome in zip(newest, _ENDED, strict=False):
        task_close(viewer=guide, task_id=task_id, outcome_code=outcome, now=now)
