"""The data page, and where the demo's columns come from."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.identity.quality import quality_estimate
from huitou.apps.identity.queries import hub_list
from huitou.apps.identity.review_queue import review_count
from huitou.apps.intake.touchpoints import Touchpoint, touchpoints
from huitou.apps.products.queries import store_names
from huitou.apps.quality.queries import DataOverview, FieldGap, MetricValue, data_overview
from huitou.core.filters.tree import Condition, Operator
from huitou.demo import manifest as demo_manifest
from huitou.web import charts
from huitou.web.charts import Chart, Frame, Series, Unit
from huitou.web.drill import DORMANT_MEMBERS, customers_url, orders_url, route_url
from huitou.web.policy import may_open

DAYS = (7, 30, 90)
_HUBS_SHOWN = 12
TRENDS = ("completeness_share", "duplicate_rate_after")
TILES: Mapping[str, Callable[[str], str]] = {  # the shares, and the rows behind each for a role
    "identified_revenue_share": lambda role: orders_url(role, Condition("buyer", Operator.EQ, "known")),
    "multi_source_share": lambda role: customers_url(role, Condition("sources", Operator.GTE, 2)),
    "dormancy_rate": lambda role: customers_url(role, *DORMANT_MEMBERS),
    "quarantine_share": lambda role: route_url(role, "data:quarantine"),
}


@dataclass(frozen=True, slots=True)
class RowBar:
    """One line of "from received to published": rows, their share of what was received, and the list behind them."""

    code: str
    rows: int
    share: float | None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A key field with its filled share, for the bar. url: the customers who lack it; "" for a role without their list."""

    gap: FieldGap
    filled_share: float | None
    url: str


@dataclass(frozen=True, slots=True)
class Step:
    """A share beside others of its kind, as a bar. kind: of the bar ("": what it is about, pale: what it is held against)."""

    label: str
    share: float
    kind: str = "pale"


@dataclass(frozen=True, slots=True)
class TouchGroup:
    """The touchpoints of one source. silent: how many of them have been quiet for too long."""

    source_code: str
    touches: list[Touchpoint]

    @property
    def rows_24h(self) -> int:
        return sum(touch.rows_24h for touch in self.touches)

    @property
    def last_at(self) -> datetime | None:
        return max((touch.last_at for touch in self.touches if touch.last_at), default=None)

    @property
    def silent(self) -> int:
        return sum(touch.silent_for is not None for touch in self.touches)


@dataclass(frozen=True, slots=True)
class Tile:
    """A measured share with the rows behind it."""

    value: MetricValue
    url: str


@require_GET
def data(request: HttpRequest) -> HttpResponse:
    """Show where every row went, how late the sources are, and how good the files of the people are."""
    viewer = request_viewer(request)
    asked = request.GET.get("days", "")
    days = int(asked) if asked.isdecimal() and int(asked) in DAYS else 30
    overview = data_overview(viewer, utc_now(), days=days)
    completeness = overview.metrics["completeness_share"]
    hubs = hub_list(limit=_HUBS_SHOWN)
    stores = store_names([hub.store_id for hub in hubs])
    context = {
        "overview": overview,
        "days": days,
        "day_choices": DAYS,
        "bars": _bars(overview, viewer.role_code),
        "before": overview.metrics["duplicate_rate_before"],
        "after": overview.metrics["duplicate_rate_after"],
        "completeness": completeness,
        "attainable": overview.metrics["attainable_completeness_share"],
        "record_completeness": overview.metrics["record_completeness_share"],
        "completeness_gap": _gap_to_target(completeness),
        "gaps": [_gap(gap, viewer.role_code) for gap in overview.person_gaps],
        "trends": [chart for key in TRENDS if (chart := trend_chart(overview.metrics[key])) is not None],
        "completeness_ladder": completeness_steps(overview.metrics),
        "duplicate_ladder": duplicate_steps(overview.metrics),
        "placeholder_count": len(overview.placeholder_stores) + len(overview.placeholder_products),
        "touch_groups": touch_groups(touchpoints(now=utc_now())),
        "tiles": [Tile(value, TILES[key](viewer.role_code)) for key in TILES if (value := overview.metrics.get(key))],
        "manifest": demo_manifest.load(Path(settings.HUITOU_DATA_DIR)),
        "late": [source for source in overview.sources if source.is_late and not source.state.error],
        "failing": [source for source in overview.sources if source.state.error],
        "review_left": review_count(viewer) if may_open("identity:review", viewer.role_code) else None,
        "hubs": [(hub, stores.get(hub.store_id or 0)) for hub in hubs],
        "estimate": quality_estimate(now=utc_now()),
        "may_sample": may_open("identity:sample", viewer.role_code),
        "may_builds": may_open("builds:builds", viewer.role_code),
        "may_import": may_open("imports:list", viewer.role_code),
        "may_weigh": may_open("data:completeness", viewer.role_code),
        "may_open_customers": may_open("customers:person", viewer.role_code),
        "may_open_quarantine": may_open("data:quarantine", viewer.role_code),
    }
    return render(request, "data/data.html", context)


