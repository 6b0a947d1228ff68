"""The versions of the analytical store and the work in the queue."""

from dataclasses import dataclass
from datetime import datetime

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.base.models import Job
from huitou.apps.builds import queries
from huitou.apps.builds.models import Build
from huitou.warehouse.checks import CheckResult

SHOWN_BUILDS = 30
SHOWN_JOBS = 8


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
    """One build of the list."""

    build: Build
    checks: list[CheckResult]

    @property
    def failed(self) -> int:
        return sum(not check.passed and check.blocking for check in self.checks)

    @property
    def seconds(self) -> float | None:
        return sum(self.build.seconds.values()) if self.build.seconds else None


@require_GET
def builds(request: HttpRequest) -> HttpResponse:
    """Show what is published, the last comparison, the queue and the newest builds."""
    context = {
        "published": queries.publish_state(),
        "comparison": queries.comparisons_recent(limit=1).first(),
        "lines": [BuildLine(build, queries.checks_of(build)) for build in queries.builds_recent(limit=SHOWN_BUILDS)],
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
    title = _("构建 #%(number)s") % {"number": number}
    return render(request, "builds/build.html", {"line": BuildLine(found, queries.checks_of(found)), "title": title})


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
