"""A worker process for the kill test: `python worker_process.py` serves jobs that write down every step they take."""

import os
import threading
import time
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huitou.web.settings")
django.setup()

from huitou.apps.base import jobs  # noqa: E402

STEPS = 20


@jobs.job("test.steps")
def steps(context: jobs.JobContext, *, folder: str) -> int:
    """Take 20 steps, each noted in a file of its own: a step that is there already is not taken again."""
    for number in range(STEPS):
        mark = Path(folder) / f"{number:02d}"
        if not mark.exists():
            time.sleep(0.05)
            mark.write_text(str(context.attempt))
        context.progress("step", number + 1, STEPS)
    return STEPS


@jobs.job("test.broken", attempts=2)
def broken(context: jobs.JobContext) -> None:
    raise RuntimeError("always")


if __name__ == "__main__":
    jobs.work(slot=0, schedules=(), stop=threading.Event())
