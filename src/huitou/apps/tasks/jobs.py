"""Queued and nightly work: tasks for many persons, and bringing open ones to what is known now."""

from functools import partial

from huitou.apps.base.jobs import JobContext, job
from huitou.apps.tasks.services import run_go_on, tasks_settle
from huitou.apps.tasks.services.runs import COUNTS


@job("tasks.run")
def run(context: JobContext, *, run_id: int) -> dict[str, int]:
    """Make tasks for the persons of a run."""
    told = run_go_on(run_id=run_id, now=context.now, progress=partial(context.progress, "tasks"))
    return {name: getattr(told, name) for name in ("seen", *COUNTS)}


@job("tasks.settle")
def settle(context: JobContext) -> dict[str, int]:
    """End the tasks whose values were told anew or whose persons may not be contacted any more."""
    return tasks_settle(now=context.now, progress=partial(context.progress, "tasks"))
