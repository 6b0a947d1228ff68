"""The cockpit: are we there, why, where, and can the numbers be trusted. From day sums, in the viewer's reach."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.products.models import Store
from huitou.apps.products.queries import stores_in_reach
from huitou.apps.quality.queries import SourceAccount, chain_values, source_accounts
from huitou.core.filters.tree import Condition, Operator
from huitou.core.metrics.registry import metric
from huitou.core.periods import Period
from huitou.warehouse.queries.sellers import Seller, top_categories
from huitou.warehouse.queries.stages import stage_sums
from huitou.warehouse.queries.store_spend import store_spend
from huitou.warehouse.queries.totals import Level, totals_by_day
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.web.drill import orders_url, sold_in
from huitou.web.notices import notices
from huitou.web.pages.cockpit_charts import Cause, category_chart, causes, revenue_chart, revenue_waterfall
from huitou.web.pages.cockpit_figures import period_figures, state_figures
from huitou.web.pages.cockpit_heat import heat_chart, heat_ranks
from huitou.web.pages.cockpit_stores import StoreLine, store_lines
from huitou.web.pages.cockpit_tiers import Pyramid, new_members, pyramid_of
from huitou.web.pages.sales import WINDOWS, by_level, months_of, persons_of, sales_of, stage_lines, window_asked
from huitou.web.policy import may_open
from huitou.web.templatetags.huitou import weeks

STORES_SHOWN = 10
CATEGORIES_SHOWN = 8
CUTS = ("cause", "region", "channel")
SPENDS = {"head": "store_spend_mean", "total": "store_spend"}
STATE_KEYS = ("dormancy_rate", "duplicate_rate_before", "duplicate_rate_after", "completeness_share")


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What the address asks for: days of the window, or a month by its first day; a region code ("" all), how the waterfall is
    cut, whether the heat is per head or in all, and its own month (None: that of the page).
    """

    days: int
    month: date | None
    region: str
    cut: str
    spend: str
    heat_month: date | None

    def conditions(self) -> tuple[Condition, ...]:
        """Return what the customer list must be asked for the same people."""
        return (Condition("region", Operator.EQ, self.region),) if self.region else ()

    def url(self, **other: object) -> str:
        """Return the address with something else asked."""
        asked = replace(self, **other)  # type: ignore[arg-type]  # fields of Asked
        region = f"&region={asked.region}" if asked.region else ""
        window = f"month={asked.month:%Y-%m}" if asked.month else f"days={asked.days}"
        heat = f"&heat={asked.heat_month:%Y-%m}" if asked.heat_month else ""
        return f"?{window}{region}&cut={asked.cut}&spend={asked.spend}{heat}"


@dataclass(frozen=True, slots=True)
class MonthChoice:
    """The months on offer with their addresses, newest first; the neighbours of the one shown have "" at an end."""

    months: list[tuple[date, str]]
    earlier_url: str
    later_url: str


@dataclass(frozen=True, slots=True)
class HeatStop:
    """A stop of the slider below the heat map: a month, or None for the window of the page; url: the page with it."""

    month: date | None
    text: str
    url: str


@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show the key figures of the viewer's stores; a sentence before the first build."""
    viewer = request_viewer(request)
    now = utc_now()
    stores = list(stores_in_reach(viewer=viewer))
    regions = {store.region_code: store.region_name for store in stores}
    asked = _asked(request, regions)
    narrowed = _narrowed(viewer, [store.pk for store in stores if store.region_code == asked.region], asked)
    context: dict[str, object] = {
        "region_name": regions.get(asked.region, ""),
        "store_count": sum(1 for store in stores if asked.region in ("", store.region_code)),
        "sources": _sources(now),
        "notices": notices(viewer, now, with_sources=False) or (),
        "may_open_value": may_open("value:value", viewer.role_code),
        "may_open_stores": may_open("products:stores", viewer.role_code),
        "may_open_data": may_open("data:data", viewer.role_code),
    }
    try:
        with warehouse().read() as reading:
            months = months_of(reading, narrowed)
            asked = asked if asked.month in months else replace(asked, month=None)
            asked = asked if asked.heat_month in months else replace(asked, heat_month=None)
            context["month_choice"] = _month_choice(asked, months)
            context["heat_stops"] = heat_stops = _heat_stops(asked, months)
            context["heat_place"] = place = [stop.month for stop in heat_stops].index(asked.heat_month or asked.month)
            context["heat_at"] = heat_stops[place].text
            context |= _numbers(reading, narrowed, asked, stores, regions, now)
    except NothingPublished:
        context["as_of"] = None
    context |= {
        "asked": asked,
        "windows": [(days, asked.url(days=days, month=None, heat_month=None)) for days in WINDOWS],
        "cuts": [(cut, asked.url(cut=cut)) for cut in CUTS],
        "spends": [(spend, asked.url(spend=spend)) for spend in SPENDS],
        "regions": [(code, name, asked.url(region=code)) for code, name in regions.items()] if len(regions) > 1 else [],
        "all_regions_url": asked.url(region=""),
    }
    return render(request, "cockpit/cockpit.html", context)


def _asked(request: HttpRequest, regions: dict[str, str]) -> Asked:
    names = ("days", "month", "region", "cut", "spend", "heat")
    days, month, region, cut, spend, heat = (request.GET.get(name, "") for name in names)
    return Asked(
        days=window_asked(days),
        region=region if region in regions else "",
        cut=cut if cut in CUTS else CUTS[0],
        month=_month_of(month),
        spend=spend if spend in SPENDS else "head",
        heat_month=_month_of(heat),
    )


