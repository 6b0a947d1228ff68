"""Read the versions: what was built and checked, what is published, and whether that is late."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from huitou.apps.base.clock import utc_now
from huitou.apps.builds.models import Build, BuildKind, BuildState, Comparison, PublishState
from huitou.apps.builds.schedules import SCHEDULES
from huitou.apps.intake.backlog import oldest_waiting_at
from huitou.core.periods import BUSINESS_ZONE
from huitou.warehouse.checks import CheckResult

LATE_AFTER = timedelta(minutes=5)  # a row that waits longer than this says that the pipeline does not keep up
BASE_LATE_AFTER = timedelta(hours=30)
BASE_WITHIN = BASE_LATE_AFTER - timedelta(days=1)  # after the time of the night at which a base is due to begin


class Health(StrEnum):
    """How the pipeline does."""

    OK = "ok"
    LATE = "late"
    FAILED = "failed"
    EMPTY = "empty"  # nothing has been published yet


@dataclass(frozen=True, slots=True)
class VersionStamp:
    """What every page says about its numbers: version, last finished business day, when it was published, and how it is."""

    version: int | None
    as_of: date | None
    published_at: datetime | None
    health: Health
    sentence: str


def published() -> PublishState | None:
    """Return which version readers see, and of which day; None before the first publish. One small query."""
    return PublishState.objects.filter(published_version__isnull=False).first()


def version_stamp(now: datetime | None = None) -> VersionStamp:
    """Return the stamp of what is published, with how the pipeline does. Five small queries."""
    now = now or utc_now()
    state = published()
    health, sentence = _health(state, now)
    if state is None:
        return VersionStamp(None, None, None, health, sentence)
    return VersionStamp(state.published_version, state.as_of, state.published_at, health, sentence)


def _health(state: PublishState | None, now: datetime) -> tuple[Health, str]:
    failed = Build.objects.exclude(state=BuildState.RUNNING).order_by("-number").first()
    if failed is not None and failed.state == BuildState.FAILED:
        return Health.FAILED, _("构建 {number} 失败：{error}").format(number=failed.number, error=failed.error)
    waiting_since = oldest_waiting_at()
    if waiting_since is not None and now - waiting_since > LATE_AFTER:
        minutes = int((now - waiting_since).total_seconds() // 60)
        return Health.LATE, _("有数据已等待 {minutes} 分钟未入库").format(minutes=minutes)
    if state is None:
        return Health.EMPTY, _("还没有发布任何版本")
    base = Build.objects.filter(kind_code=BuildKind.BASE, state=BuildState.PUBLISHED).order_by("-number").first()
    if base is not None and now - base.started_at > BASE_LATE_AFTER:
        return Health.LATE, _("夜间重建已超过 {hours} 小时没有完成").format(
            hours=int((now - base.started_at).total_seconds() // 3600)
        )
    return Health.OK, _("数据正常")


def builds_recent(limit: int = 50) -> QuerySet[Build]:
    """Return the newest builds first."""
    return Build.objects.order_by("-number")[:limit]


def builds_finished(kind: BuildKind, *, limit: int) -> QuerySet[Build]:
    """Return the newest builds of a kind that came to their end, newest first."""
    finished = (BuildState.BUILT, BuildState.PUBLISHED)
    return Build.objects.filter(kind_code=kind, state__in=finished).order_by("-number")[:limit]


def build_of(number: int) -> Build | None:
    """Return the build of a version."""
    return Build.objects.filter(number=number).first()


def checks_of(build: Build) -> list[CheckResult]:
    """Return what a build's checks found, failed ones first."""
    rows: list[dict[str, Any]] = build.checks
    return sorted((CheckResult(**row) for row in rows), key=lambda check: (check.passed, check.name))


def base_due_at(build: Build) -> datetime | None:
    """
    Return by when a base of the night was to be done: so long after its time as the stamp allows before it calls a night late.

    None for a tail, and for a base that began at another hour: somebody asked for it, and no time was set.
    """
    begins = next((one.daily_at for one in SCHEDULES if one.job_name == "builds.base"), None)
    if build.kind_code != BuildKind.BASE or begins is None:
        return None
    started = build.started_at.astimezone(BUSINESS_ZONE)
    due_at = datetime.combine(started.date(), begins, BUSINESS_ZONE) + BASE_WITHIN
    return due_at if due_at - BASE_WITHIN <= started <= due_at else None


def comparisons_recent(limit: int = 14) -> QuerySet[Comparison]:
    """Return the newest nightly comparisons of fold and rebuild first."""
    return Comparison.objects.order_by("-id")[:limit]


def publish_state() -> PublishState | None:
    """Return to which version the operations database was brought; None before the first publish."""
    return PublishState.objects.first()
