"""The list of products."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.products import queries

LONGEST_TERM = 64


@require_GET
def products(request: HttpRequest) -> HttpResponse:
    """List the products in order of their code; `q` looks in code and name."""
    term = request.GET.get("q", "").strip()[:LONGEST_TERM]
    page = queries.product_page(term=term, after=request.GET.get("after", "")[:LONGEST_TERM])
    context = {"page": page, "term": term, "counts": queries.product_counts(), "is_first": "after" not in request.GET}
    return render(request, "products/products.html", context)
