"""Bad input on screens: hostile names on every page that shows them, a file without values, a person with 10,000 orders."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import Chain as Chain_
from tests.warehouse.chain import Document, Line, days_before
from tests.web.conftest import NOW, Chain

from huitou.apps.customers.services import PersonFile, persons_project
from huitou.apps.products.models import Store
from huitou.warehouse.layout import Layout
from huitou.web.pages.timeline import PAGE_ROWS

BACKEND = "django.contrib.auth.backends.ModelBackend"
ORDERS = 10_000
HOSTILE = ("<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "\u202egnp.店", "👩‍👩‍👧" * 20, "店" * 200)
pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(layout: Layout, chain: Chain) -> Chain:
    """One person with 10,000 orders, a few of them in the store of the page."""
    store = Chain_(layout)
    days = 1_000
    store.land(
        Document(n, days_before(n % days), (Line(1, 100 + n),), record_id=101 + n % 4, store_id=chain.store_id, hour=n // days)
        for n in range(1, ORDERS + 1)
    )
    store.publish(1, dict.fromkeys((101, 102, 103, 104), chain.person_id))
    return chain


def test_the_timeline_of_10_000_orders_comes_in_pages(client: Client, sold: Chain):
    client.force_login(sold.users["agent"], backend=BACKEND)
    address = reverse("customers:timeline", args=[sold.person_id])
    page = client.get(address, {"kind": "order"})
    seen: set[int] = set()
    for _step in range(3):
        timeline = page.context["timeline"]
        numbers = [entry.number for day in timeline.days for entry in day.entries]
        assert len(numbers) == PAGE_ROWS
        assert not seen & set(numbers)
        seen |= set(numbers)
        page = client.get(address, {"kind": "order", "after": timeline.next_after})
    whole = client.get(reverse("customers:person", args=[sold.person_id]))
    assert whole.context["timeline"].counts["order"] == ORDERS
    assert "10,000" in whole.content.decode()
    assert len(whole.content) < 200_000  # a page does not grow with what it does not show


@pytest.mark.parametrize("name", HOSTILE, ids=("script", "image", "rtl", "emoji", "long"))
def test_names_of_stores_and_regions_are_text_on_cockpit_and_store_page(client: Client, layout: Layout, chain: Chain, name: str):
    Store.objects.filter(pk=chain.store_id).update(name=name, region_name=name, city=name, address=name)
    store = Chain_(layout)
    store.land([Document(1, days_before(1), (Line(1, 500),), record_id=101, store_id=chain.store_id)])
    store.publish(1, {101: chain.person_id})
    client.force_login(chain.users["manager"], backend=BACKEND)
    pages = [
        client.get(reverse("cockpit:cockpit"), {"cut": "region"}),
        client.get(reverse("stores:store", args=[chain.store_id])),
        client.get(reverse("customers:person", args=[chain.person_id])),
    ]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert "<script>alert" not in text
        assert "<img src=x" not in text


def test_a_file_of_nothing_says_so(client: Client, chain: Chain):
    """Nobody told a name, a phone, a day of registration; nothing was bought."""
    empty = PersonFile(
        person_id=chain.person_id, values={}, searched={}, record_count=1, source_count=1, is_member=False, store_id=None,
        registered_at=None,
    )  # fmt: skip
    persons_project([empty], now=NOW + timedelta(days=1))
    client.force_login(chain.users["agent"], backend=BACKEND)
    page = client.get(reverse("customers:person", args=[chain.person_id]))
    text = page.content.decode()
    for shown in ("没有姓名", "未填"):
        assert shown in text
    assert "None" not in text
    assert client.get(reverse("customers:list")).status_code == 200
