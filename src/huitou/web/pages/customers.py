"""The customer list and the search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.customers.queries import persons_found
from huitou.apps.products.queries import store_names
from huitou.web.lists.customers import CUSTOMERS
from huitou.web.lists.page import list_page

SEARCH_ROWS = 50
LONGEST_TERM = 100


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """List the customers in reach."""
    return list_page(request, CUSTOMERS)


@require_POST
def search(request: HttpRequest) -> HttpResponse:
    """Find customers by a value they are known under. A POST: a phone number never stands in an address."""
    term = request.POST.get("term", "").strip()[:LONGEST_TERM]
    after = request.POST.get("after", "0")
    found = persons_found(request_viewer(request), term, after=int(after) if after.isdecimal() else 0)
    if len(found) == 1 and after == "0":
        return redirect("customers:person", found[0].person_id)
    context = {
        "found": found,
        "term": term,
        "store_names": store_names(person.home_store_id for person in found),
        "next_after": found[-1].person_id if len(found) == SEARCH_ROWS else None,
    }
    return render(request, "customers/found.html", context)