def _month_of(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == len("2025-06") else None
    except ValueError:
        return None


def _month_choice(asked: Asked, months: Sequence[date]) -> MonthChoice:
    place = months.index(asked.month) if asked.month else -1
    earlier = months[place + 1 : place + 2]
    later = months[place - 1 : place] if place > 0 else []
    shown = replace(asked, heat_month=None)  # another month of the page takes the heat with it
    earlier_url, later_url = ("".join(shown.url(month=month) for month in found) for found in (earlier, later))
    return MonthChoice([(month, shown.url(month=month)) for month in months], earlier_url, later_url)


def _heat_stops(asked: Asked, months: Sequence[date]) -> list[HeatStop]:
    """Return the months, oldest first; a window that is no month stands at the end."""
    stops = [HeatStop(month, f"{month:%Y-%m}", asked.url(heat_month=month)) for month in reversed(months)]
    window = _("近 %(weeks)s 周") % {"weeks": weeks(asked.days)}
    return stops if asked.month else [*stops, HeatStop(None, window, asked.url(heat_month=None))]


def _narrowed(viewer: Viewer, region_stores: list[int], asked: Asked) -> Viewer:
    """Return the viewer as if only the region were in reach: `region_stores` are cut to the reach already."""
    return replace(viewer, store_ids=frozenset(region_stores)) if asked.region else viewer


def _numbers(
    reading: Reading, viewer: Viewer, asked: Asked, stores: Sequence[Store], regions: dict[str, str], now: datetime
) -> dict[str, object]:
    scope, as_of = viewer.scope(), reading.as_of
    sales = sales_of(reading, viewer, asked.days, asked.month)
    stages = reading.once(stage_sums, scope=scope, as_of=as_of)
    persons = persons_of(reading, viewer)
    by_day = reading.once(totals_by_day, scope=scope, period=sales.period)
    by_day_before = reading.once(totals_by_day, scope=scope, period=sales.compared) if sales.compared else None
    categories: list[Seller] = reading.once(top_categories, scope=scope, period=sales.period, limit=CATEGORIES_SHOWN)
    of_stores, of_stores_before = (by_level(reading, viewer, Level.STORE, period) for period in (sales.period, sales.compared))
    pyramid: Pyramid | None = pyramid_of(viewer, asked.conditions())
    high = pyramid.high if pyramid else {}
    lines: list[StoreLine] = store_lines(of_stores, of_stores_before, {store.pk: store.name for store in stores}, high)
    changes = causes(
        asked.cut,
        sales.now,
        sales.before,
        lambda level: (by_level(reading, viewer, level, sales.period), by_level(reading, viewer, level, sales.compared)),
        regions,
    )
    chain = chain_values(viewer, now, STATE_KEYS) if viewer.store_ids is None else None
    figures = [
        *period_figures(sales, by_day, viewer.role_code, asked.conditions()),
        *state_figures(chain, stages, persons, as_of, viewer.role_code),
    ]
    aims = [figure.aim for figure in figures if figure.aim]
    heat_period = Period.month(asked.heat_month) if asked.heat_month else sales.period
    heat = heat_chart(
        stores,
        reading.once(store_spend, scope=scope, period=heat_period),
        heat_period,
        per_head=asked.spend == "head",
        url=lambda store_id: orders_url(
            viewer.role_code,
            Condition("store", Operator.EQ, store_id),
            *sold_in(heat_period),
            Condition("buyer", Operator.EQ, "known"),
        ),
    )
    return {
        "as_of": as_of,
        "sales": sales,
        "compared_with": sales.against_text,
        "figures": figures,
        "aims": aims,
        "aims_met": sum(aim.is_met for aim in aims),
        "revenue": revenue_chart(by_day, by_day_before, against=sales.against, as_of=sales.last_day),
        "changes": [(one, _orders_of(one, viewer.role_code, asked, sales.period)) for one in changes],
        "waterfall": revenue_waterfall(sales.before, sales.now, changes, as_of=sales.last_day) if sales.before else None,
        "stages": stage_lines(stages, persons, viewer.role_code, asked.conditions()),
        "stage_persons": persons,
        "pyramid": pyramid,
        "new_members": new_members(reading, viewer, asked.conditions()),
        "heat": heat,
        "heat_ranks": heat_ranks(heat) if heat else [],
        "heat_metric": metric(SPENDS[asked.spend]),
        "store_lines": lines[:STORES_SHOWN],
        "categories": category_chart(categories, sales.now.net_fen, as_of=sales.last_day) if categories else None,
    }


def _orders_of(one: Cause, role_code: str, asked: Asked, period: Period) -> str:
    """Return the address of the window's orders that a part of the change is made of; "" where they cannot be asked."""
    return "" if one.asked is None else orders_url(role_code, *asked.conditions(), *sold_in(period), *one.asked)


def sums_read(reading: Reading, viewer: Viewer) -> None:
    """Ask the store what the cockpit shows when it is opened, so that whoever opens it finds it said."""
    sales, scope = sales_of(reading, viewer, WINDOWS[0]), viewer.scope()
    months_of(reading, viewer)
    persons_of(reading, viewer)
    new_members(reading, viewer)
    reading.once(stage_sums, scope=scope, as_of=reading.as_of)
    reading.once(top_categories, scope=scope, period=sales.period, limit=CATEGORIES_SHOWN)
    reading.once(store_spend, scope=scope, period=sales.period)
    for period in filter(None, (sales.period, sales.compared)):
        reading.once(totals_by_day, scope=scope, period=period)
        by_level(reading, viewer, Level.STORE, period)


def _sources(now: datetime) -> list[SourceAccount]:
    return [source for source in source_accounts(now, days=1) if source.state.is_enabled]
