"""The versions of the analytical store and the work in the queue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.base.clock import utc_now
from huitou.apps.base.models import Job
from huitou.apps.builds import queries
from huitou.apps.builds.models import Build, BuildKind, BuildState
from huitou.warehouse.checks import CheckResult
from huitou.web.lazy import LazyText
from huitou.web.words import word
from huitou.web.words_build import BUILD_STEPS, BUILD_TABLES

SHOWN_BUILDS = 30
SHOWN_JOBS = 8
SPARK_BUILDS = 12


@dataclass(frozen=True, slots=True)
class JobLine:
    """One planned, running or finished job as the page shows it; done_share is 0..1, None without a total."""

    name: str
    state: str
    step: str
    done: int
    total: int | None
    done_share: float | None
    planned_at: datetime
    error: str


@dataclass(frozen=True, slots=True)
class BuildLine:
    """One build of the list; share: its seconds of the longest shown, 0..1."""

    build: Build
    checks: list[CheckResult]
    share: float = 0.0

    @property
    def failed(self) -> int:
        return sum(not check.passed and check.blocking for check in self.checks)

    @property
    def passed(self) -> int:
        return sum(check.passed for check in self.checks)

    @property
    def seconds(self) -> float | None:
        return _seconds(self.build)

    @property
    def due_at(self) -> datetime | None:
        """By when it was to be done; None where no time was set, and where it failed: that says enough."""
        return None if self.build.state == BuildState.FAILED else queries.base_due_at(self.build)

    @property
    def is_late(self) -> bool:
        return self.due_at is not None and (self.build.ended_at or utc_now()) > self.due_at

    @property
    def is_on_time(self) -> bool:
        return self.due_at is not None and self.build.ended_at is not None and not self.is_late


@dataclass(frozen=True, slots=True)
class Part:
    """One step with its seconds, or one table with its rows; share of the largest, 0..1."""

    label: LazyText
    number: float
    share: float


@dataclass(frozen=True, slots=True)
class Made:
    """What the published version is made of; lines: of the base and of what came since."""

    base_lines: int
    tail_lines: int

    @property
    def lines(self) -> int:
        return self.base_lines + self.tail_lines


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the finished builds of a kind took, oldest first; None: none of them was timed."""

    seconds: list[float]

    @property
    def last(self) -> float | None:
        return self.seconds[-1] if self.seconds else None

    @property
    def middle(self) -> float | None:
        return median(self.seconds) if self.seconds else None


@require_GET
def builds(request: HttpRequest) -> HttpResponse:
    """Show what is published, the last comparison, the queue and the newest builds."""
    published = queries.publish_state()
    shown = list(queries.builds_recent(limit=SHOWN_BUILDS))
    context = {
        "published": published,
        "stamp": queries.version_stamp(),
        "made": None if published is None else _made(published.published_base, published.published_tail),
        "comparison": queries.comparisons_recent(limit=1).first(),
        "lines": _lines(shown),
        "published_count": sum(build.state == BuildState.PUBLISHED for build in shown),
        "nightly": _nightly(),
        "base_pace": _pace(BuildKind.BASE),
        "tail_pace": _pace(BuildKind.TAIL),
        "jobs": _jobs(),
    }
    return render(request, "builds/builds.html", context)


@require_GET
def jobs(request: HttpRequest) -> HttpResponse:
    """Return the queue as a part of the page; the page asks every few seconds."""
    return render(request, "builds/jobs.html", {"jobs": _jobs()})


@require_GET
def build(request: HttpRequest, number: int) -> HttpResponse:
    """Show one build with its checks, rows and seconds."""
    found = queries.build_of(number)
    if found is None:
        raise Http404(f"no build {number}")
    context = {
        "line": BuildLine(found, queries.checks_of(found)),
        "title": _("构建 #%(number)s") % {"number": number},
        "steps": [Part(word(BUILD_STEPS, name), seconds, share) for name, seconds, share in _shares(found.seconds)],
        "tables": [Part(word(BUILD_TABLES, name), rows, share) for name, rows, share in _shares(found.rows)],
    }
    return render(request, "builds/build.html", context)


def _lines(shown: Sequence[Build]) -> list[BuildLine]:
    longest = max((_seconds(build) or 0.0 for build in shown), default=0.0) or 1.0
    return [BuildLine(build, queries.checks_of(build), (_seconds(build) or 0.0) / longest) for build in shown]


def _seconds(build: Build) -> float | None:
    return sum(build.seconds.values()) if build.seconds else None


def _shares(numbers: dict[str, float]) -> list[tuple[str, float, float]]:
    """Return name, number and share of the largest, in their order."""
    largest = max(numbers.values(), default=0) or 1
    return [(name, number, number / largest) for name, number in numbers.items()]


def _made(base: int | None, tail: int | None) -> Made:
    rows = [{} if number is None or (build := queries.build_of(number)) is None else build.rows for number in (base, tail)]
    return Made(rows[0].get("lines", 0), rows[1].get("lines", 0))


def _pace(kind: BuildKind) -> Pace:
    finished = queries.builds_finished(kind, limit=SPARK_BUILDS)
    return Pace([seconds for build in reversed(finished) if (seconds := _seconds(build)) is not None])


def _nightly() -> BuildLine | None:
    """Return the newest base for which a time was set."""
    bases = (BuildLine(base, []) for base in queries.builds_finished(BuildKind.BASE, limit=SPARK_BUILDS))
    return next((line for line in bases if line.due_at is not None), None)


def _jobs() -> list[JobLine]:
    """Return running and waiting work first, then the newest finished."""
    rows = list(Job.objects.filter(state__in=("running", "planned")).order_by("-state", "-id")[:SHOWN_JOBS])
    rows += Job.objects.exclude(state__in=("running", "planned")).order_by("-id")[: SHOWN_JOBS - len(rows)]
    return [
        JobLine(
            name=row.name,
            state=row.state,
            step=row.step,
            done=row.done,
            total=row.total,
            done_share=row.done / row.total if row.total else None,
            planned_at=row.planned_at,
            error=row.error,
        )
        for row in rows
    ]
