"""Tasks to verify: which values they ask about, and which of them are still out of date."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from huitou.apps.accounts.roles import Role
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.quality.stale import StalePerson, stale_among, told_among
from huitou.apps.tasks.models import Task
from huitou.core.periods import business_date

CHAIN_VIEWER = Viewer(0, Role.ADMIN.value, None)  # who settles: the whole chain, nobody's account


def reason_of(person: StalePerson, *, days: int) -> dict[str, Any]:
    """
    Return the facts of a task: {"days": what counts as long, "values": [{"name", "told_on"}]}, the oldest value first.

    Names as in StalePerson.told; no value itself.
    """
    values = sorted((business_date(at).isoformat(), name) for name, at in _told(person).items())
    return {"days": days, "values": [{"name": name, "told_on": day} for day, name in values]}


def _told(person: StalePerson) -> dict[str, datetime]:
    told: dict[str, datetime] = {}
    for name, at in person.told:  # two tags of one code: the older
        told[name] = min(at, told.get(name, at))
    return told


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


def why_over(tasks: Collection[Task], *, now: datetime) -> dict[int, str]:
    """
    Return by task why none of its values is out of date any more, as a code of rules.OUTCOMES.

    "told_again": a value was told since the task was made. "newer": it was told before and came into the file since, late or with
    another file. "new_rule": it is the same as before, and the list does not ask for it any more. "no_value": the file has none
    of them any more. "gone": there is no file of the person any more.
    """
    ids = {task.person_id for task in tasks}
    told = {person.person_id: _told(person) for person in told_among(CHAIN_VIEWER, ids, now=now)}
    living = set(persons_in_reach(CHAIN_VIEWER).filter(pk__in_list=sorted(ids)).values_list("pk", flat=True))
    return {task.pk: _why(task, told.get(task.person_id, {})) if task.person_id in living else "gone" for task in tasks}


def _why(task: Task, told: Mapping[str, datetime]) -> str:
    before = {value["name"]: date.fromisoformat(value["told_on"]) for value in task.reason["values"]}
    now = {name: told[name] for name in before if name in told}
    if any(at >= task.created_at for at in now.values()):
        return "told_again"
    if any(business_date(at) > before[name] for name, at in now.items()):
        return "newer"
    return "new_rule" if now else "no_value"
