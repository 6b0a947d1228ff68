"""Which jobs exist: functions registered by name, and what they are handed when they run."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.module_loading import autodiscover_modules

from huitou.apps.base.models import Job

DEFAULT_ATTEMPTS = 5
_PROGRESS_EVERY_SECONDS = 0.5

JobFunction = Callable[..., Any]


class GiveUp(Exception):
    """Raised by a job that no second attempt can mend; its message is shown on the job row."""


@dataclass(frozen=True, slots=True)
class JobKind:
    """
    A registered job; `attempts` bounds how often it is begun, attempts that a kill cut short included.

    is_urgent: it waits for no place beside long work.
    """

    name: str
    run: JobFunction
    attempts: int
    is_urgent: bool


_kinds: dict[str, JobKind] = {}


class JobContext:
    """What a running job knows about itself; `now` is the moment this attempt began (aware UTC)."""

    def __init__(self, job_id: int, attempt: int, now: datetime) -> None:
        self.job_id = job_id
        self.attempt = attempt
        self.now = now
        self._shown_at = 0.0
        self._shown_step: str | None = None

    def progress(self, step: str, done: int = 0, total: int | None = None) -> None:
        """Show where the job stands; writes at most twice a second except at a new step and at its end."""
        moment = time.monotonic()
        if step == self._shown_step and done != total and moment - self._shown_at < _PROGRESS_EVERY_SECONDS:
            return
        self._shown_step, self._shown_at = step, moment
        Job.objects.filter(pk=self.job_id).update(step=step[:200], done=done, total=total)


def job(name: str, *, attempts: int = DEFAULT_ATTEMPTS, is_urgent: bool = False) -> Callable[[JobFunction], JobFunction]:
    """Register a function(context, **arguments) under a stable name. It returns None or JSON, and may be run again."""

    def register(function: JobFunction) -> JobFunction:
        known = _kinds.get(name)
        if known is not None and known.run.__module__ != function.__module__:
            raise ValueError(f"two jobs are called {name}: in {known.run.__module__} and {function.__module__}")
        _kinds[name] = JobKind(name, function, attempts, is_urgent)
        return function

    return register


def kind_of(name: str) -> JobKind:
    """Return a registered job; every app's `jobs` module is imported on the first miss. Raises LookupError."""
    if name not in _kinds:
        autodiscover_modules("jobs")
    if name not in _kinds:
        raise LookupError(f"no job is called {name}; known are {', '.join(sorted(_kinds))}")
    return _kinds[name]
