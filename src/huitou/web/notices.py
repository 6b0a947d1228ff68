"""What the bell lists: work that needs somebody, for those who can do something about it. Nothing is stored or sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.models import Job
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.queries import Health, version_stamp
from huitou.apps.customers.queries.stale import persons_stale_count
from huitou.apps.intake.touchpoints import touchpoints
from huitou.apps.quality.queries import late_sources
from huitou.apps.quality.stale import STALE_AFTER_DAYS
from huitou.apps.value.queries import schemes_to_decide
from huitou.core.periods import business_date
from huitou.core.value.scheme import scheme_read
from huitou.web import formats, words, words_build, words_intake
from huitou.web.policy import may_open

FAILED_WITHIN = timedelta(days=2)
SHOWN_FAILURES = 5


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that needs a look. kind: bad or caution."""

    kind: str
    text: str
    note: str
    url: str


def notices(viewer: Viewer, now: datetime, *, with_sources: bool = True) -> Sequence[Notice] | None:
    """Return what needs a look, worst first; None for a role that none of it concerns. Sources: left out by who lists them."""
    sees_data, decides = (may_open(route, viewer.role_code) for route in ("builds:builds", "tiers:publish"))
    verifies = viewer.store_ids is not None and may_open("quality:confirm", viewer.role_code)
    stale = _stale(viewer, now) if verifies else []
    if not sees_data and not decides:
        return stale or None
    sources = [*_sources(now), *_silent(now)] if sees_data and with_sources else []
    found = [*_health(now), *sources, *_failures(now)] if sees_data else []
    found.extend(stale)
    if decides:
        found.extend(_schemes(viewer, now))
    return sorted(found, key=lambda notice: notice.kind != "bad")


def _health(now: datetime) -> list[Notice]:
    stamp = version_stamp(now)
    if stamp.health in (Health.OK, Health.EMPTY):
        return []
    kind = "bad" if stamp.health is Health.FAILED else "caution"
    return [
        Notice(kind, stamp.sentence, _("数据截至 %(day)s") % {"day": formats.day_text(stamp.as_of)}, reverse("builds:builds"))
    ]


def _sources(now: datetime) -> list[Notice]:
    found = []
    for state in late_sources(now):
        name = str(words.word(words_intake.SOURCES, state.code))
        text = _("来源「%(name)s」拉取失败") if state.error else _("来源「%(name)s」延迟")
        note = state.error or _("最近一行 %(ago)s") % {"ago": formats.ago_text(state.last_row_at, now=now)}
        found.append(Notice("bad" if state.error else "caution", text % {"name": name}, note, reverse("data:data")))
    return found


def _silent(now: datetime) -> list[Notice]:
    """Tell of touchpoints that fell silent: their source may be well, and nothing else would say that they bring nothing."""
    found = []
    for touch in touchpoints(now=now):
        if touch.silent_for is not None:
            told = {
                "name": words.word(words_intake.SOURCES, touch.source_code),
                "what": words.word(words_intake.TOUCHPOINTS, touch.code),
            }
            note = _("最近一行 %(ago)s") % {"ago": formats.ago_text(touch.last_at, now=now)}
            found.append(Notice("caution", _("%(name)s 的%(what)s没有声音") % told, note, reverse("data:data")))
    return found


def _stale(viewer: Viewer, now: datetime) -> list[Notice]:
    """Tell a store whose customers it should ask again; head office looks at the list itself."""
    count = persons_stale_count(viewer, before=business_date(now) - timedelta(days=STALE_AFTER_DAYS))
    if not count.number:
        return []
    told = _("%(number)s 多位客户的资料待核实") if count.is_more else _("%(number)s 位客户的资料待核实")
    text = told % {"number": formats.count_text(count.number)}
    return [Notice("caution", text, _("超过 %(days)s 天没有核实") % {"days": STALE_AFTER_DAYS}, reverse("quality:stale"))]


def _schemes(viewer: Viewer, now: datetime) -> list[Notice]:
    language = get_language() or "zh-hans"
    return [
        Notice(
            "caution",
            _("分级方案「%(name)s」第 %(number)s 版等待批准")
            % {"name": scheme_read(draft.table).label.text(language), "number": draft.number},
            _("%(ago)s提交") % {"ago": formats.ago_text(draft.asked_at, now=now)},
            reverse("tiers:scheme", args=[draft.scheme.code]),
        )
        for draft in schemes_to_decide(viewer)
    ]


def _failures(now: datetime) -> list[Notice]:
    """Tell of each job once, the one that failed last first, with how often it did."""
    failed = Job.objects.filter(state="failed", planned_at__gt=now - FAILED_WITHIN)
    by_name = failed.values("name").annotate(times=Count("pk"), last=Max("planned_at")).order_by("-last", "name")
    found = []
    for job in by_name[:SHOWN_FAILURES]:
        told = {"name": words.word(words_build.JOBS, job["name"]), "number": job["times"]}
        text = _("任务 %(name)s 失败 %(number)s 次") if job["times"] > 1 else _("任务 %(name)s 失败")
        found.append(Notice("bad", text % told, formats.moment_text(job["last"]), reverse("builds:builds")))
    return found
