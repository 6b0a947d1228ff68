"""The list of products, and the search for some by name."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.products.queries import product_page
from huitou.core.filters.tree import Condition, Operator
from huitou.web.drill import products_url
from huitou.web.lists.page import list_page
from huitou.web.lists.products import PRODUCTS
from huitou.web.toasts import toast

LONGEST_TERM = 64
MOST_FOUND = 50


@require_GET
def products(request: HttpRequest) -> HttpResponse:
    """List the products with what they brought in the viewer's reach; `q` leads to those whose name or code contains it."""
    term = request.GET.get("q", "").strip()[:LONGEST_TERM]
    return _found(request, term) if term.isprintable() and term else list_page(request, PRODUCTS)


def _found(request: HttpRequest, term: str) -> HttpResponse:
    page = product_page(term=term, limit=MOST_FOUND)
    codes = tuple(product.code for product in page.products)
    if page.next_after:
        text = _("不止 %(number)s 个商品含「%(term)s」，先列这些；多写几个字会更准。")
        toast(request, text % {"number": MOST_FOUND, "term": term})
    several = len(codes) > 1
    asked = Condition("code", Operator.IN, codes) if several else Condition("code", Operator.EQ, codes[0] if codes else term)
    return redirect(products_url(request_viewer(request).role_code, asked))
