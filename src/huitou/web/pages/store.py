"""One store: its figures, what sells there, who its customers are."""

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.anomalies.queries import anomalies_of_store
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.products.queries import stores_in_reach
from huitou.core.filters.tree import Condition, Operator
from huitou.core.periods import business_date
from huitou.warehouse.queries.sellers import top_categories, top_products
from huitou.warehouse.queries.stages import stage_sums
from huitou.warehouse.queries.totals import totals_by_day
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.web.drill import customers_url
from huitou.web.figures import Figure, share_figure, value_text
from huitou.web.formats import count_text, short_money_text
from huitou.web.pages.anomalies import anomaly_lines
from huitou.web.pages.cockpit_charts import category_chart, product_chart, revenue_chart
from huitou.web.pages.cockpit_figures import period_figures, state_figures
from huitou.web.pages.cockpit_stores import high_value
from huitou.web.pages.cockpit_tiers import pyramid_of
from huitou.web.pages.sales import WINDOWS, Sales, persons_of, sales_of, stage_lines, window_asked

SELLERS_SHOWN = 8
ODD_DAYS_SHOWN = 6


@require_GET
def store(request: HttpRequest, store_id: int) -> HttpResponse:
    """Show a store in reach; 404 for any other. The figures are those of the cockpit, cut to the store."""
    viewer = request_viewer(request)
    found = stores_in_reach(viewer=viewer).filter(pk=store_id).first()
    if found is None:
        raise Http404(f"no store {store_id} in reach")
    days = window_asked(request.GET.get("days", ""))
    here = replace(viewer, store_ids=frozenset((store_id,)))
    at_home = Condition("home_store", Operator.EQ, store_id)
    context = {
        "store": found,
        "days": days,
        "windows": WINDOWS,
        "customers_url": customers_url(viewer.role_code, at_home),
        "odd_days": anomaly_lines(anomalies_of_store(viewer, store_id, today=business_date(utc_now()))[:ODD_DAYS_SHOWN]),
        "as_of": None,
    }
    try:
        with warehouse().read() as reading:
            context |= _numbers(reading, here, at_home, days)
    except NothingPublished:
        pass  # the page says that there was no build
    return render(request, "stores/store.html", context)


def _numbers(reading: Reading, viewer: Viewer, at_home: Condition, days: int) -> dict[str, object]:
    scope, as_of = viewer.scope(), reading.as_of
    sales = sales_of(reading, viewer, days)
    by_day = reading.once(totals_by_day, scope=scope, period=sales.period)
    by_day_before = reading.once(totals_by_day, scope=scope, period=sales.compared) if sales.compared else None
    stages = reading.once(stage_sums, scope=scope, as_of=as_of)
    persons = persons_of(reading, viewer)
    categories = reading.once(top_categories, scope=scope, period=sales.period, limit=SELLERS_SHOWN)
    products = reading.once(top_products, scope=scope, period=sales.period, limit=SELLERS_SHOWN)
    net = sales.now.net_fen
    sold_here = (Condition("store", Operator.EQ, at_home.value),)
    states = state_figures(None, stages, persons, as_of, viewer.role_code)
    return {
        "as_of": as_of,
        "sales": sales,
        "compared_with": sales.against_text,
        "figures": [
            *(_against(figure, sales) for figure in period_figures(sales, by_day, viewer.role_code, sold_here)),
            *(_local(figure, at_home, viewer.role_code, sum(one.persons for one in stages)) for figure in states),
            *_high_value(viewer),
        ],
        "revenue": revenue_chart(by_day, by_day_before, against=sales.against, as_of=as_of),
        "categories": category_chart(categories, net, as_of=as_of) if categories else None,
        "products": product_chart(products, net, as_of=as_of) if products else None,
        "stages": stage_lines(stages, persons, viewer.role_code, (at_home,)),
    }


def _against(figure: Figure, sales: Sales) -> Figure:
    """Say what stands behind an amount or a count: the window it is compared with, and what a ticket was divided from."""
    if figure.metric.key == "average_ticket" and figure.value is not None:
        money, orders = short_money_text(sales.now.net_fen), count_text(sales.now.orders)
        return replace(figure, parts=f"{money} ÷ {orders}")
    amounts = {"net_revenue": "net_fen", "orders": "orders"}
    if sales.before is None or figure.metric.key not in amounts:
        return figure
    before = value_text(figure.metric.unit, getattr(sales.before, amounts[figure.metric.key]))
    when = _("去年同期") if sales.against == "year" else _("上期")
    return replace(figure, beside=f"{when} {before}")


def _local(figure: Figure, at_home: Condition, role_code: str, buyers: int) -> Figure:
    """Lead to this store's customers instead of to everybody's."""
    stage = (Condition("stage", Operator.EQ, "dormant"),) if figure.metric.key == "dormant_share" else ()
    beside = _("其中买过的 %(number)s") % {"number": count_text(buyers)} if figure.metric.key == "persons" else ""
    return replace(figure, beside=beside, url=customers_url(role_code, at_home, *stage))


def _high_value(viewer: Viewer) -> list[Figure]:
    """Return the tile of the two best tiers; nothing before the first value run."""
    pyramid = pyramid_of(viewer)
    if pyramid is None:
        return []
    share = next(iter(pyramid.high.values()), None)
    known = high_value(share)
    if share is None or known is None:
        return []
    return [replace(share_figure("high_value_share", share, as_of=pyramid.as_of), interval=(known.low, known.high))]
