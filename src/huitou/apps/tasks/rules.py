"""The kinds of tasks, and the ways in which one ends. Rules as tables."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from huitou.apps.accounts.roles import Role
from huitou.apps.base.scope import Viewer
from huitou.apps.privacy.outreach import MARKETING
from huitou.apps.tasks.models import State, Task
from huitou.core.periods import business_date, day_start

MAKERS = frozenset({Role.ADMIN, Role.REGION_MANAGER, Role.STORE_MANAGER})
WORKERS = MAKERS | {Role.GUIDE}


@dataclass(frozen=True, slots=True)
class TaskKind:
    """
    What a guide is asked to do. due_days: until the end of which business day, counted from the day it is made.

    purpose: of the consent that the gate of outreach asks about. rest_days: how long after one was done or dismissed the person
    gets no other. store_most: how many may be open in one store, so that nobody drowns in them.
    """

    code: str  # stored: never renamed
    due_days: int
    purpose: str
    rest_days: int
    store_most: int

    def due(self, now: datetime) -> tuple[date, datetime]:
        """Return the last business day for it, and the moment that day ends."""
        day = business_date(now) + timedelta(days=self.due_days)
        return day, day_start(day + timedelta(days=1))


VERIFY = TaskKind("verify", due_days=7, purpose=MARKETING, rest_days=30, store_most=200)
KINDS: Mapping[str, TaskKind] = {kind.code: kind for kind in (VERIFY,)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """Why a task is no longer open. roles: who may say so; nobody: it follows by itself."""

    code: str  # stored: never renamed
    state: State
    roles: frozenset[Role] = frozenset()


OUTCOMES: Mapping[str, Outcome] = {
    outcome.code: outcome
    for outcome in (
        Outcome("verified", State.DONE),
        Outcome("told_again", State.DONE),
        Outcome("talked", State.DONE, WORKERS),
        Outcome("unreachable", State.DISMISSED, WORKERS),
        Outcome("unwilling", State.DISMISSED, WORKERS),
        Outcome("not_needed", State.DISMISSED, WORKERS),
        Outcome("called_off", State.CANCELLED, MAKERS),
        Outcome("newer", State.DONE),
        Outcome("new_rule", State.CANCELLED),
        Outcome("no_value", State.CANCELLED),
        Outcome("gone", State.CANCELLED),
        Outcome("erasing", State.CANCELLED),
        Outcome("suppressed", State.CANCELLED),
        Outcome("minor", State.CANCELLED),
        Outcome("kept_out", State.CANCELLED),
        Outcome("merged", State.CANCELLED),
    )
}
OVER = ("told_again", "newer", "new_rule", "no_value", "gone")  # why nothing of a task is out of date any more
# why the gate of outreach keeps somebody out, as an outcome; the first that holds is told
KEPT_OUT: Mapping[str, str] = {"erasing": "erasing", "suppressed": "suppressed", "minor": "minor", "refused": "kept_out"}
MERGED = "merged"  # another open one of the same person stands for it; comes back when they part


def may_end(viewer: Viewer, task: Task) -> bool:
    """Say whether a viewer who reaches an open task may end it: a guide one's own and what nobody took, a manager any."""
    return viewer.role_code in MAKERS or task.assignee_id in (None, viewer.user_id)


def outcomes_for(role_code: str) -> tuple[Outcome, ...]:
    """Return the ways in which a role may end a task, in the order of the table."""
    return tuple(one for one in OUTCOMES.values() if role_code in one.roles)
