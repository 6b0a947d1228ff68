"""Orders: the list, and one order with its lines."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.intake.queries import batch_sources
from huitou.apps.sales.orders import order_file, stored_as_of
from huitou.core.filters.tree import Condition, Operator
from huitou.web.drill import orders_url
from huitou.web.lists.orders import ORDERS, buyer_text, names_buyers
from huitou.web.lists.page import list_page


@require_GET
def orders(request: HttpRequest) -> HttpResponse:
    """List the orders of the stores in the viewer's reach."""
    return list_page(request, ORDERS)


@require_GET
def order(request: HttpRequest, net_order_id: int) -> HttpResponse:
    """Show one order, its lines and where they came from; 404 for one of a store out of reach."""
    viewer = request_viewer(request)
    found = order_file(viewer, net_order_id, names=names_buyers(viewer))
    if found is None:
        raise Http404(f"no order {net_order_id} in reach")
    row = found.order.row
    that_day = (Condition("store", Operator.EQ, row["store_id"]), Condition("date", Operator.EQ, row["d"]))
    context = {
        "order": row,
        "buyer": buyer_text(viewer, found.order.buyer),
        "lines": found.lines,
        "sources": batch_sources(line.batch_id for line in found.lines),
        "as_of": stored_as_of(),
        "that_day_url": orders_url(viewer.role_code, *that_day),
    }
    return render(request, "orders/order.html", context)
