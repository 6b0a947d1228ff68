"""The cockpit: are we there, why, where, and can the numbers be trusted. From day sums, in the viewer's reach."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries.census import reach_count
from huitou.apps.products.queries import stores_in_reach
from huitou.apps.quality.queries import SourceAccount, chain_values, source_accounts
from huitou.core.filters.tree import Condition, Operator
from huitou.core.periods import Period
from huitou.warehouse.queries.sellers import Seller, top_categories
from huitou.warehouse.queries.stages import StageSum, stage_sums
from huitou.warehouse.queries.totals import Level, Totals, first_sale_day, totals, totals_by, totals_by_day
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.web.drill import customers_url
from huitou.web.notices import notices
from huitou.web.pages.cockpit_charts import category_chart, causes, revenue_chart, revenue_waterfall
from huitou.web.pages.cockpit_figures import period_figures, state_figures
from huitou.web.pages.cockpit_stores import StoreLine, store_lines
from huitou.web.policy import may_open

WINDOWS = (28, 91, 364)  # whole weeks, so that a comparison meets the same weekdays
YEAR_DAYS = 364
STORES_SHOWN = 10
CATEGORIES_SHOWN = 8
CUTS = ("cause", "region", "channel")
STATE_KEYS = ("dormancy_rate", "duplicate_rate_before", "duplicate_rate_after", "completeness_share")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for: days of the window, a region code ("" all), how the waterfall is cut."""

    days: int
    region: str
    cut: str

    def conditions(self) -> tuple[Condition, ...]:
        """Return what the customer list must be asked for the same people."""
        return (Condition("region", Operator.EQ, self.region),) if self.region else ()

    def url(self, **other: object) -> str:
        """Return the address with something else asked."""
        asked = replace(self, **other)  # type: ignore[arg-type]  # fields of Asked
        region = f"&region={asked.region}" if asked.region else ""
        return f"?days={asked.days}{region}&cut={asked.cut}"


@dataclass(frozen=True, slots=True)
class Sales:
    """Revenue of the window and of the one it is compared with; `before` None: the data do not reach back so far."""

    period: Period
    compared: Period | None
    against: str  # "year" or "previous"
    now: Totals
    before: Totals | None
    first_day: date | None


@require_GET
def cockpit(request: HttpRequest) -> HttpResponse:
    """Show the key figures of the viewer's stores; a sentence before the first build."""
    viewer = request_viewer(request)
    now = utc_now()
    stores = list(stores_in_reach(viewer=viewer))
    regions = {store.region_code: store.region_name for store in stores}
    asked = _asked(request, regions)
    narrowed = _narrowed(viewer, [store.pk for store in stores if store.region_code == asked.region], asked)
    context = {
        "asked": asked,
        "windows": [(days, asked.url(days=days)) for days in WINDOWS],
        "cuts": [(cut, asked.url(cut=cut)) for cut in CUTS],
        "regions": [(code, name, asked.url(region=code)) for code, name in regions.items()] if len(regions) > 1 else [],
        "all_regions_url": asked.url(region=""),
        "region_name": regions.get(asked.region, ""),
        "store_count": sum(1 for store in stores if asked.region in ("", store.region_code)),
        "sources": _sources(now),
        "notices": notices(viewer, now, with_sources=False) or (),
        "may_open_stores": may_open("products:stores", viewer.role_code),
        "may_open_data": may_open("data:data", viewer.role_code),
    }
    try:
        with warehouse().read() as reading:
            names = {store.pk: store.name for store in stores}
            context |= _numbers(reading, narrowed, asked, names, regions, now)
    except NothingPublished:
        context["as_of"] = None
    return render(request, "cockpit/cockpit.html", context)


def _asked(request: HttpRequest, regions: dict[str, str]) -> Asked:
    days, region, cut = (request.GET.get(name, "") for name in ("days", "region", "cut"))
    return Asked(
        days=int(days) if days.isdecimal() and int(days) in WINDOWS else WINDOWS[0],
        region=region if region in regions else "",
        cut=cut if cut in CUTS else CUTS[0],
    )


def _narrowed(viewer: Viewer, region_stores: list[int], asked: Asked) -> Viewer:
    """Return the viewer as if only the region were in reach: `region_stores` are cut to the reach already."""
    return replace(viewer, store_ids=frozenset(region_stores)) if asked.region else viewer


