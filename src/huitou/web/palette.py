"""What the command palette finds: one finder per kind of thing, each only for those who may open what it leads to."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries import persons_found, persons_in_reach
from huitou.apps.customers.queries.search import search_hashes
from huitou.apps.identity.queries import persons_of_records
from huitou.apps.products.queries import product_page, store_names, stores_named
from huitou.core.filters.tree import Condition, Operator
from huitou.core.filters.url_form import to_url
from huitou.warehouse.queries.orders import OrderRow, orders_by_number
from huitou.warehouse.reader import NothingPublished
from huitou.web import formats
from huitou.web.lazy import LazyText
from huitou.web.policy import may_open

SHOWN = 6  # of each kind
LONGEST_TERM = 100
_ORDER_NUMBER = re.compile(r"[A-Za-z0-9._/-]{6,40}")
_DIGITS_OF_A_NUMBER = 4


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, as the list shows it."""

    icon: str
    label: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of one kind; `has_more` when the list was cut."""

    code: str
    title: LazyText
    hits: Sequence[Hit]
    has_more: bool


@dataclass(frozen=True, slots=True)
class Finder:
    """Looks for one kind of thing. route: who may not open it is not searched for."""

    code: str
    title: LazyText
    route: str
    find: Callable[[Viewer, str], Sequence[Hit]]  # at most SHOWN + 1


def palette_found(viewer: Viewer, text: str) -> list[Found]:
    """Return what the viewer may see under the text, kinds in order, empty ones left out; nothing for a blank text."""
    term = text.strip()[:LONGEST_TERM]
    if not term:
        return []
    allowed = [finder for finder in FINDERS if may_open(finder.route, viewer.role_code)]
    found = [(finder, finder.find(viewer, term)) for finder in allowed]
    return [Found(finder.code, finder.title, hits[:SHOWN], len(hits) > SHOWN) for finder, hits in found if hits]


def _persons(viewer: Viewer, term: str) -> list[Hit]:
    found = persons_found(viewer, term, limit=SHOWN + 1)
    stores = store_names(person.home_store_id for person in found)
    hits = []
    for person in found:
        shown = {name: person.fields[name].text for name in ("name", "phone", "member_card") if name in person.fields}
        name = shown.pop("name", _("没有姓名"))
        notes = [*shown.values(), stores.get(person.home_store_id or 0, "")]
        url = reverse("customers:person", args=[person.person_id])
        hits.append(Hit("user", name, " · ".join(note for note in notes if note), url))
    return hits


def _orders(viewer: Viewer, term: str) -> list[Hit]:
    """Find orders of the viewer's stores by their whole number, anonymous ones too; each leads to its own page."""
    return [_order_hit(order, reverse("orders:order", args=[order.net_order_id])) for order in _numbered(viewer, term)]


def _buyers(viewer: Viewer, term: str) -> list[Hit]:
    """For who looks up people but opens no orders: as `_orders`, each leads to its person; a person out of reach hides it."""
    orders = [] if may_open("orders:order", viewer.role_code) else _numbered(viewer, term)
    owners = persons_of_records(order.record_id for order in orders if order.record_id is not None)
    seen = set(persons_in_reach(viewer).filter(pk__in=owners.values()).values_list("pk", flat=True))
    return [
        _order_hit(order, reverse("customers:person", args=[owners[order.record_id]]))
        for order in orders
        if order.record_id in owners and owners[order.record_id] in seen
    ]


def _order_hit(order: OrderRow, url: str) -> Hit:
    notes = (formats.day_text(order.d), order.store_name or "", formats.money_text(order.net_fen, decimals=2))
    return Hit("receipt", order.order_no or "", " · ".join(notes), url)


def _numbered(viewer: Viewer, term: str) -> list[OrderRow]:
    has_digits = sum(sign.isdigit() for sign in term) >= _DIGITS_OF_A_NUMBER
    if not has_digits or not _ORDER_NUMBER.fullmatch(term) or "phone" in search_hashes(term):
        return []
    try:
        with warehouse().read() as reading:
            return orders_by_number(reading.cursor, scope=viewer.scope(), order_no=term)[: SHOWN + 1]
    except NothingPublished:
        return []


def _stores(viewer: Viewer, term: str) -> list[Hit]:
    """Find stores by name, code or initials; they lead to their customers for who lists those, else to the stores."""
    lists_customers = may_open("customers:list", viewer.role_code)
    hits = []
    for store in stores_named(viewer=viewer, term=term, limit=SHOWN + 1):
        filters = urlencode({"f": to_url(Condition("home_store", Operator.EQ, store.pk))})
        url = f"{reverse('customers:list')}?{filters}" if lists_customers else reverse("products:stores")
        hits.append(Hit("building-store", store.name, f"{store.region_name} · {store.code}", url))
    return hits


def _products(viewer: Viewer, term: str) -> list[Hit]:
    found = product_page(term=term, limit=SHOWN + 1).products
    return [Hit("package", one.name or one.code, one.code, reverse("products:product", args=[one.pk])) for one in found]


FINDERS: tuple[Finder, ...] = (
    Finder("persons", gettext_lazy("客户"), "customers:person", _persons),
    Finder("orders", gettext_lazy("订单"), "orders:order", _orders),
    Finder("buyers", gettext_lazy("订单"), "customers:order", _buyers),
    Finder("stores", gettext_lazy("门店"), "products:stores", _stores),
    Finder("products", gettext_lazy("商品"), "products:product", _products),
)