@require_GET
def origins(request: HttpRequest) -> HttpResponse:
    """Show for every column of the demo whether it is real, transformed or synthetic. 404 without demo data."""
    manifest = demo_manifest.load(Path(settings.HUITOU_DATA_DIR))
    if manifest is None:
        raise Http404("these are no demo data")
    tables = [(key, list(rows)) for key, rows in groupby(manifest.columns, key=lambda column: (column.source_code, column.table))]
    return render(request, "data/origins.html", {"manifest": manifest, "tables": tables})


def touch_groups(touches: Iterable[Touchpoint]) -> list[TouchGroup]:
    """Return the touchpoints by source, in the order they came in."""
    found: dict[str, list[Touchpoint]] = {}
    for touch in touches:
        found.setdefault(touch.source_code, []).append(touch)
    return [TouchGroup(code, listed) for code, listed in found.items()]


def completeness_steps(metrics: Mapping[str, MetricValue]) -> list[Step]:
    """Return what the completeness is held against, lowest demand first; steps without a value are left out."""
    now = metrics["completeness_share"]
    known = [
        (_("起点"), now.baseline.share if now.baseline else None, "pale"),
        (_("源记录"), _value(metrics.get("record_completeness_share")), "pale"),
        (_("现在"), _value(now), ""),
        (_("来源能达到"), _value(metrics.get("attainable_completeness_share")), "pale"),
        (_("目标"), now.target.share if now.target else None, "caution"),
    ]
    return [Step(label, share, kind) for label, share, kind in known if share is not None]


def duplicate_steps(metrics: Mapping[str, MetricValue]) -> list[Step]:
    """Return the duplicate rate before and after with its limit; nothing once its course is drawn."""
    before, after = metrics["duplicate_rate_before"], metrics["duplicate_rate_after"]
    known = [
        (_("识别前"), _value(before), "pale"),
        (_("识别后"), _value(after), ""),
        (_("上限"), after.target.share if after.target else None, "caution"),
    ]
    return [] if len(after.trend) > 1 else [Step(label, share, kind) for label, share, kind in known if share is not None]


def _value(measured: MetricValue | None) -> float | None:
    return measured.share.value if measured is not None and measured.share is not None else None


def trend_chart(value: MetricValue) -> Chart | None:
    """Draw a metric day by day with its target dashed; None before the second day. A day without a value is a gap."""
    if len(value.trend) < 2:
        return None
    known = {point.day: point.value for point in value.trend}
    first, last = value.trend[0].day, value.trend[-1].day
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    label = value.metric.label.text(get_language() or "zh-hans")
    series = [Series(label, [known.get(day) for day in days])]
    if value.target:
        series.append(Series(_("目标"), [value.target.share] * len(days), look="target"))
    note = _("每日快照") if len(days) == len(known) else _("每日快照，断开的日子没有记录")
    frame = Frame(value.metric.key, label, note, Unit.SHARE, last)
    return charts.lines(frame, [f"{day.month}-{day.day}" for day in days], series)


def _gap(gap: FieldGap, role_code: str) -> Gap:
    url = customers_url(role_code, Condition("lacks", Operator.EQ, gap.field_code)) if gap.missing else ""
    return Gap(gap, gap.filled / gap.total if gap.total else None, url)


def _bars(overview: DataOverview, role_code: str) -> list[RowBar]:
    rows = overview.rows
    parts = (
        ("received", rows.received, route_url(role_code, "data:batches")),
        ("accepted", rows.accepted, ""),
        ("merged", rows.merged, ""),
        ("quarantined", rows.quarantined, route_url(role_code, "data:quarantine") if rows.quarantined else ""),
    )
    return [RowBar(code, number, number / rows.received if rows.received else None, url) for code, number, url in parts]


def _gap_to_target(value: MetricValue) -> float | None:
    """Return target minus value as a share, None without one of them."""
    if value.target is None or value.share is None or value.share.value is None:
        return None
    return value.target.share - value.share.value
