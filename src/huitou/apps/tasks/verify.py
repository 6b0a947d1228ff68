"""Tasks to verify: which values they ask about, and which of them are still out of date."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any

from huitou.apps.accounts.roles import Role
from huitou.apps.base.scope import Viewer
from huitou.apps.quality.stale import StalePerson, stale_among
from huitou.apps.tasks.models import Task
from huitou.core.periods import business_date

CHAIN_VIEWER = Viewer(0, Role.ADMIN.value, None)  # who settles: the whole chain, nobody's account


def reason_of(person: StalePerson, *, days: int) -> dict[str, Any]:
    """
    Return the facts of a task: {"days": what counts as long, "values": [{"name", "told_on"}]}, the oldest value first.

    Names as in StalePerson.told; no value itself.
    """
    told: dict[str, datetime] = {}
    for name, at in person.told:  # two tags of one code: the older
        told[name] = min(at, told.get(name, at))
    values = sorted((business_date(at).isoformat(), name) for name, at in told.items())
    return {"days": days, "values": [{"name": name, "told_on": day} for day, name in values]}


def still_stale(tasks: Collection[Task], *, now: datetime) -> set[int]:
    """Return the ids of the tasks of which a value is still out of date."""
    by_days: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        by_days[task.reason["days"]].append(task)
    found = set()
    for days, group in by_days.items():
        persons = stale_among(CHAIN_VIEWER, [task.person_id for task in group], now=now, days=days)
        names = {person.person_id: set(person.names) for person in persons}
        found |= {
            task.pk for task in group if names.get(task.person_id, set()) & {value["name"] for value in task.reason["values"]}
        }
    return found
