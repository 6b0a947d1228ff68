"""One product: what it is, what it brought in the viewer's stores, which of them sell it, and the ways to its buyers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.products.models import Product
from huitou.apps.products.queries import product_of, store_names
from huitou.apps.sales.product_fields import COST_ROLES
from huitou.core.filters.tree import Condition, Measure, Operator, Recent, Window
from huitou.core.periods import Period
from huitou.warehouse.product_figures import summed
from huitou.warehouse.queries.product_sales import NOTHING, ProductSums, product_sales, sold_days
from huitou.warehouse.reader import NothingPublished, Reading
from huitou.web.drill import orders_url, products_url, segment_url, sold_in
from huitou.web.figures import Figure, figure, share_figure
from huitou.web.pages.cockpit_charts import revenue_chart
from huitou.web.pages.cockpit_figures import identified_share, return_share
from huitou.web.pages.sales import WINDOWS, Windows, window_asked, windows_of
from huitou.web.policy import may_open

STORES_SHOWN = 20
Sales = Mapping[tuple[int, date], ProductSums]


@dataclass(frozen=True, slots=True)
class StoreLine:
    """
    A store that sold the product. share: of the best store's revenue (0..1), for the bar.

    before_fen: its net revenue in the window before; None: the data do not reach back so far.
    """

    store_id: int
    name: str
    sums: ProductSums
    share: float
    before_fen: int | None


@dataclass(frozen=True, slots=True)
class Buyers:
    """Lists of who bought it; an empty address is not for this viewer."""

    orders_url: str
    customers_url: str
    known_url: str  # the orders whose buyers are told


@require_GET
def product(request: HttpRequest, product_id: int) -> HttpResponse:
    """Show a product; 404 for none. Everybody may know what it is, its figures are those of the viewer's stores."""
    viewer = request_viewer(request)
    found = product_of(product_id)
    if found is None:
        raise Http404(f"no product {product_id}")
    days = window_asked(request.GET.get("days", ""))
    same_category = Condition("category", Operator.EQ, found.category_id)
    context = {
        "product": found,
        "tells_cost": viewer.role_code in COST_ROLES,
        "category_url": products_url(viewer.role_code, same_category),
        "days": days,
        "windows": WINDOWS,
        "may_open_stores": may_open("stores:store", viewer.role_code),
        "as_of": None,
    }
    try:
        with warehouse().read() as reading:
            context |= _numbers(reading, viewer, found, days)
    except NothingPublished:
        pass  # the page says that there was no build
    return render(request, "products/product.html", context)


def _numbers(reading: Reading, viewer: Viewer, found: Product, days: int) -> dict[str, object]:
    windows = windows_of(reading, viewer, days)
    now = _sales(reading, viewer, found.pk, windows.period)
    before = _sales(reading, viewer, found.pk, windows.compared) if windows.compared else None
    buyers = _buyers(viewer, found, windows.period)
    lines = _store_lines(now, before)
    by_day_before = _by_day(before, windows.compared) if before is not None and windows.compared else None
    return {
        "as_of": reading.as_of,
        "sold_days": sold_days(reading.cursor, scope=viewer.scope(), product_id=found.pk),
        "sales": windows,
        "compared_with": windows.against_text,
        "figures": _figures(windows, now, before, buyers, found.cost_fen if viewer.role_code in COST_ROLES else None),
        "trend": revenue_chart(_by_day(now, windows.period), by_day_before, against=windows.against, as_of=reading.as_of),
        "stores": lines[:STORES_SHOWN],
        "more_stores": max(0, len(lines) - STORES_SHOWN),
        "buyers": buyers,
    }


def _sales(reading: Reading, viewer: Viewer, product_id: int, period: Period) -> Sales:
    return product_sales(reading.cursor, scope=viewer.scope(), product_id=product_id, period=period)


def _by_day(sales: Sales, period: Period) -> dict[date, ProductSums]:
    """Return the sums of every day of the period, days without a sale as zeros."""
    found = summed(sales, lambda store_id, day: day)
    days = [period.start + timedelta(days=number) for number in range((period.end - period.start).days)]
    return {day: found.get(day, NOTHING) for day in days}


def _whole(sales: Sales) -> ProductSums:
    return summed(sales, lambda store_id, day: None).get(None, NOTHING)


def _figures(windows: Windows, now: Sales, before: Sales | None, buyers: Buyers, cost_fen: int | None) -> list[Figure]:
    """Return the tiles of the window; the margin only where a cost is given."""
    sums, was = _whole(now), None if before is None else _whole(before)
    days = _by_day(now, windows.period).values()
    tiles = [
        figure(
            "net_revenue",
            sums.net_fen,
            before=was.net_fen if was else None,
            trend=[day.net_fen for day in days],
            url=buyers.orders_url,
        ),
        figure(
            "pieces",
            _pieces(sums),
            before=_pieces(was) if was else None,
            trend=[_pieces(day) for day in days],
        ),
        figure(
            "orders", sums.orders, before=was.orders if was else None, trend=[day.orders for day in days], url=buyers.orders_url
        ),
        figure("piece_price", _piece_price(sums), before=_piece_price(was) if was else None),
        share_figure("return_share", return_share(sums), before=return_share(was) if was else None),
        share_figure(
            "identified_share", identified_share(sums), before=identified_share(was) if was else None, url=buyers.known_url
        ),
    ]
    if cost_fen is not None:
        tiles.append(figure("margin_at_cost", _margin(sums, cost_fen), before=_margin(was, cost_fen) if was else None))
    return tiles


def _pieces(sums: ProductSums) -> int:
    return (sums.qty_milli + 500) // 1_000


def _piece_price(sums: ProductSums) -> int | None:
    return round(sums.net_fen * 1_000 / sums.qty_milli) if sums.qty_milli > 0 else None


def _margin(sums: ProductSums, cost_fen: int) -> int:
    return sums.net_fen - (cost_fen * sums.qty_milli + 500) // 1_000


def _store_lines(now: Sales, before: Sales | None) -> list[StoreLine]:
    """Return the stores with an order in the window, most net revenue first, ties by id; stores without a name are left out."""
    by_store = summed(now, lambda store_id, day: store_id)
    were = summed(before, lambda store_id, day: store_id) if before else {}
    names = store_names(by_store)
    best = max((sums.net_fen for sums in by_store.values()), default=0)
    lines = [
        StoreLine(
            store_id,
            names[store_id],
            sums,
            max(sums.net_fen, 0) / best if best > 0 else 0.0,
            None if before is None else were.get(store_id, NOTHING).net_fen,
        )
        for store_id, sums in by_store.items()
        if store_id in names
    ]
    return sorted(lines, key=lambda line: (-line.sums.net_fen, line.store_id))


def _buyers(viewer: Viewer, found: Product, period: Period) -> Buyers:
    """Who bought it is only ever told by lists, which cut to the viewer's reach themselves."""
    role = viewer.role_code
    sold = (Condition("product", Operator.EQ, found.code), *sold_in(period))
    bought = Window(
        "purchase", Measure.TIMES, Operator.GTE, 1, Recent((period.end - period.start).days), (("product", (found.pk,)),)
    )
    return Buyers(
        orders_url(role, *sold),
        segment_url(role, bought),
        orders_url(role, *sold, Condition("buyer", Operator.EQ, "known")) if may_open("customers:person", role) else "",
    )
