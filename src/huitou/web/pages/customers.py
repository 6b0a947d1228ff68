"""The customer list and the search."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.queries import version_stamp
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_found
from huitou.apps.customers.queries.listing import person_count, person_page
from huitou.apps.customers.queries.paging import DEFAULT_SORT, SORTS, CursorRefused, Sort
from huitou.apps.products.queries import store_names, stores_in_reach
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError
from huitou.core.filters.reading import Chip, Frame, reading, without
from huitou.core.filters.tree import All, Condition, Node, Operator
from huitou.core.filters.url_form import from_url, to_url
from huitou.core.periods import business_date
from huitou.core.value.lifecycle import Stage

PAGE_ROWS = 50
SEARCH_ROWS = 50
LONGEST_TERM = 100
_O = Operator
QUICK: tuple[Condition, ...] = (  # one click each; a second click takes the condition out again
    Condition("stage", _O.EQ, Stage.NEW.value),
    Condition("stage", _O.EQ, Stage.ACTIVE.value),
    Condition("stage", _O.EQ, Stage.DORMANT.value),
    Condition("is_member", _O.EQ, True),
    Condition("sources", _O.GTE, 2),
    Condition("days_since_purchase", _O.GT, 60),
    Condition("net_365d", _O.GTE, 100_000),
    Condition("completeness", _O.LT, 0.65),
)


@dataclass(frozen=True, slots=True)
class QuickFilter:
    """A condition on offer, as words, with the address that adds it (or takes it out)."""

    words: Chip
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class WayOut:
    """A condition whose removal brings people back: the empty result's way out."""

    words: str
    count: int
    is_exact: bool
    url: str


@require_GET
def customers(request: HttpRequest) -> HttpResponse:
    """List the customers in reach; filters, order and place in the list are all in the address."""
    viewer = request_viewer(request)
    stores = list(stores_in_reach(viewer=viewer))
    catalogue = customer_catalogue(viewer)
    names = {store.pk: store.name for store in stores}
    as_of = published_as_of()
    try:
        filters = from_url(request.GET.get("f", ""), catalogue)
        sort = Sort.from_text(request.GET.get("sort", DEFAULT_SORT.text()))
        page = person_page(
            viewer,
            catalogue=catalogue,
            as_of=as_of,
            filters=filters,
            sort=sort,
            after=request.GET.get("at") or None,
            limit=PAGE_ROWS,
        )
    except (FilterError, CursorRefused, KeyError) as error:
        raise Http404(str(error)) from error
    read = _Reading(catalogue, names)
    count = page.count or person_count(viewer, catalogue=catalogue, as_of=as_of, filters=filters)
    context = {
        "page": page,
        "count": count,
        "store_names": store_names(row.home_store_id for row in page.rows),
        "chips": read.chips(filters, sort),
        "quick": [_quick(condition, filters, sort, read) for condition in QUICK],
        "stores": [_quick(Condition("home_store", _O.EQ, one), filters, sort, read) for one in names] if len(names) > 1 else [],
        "columns": _columns(filters, sort),
        "sort": sort,
        "next_url": _url(filters, sort, page.next_cursor) if page.next_cursor else "",
        "previous_url": _url(filters, sort, page.previous_cursor) if page.previous_cursor else "",
        "ways_out": [] if page.rows else _ways_out(viewer, catalogue, as_of, filters, sort, read),
        "is_filtered": filters != All(),
    }
    return render(request, "customers/list.html", context)


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


def published_as_of() -> date:
    """Return the day the published numbers stand at; today before the first build."""
    return version_stamp().as_of or business_date(utc_now())


@dataclass(frozen=True, slots=True)
class _Reading:
    """Says filters in the language of the page, with the names of stores."""

    catalogue: Catalogue
    stores: dict[int, str]

    def part(self, node: Node) -> Chip | Frame:
        return reading(node, self.catalogue, language=get_language() or "zh-hans", reference_name=self._name)

    def chips(self, filters: Node, sort: Sort) -> list[dict[str, Any]]:
        """Return the outermost parts of the filter with the address that takes each out."""
        part = self.part(filters)
        parts = part.parts if isinstance(part, Frame) and part.kind == "all" and part.path == "" else (part,)
        return [{"part": one, "remove_url": _url(without(filters, one.path), sort)} for one in parts]

    def chip(self, condition: Condition) -> Chip:
        part = self.part(condition)
        if not isinstance(part, Chip):
            raise TypeError(f"a condition reads as one chip, not as {part!r}")
        return part

    def _name(self, field: str, number: int) -> str | None:
        return self.stores.get(number) if field == "home_store" else None


def _quick(condition: Condition, filters: Node, sort: Sort, read: _Reading) -> QuickFilter:
    others = [node for node in _parts(filters) if node != condition]
    is_on = len(others) != len(_parts(filters))
    if not is_on:  # one question per field: the new answer replaces the old one
        others = [node for node in others if not (isinstance(node, Condition) and node.field == condition.field)]
        others.append(condition)
    return QuickFilter(read.chip(condition), _url(All(tuple(others)), sort), is_on)


def _parts(filters: Node) -> tuple[Node, ...]:
    return filters.children if isinstance(filters, All) else (filters,)


def _url(filters: Node, sort: Sort, cursor: str | None = None) -> str:
    only = filters.children[0] if isinstance(filters, All) and len(filters.children) == 1 else filters
    pairs = {"f": to_url(only), "sort": "" if sort == DEFAULT_SORT else sort.text(), "at": cursor or ""}
    text = urlencode({name: value for name, value in pairs.items() if value})
    return f"{reverse('customers:list')}?{text}" if text else reverse("customers:list")


def _columns(filters: Node, sort: Sort) -> dict[str, dict[str, Any]]:
    """Return per sortable column its address (the other way round when it leads already) and its arrow."""
    return {
        code: {
            "url": _url(filters, Sort(column, not sort.descending if column is sort.column else True)),
            "aria": ("descending" if sort.descending else "ascending") if column is sort.column else "",
        }
        for code, column in SORTS.items()
    }


def _ways_out(viewer: Viewer, catalogue: Catalogue, as_of: date, filters: Node, sort: Sort, read: _Reading) -> list[WayOut]:
    """Return the outermost conditions by how many people would appear without each, most first."""
    ways = []
    for chip in read.chips(filters, sort):
        rest = without(filters, chip["part"].path)
        count = person_count(viewer, catalogue=catalogue, as_of=as_of, filters=rest)
        part = chip["part"]
        words = f"{part.field} {part.operator} {part.value}".rstrip() if isinstance(part, Chip) else ""
        ways.append(WayOut(words, count.value, count.is_exact, chip["remove_url"]))
    return sorted((way for way in ways if way.count), key=lambda way: -way.count)