def _numbers(
    reading: Reading, viewer: Viewer, asked: Asked, store_names: dict[int, str], regions: dict[str, str], now: datetime
) -> dict[str, object]:
    cursor, scope, as_of = reading.cursor, viewer.scope(), reading.as_of
    sales = _sales(reading, viewer, asked.days)
    stages = stage_sums(cursor, scope=scope, as_of=as_of)
    persons = reach_count(viewer)
    by_day = totals_by_day(cursor, scope=scope, period=sales.period)
    by_day_before = totals_by_day(cursor, scope=scope, period=sales.compared) if sales.compared else None
    categories: list[Seller] = top_categories(cursor, scope=scope, period=sales.period, limit=CATEGORIES_SHOWN)
    of_stores, of_stores_before = (_by(reading, viewer, Level.STORE, period) for period in (sales.period, sales.compared))
    lines: list[StoreLine] = store_lines(of_stores, of_stores_before, store_names)
    changes = causes(
        asked.cut,
        sales.now,
        sales.before,
        lambda level: (_by(reading, viewer, level, sales.period), _by(reading, viewer, level, sales.compared)),
        regions,
    )
    chain = chain_values(viewer, now, STATE_KEYS) if viewer.store_ids is None else None
    return {
        "as_of": as_of,
        "sales": sales,
        "compared_with": _("较去年同期") if sales.against == "year" else _("较上期"),
        "figures": [
            *period_figures(sales.now, sales.before, by_day),
            *state_figures(chain, stages, persons, as_of, viewer.role_code),
        ],
        "revenue": revenue_chart(sales.period, by_day, by_day_before, against=sales.against, as_of=as_of),
        "changes": changes,
        "waterfall": revenue_waterfall(sales.before, sales.now, changes, as_of=as_of) if sales.before else None,
        "stages": _stage_lines(stages, persons, viewer, asked),
        "stage_persons": persons,
        "store_lines": lines[:STORES_SHOWN],
        "categories": category_chart(categories, sales.now.net_fen, as_of=as_of) if categories else None,
    }


def _by(reading: Reading, viewer: Viewer, level: Level, period: Period | None) -> dict[int | str | date | None, Totals]:
    return totals_by(reading.cursor, scope=viewer.scope(), level=level, period=period) if period else {}


def _sales(reading: Reading, viewer: Viewer, days: int) -> Sales:
    """Compare with the same days a year ago, else with the days right before, else with nothing."""
    cursor, scope = reading.cursor, viewer.scope()
    period = Period.last_days(days, as_of=reading.as_of)
    first = first_sale_day(cursor, scope=scope)
    against, back = "year", timedelta(days=YEAR_DAYS)
    if first is None or first > period.start - back:
        against, back = "previous", timedelta(days=days)
    compared = None if first is None or first > period.start - back else Period(period.start - back, period.end - back)
    return Sales(
        period=period,
        compared=compared,
        against=against,
        now=totals(cursor, scope=scope, period=period),
        before=totals(cursor, scope=scope, period=compared) if compared else None,
        first_day=first,
    )


@dataclass(frozen=True, slots=True)
class StageLine:
    """A stage with its share of all customers and of their spend; `quiet` are new ones without any order."""

    code: str
    persons: int
    quiet: int
    person_share: float | None
    net_fen: int
    net_share: float | None
    url: str


def _stage_lines(stages: list[StageSum], persons: int, viewer: Viewer, asked: Asked) -> list[StageLine]:
    """Persons without an order are new, too; the analytical store does not know where they belong, so they are the rest."""
    buyers, net = sum(one.persons for one in stages), sum(one.net_365d_fen for one in stages)
    quiet = max(persons - buyers, 0)
    region = asked.conditions()
    found = []
    for one in stages:
        more = quiet if one.stage == "new" else 0
        count = one.persons + more
        url = customers_url(viewer.role_code, *region, Condition("stage", Operator.EQ, one.stage.value))
        share = count / persons if persons else None
        found.append(
            StageLine(one.stage.value, count, more, share, one.net_365d_fen, one.net_365d_fen / net if net else None, url)
        )
    return found


def _sources(now: datetime) -> list[SourceAccount]:
    return [source for source in source_accounts(now, days=1) if source.state.is_enabled]
