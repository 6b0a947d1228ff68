"""Writes of the tasks app."""

from huitou.apps.tasks.services.close import TaskRefused, task_close, task_take
from huitou.apps.tasks.services.runs import run_begin, run_go_on
from huitou.apps.tasks.services.settle import person_settle, tasks_settle

__all__ = [
    "TaskRefused",
    "person_settle",
    "run_begin",
    "run_go_on",
    "task_close",
    "task_take",
    "tasks_settle",
]
