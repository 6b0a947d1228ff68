"""The list of products: figures of the viewer's stores, costs for few, products found by name."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, RETURN, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.warehouse.test_tail import fold
from tests.web.conftest import NOW, Chain

from huitou.apps.products.models import Category, Product
from huitou.warehouse.layout import Layout
from huitou.warehouse.switch import switch

LIST = "products:products"


@pytest.fixture
def sold(layout: Layout, chain: Chain) -> Chain:
    """Milk sold in both stores, with a return; bread long ago; cake never; a code that only receipts know, in the tail."""
    fresh = Category.objects.create(path="生鲜", name="生鲜", level=1)
    dairy = Category.objects.create(path="生鲜/乳品", name="乳品", level=2, parent=fresh)
    bakery = Category.objects.create(path="烘焙", name="烘焙", level=1)
    rows = [
        (1, "P1", "鲜牛奶", dairy, 1_000, 600),
        (2, "P2", "面包", bakery, 500, None),
        (3, "P3", "蛋糕", bakery, None, 100),
        (4, "P4", "", bakery, None, None),
    ]
    for pk, code, name, category, price, cost in rows:
        Product.objects.create(
            pk=pk,
            code=code,
            name=name,
            category=category,
            price_fen=price,
            cost_fen=cost,
            updated_at=NOW,
            is_placeholder=not name,
        )
    store = Store(layout)
    store.land([
        Document(1, days_before(2), (Line(1, 3_000, pieces=3),), record_id=101, store_id=chain.store_id),
        Document(2, days_before(1), (Line(1, 10_000, pieces=10),), store_id=chain.other_store_id),
        Document(3, days_before(200), (Line(2, 700),), store_id=chain.store_id),
    ])  # fmt: skip
    base = store.publish(1, {101: chain.person_id})
    store.land([
        Document(4, AS_OF, (Line(1, 1_000),), record_id=101, store_id=chain.store_id, kind=RETURN, net_order_id=1),
        Document(5, days_before(40), (Line(4, 900),), store_id=chain.other_store_id),
    ])  # fmt: skip
    fold(store, 2, base, {})
    switch(layout, base=1, tail=2)
    return chain


@pytest.fixture
def enter(client: Client, sold: Chain):
    def _enter(role: str) -> Client:
        client.force_login(sold.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


def shown(client: Client, query: dict[str, str] | None = None) -> list[dict[str, str]]:
    context = client.get(reverse(LIST), query).context
    labels = ["name", *(head.label.removesuffix(" ¥") for head in context["heads"])]
    rows = [(line.head.text, *(cell.text for cell in line.cells)) for line in context["lines"]]
    return [dict(zip(labels, row, strict=True)) for row in rows]


def test_headquarters_sees_the_chains_figures_most_first(enter):
    rows = shown(enter("manager"))
    assert [row["name"] for row in rows] == ["鲜牛奶", "P4", "蛋糕", "面包"]
    assert (rows[0]["近 4 周净额"], rows[0]["近 4 周退货额"], rows[0]["近 4 周卖出"]) == ("120.00", "10.00", "12")


def test_a_store_sees_what_it_sold_itself(enter):
    rows = {row["name"]: row for row in shown(enter("store_manager"))}
    assert (rows["鲜牛奶"]["近 4 周净额"], rows["鲜牛奶"]["近 4 周卖出"]) == ("20.00", "2")
    assert rows["P4"]["最后卖出"] == rows["蛋糕"]["最后卖出"] == "—"  # sold in the other store only; never


def test_an_address_asks_and_sorts(enter):
    client = enter("manager")
    root = Category.objects.get(path="生鲜").pk
    for query, names in (
        ({"f": "last_sold.missing"}, ["蛋糕"]),
        ({"f": "days_since_sold.gte.28", "sort": "last_sold"}, ["面包", "P4"]),
        ({"sort": "-last_sold"}, ["鲜牛奶", "P4", "面包", "蛋糕"]),
        ({"f": "net.gt.0"}, ["鲜牛奶"]),
        ({"f": "margin.present", "sort": "code"}, ["鲜牛奶", "蛋糕"]),
        ({"f": "is_placeholder.eq.1"}, ["P4"]),
        ({"f": f"department.eq.c{root}"}, ["鲜牛奶"]),  # milk is of a category below it
    ):
        assert [row["name"] for row in shown(client, query)] == names, query


def test_what_a_product_costs_is_told_to_few(enter):
    assert enter("marketer").get(reverse(LIST), {"f": "margin.gt.0"}).status_code == 400
    assert (
        enter("product_owner").get(reverse(LIST), {"f": "margin.eq.4800"}).context["count"].value == 1
    )  # 120.00 less 12 at 6.00


def test_a_word_leads_to_the_products_that_have_it_in_name_or_code(enter):
    client = enter("manager")
    assert client.get(reverse(LIST), {"q": "牛奶"})["Location"].endswith("?f=code.eq.P1")
    assert [row["name"] for row in shown(enter("manager"), {"f": "code.in.P1~P2"})] == ["鲜牛奶", "面包"]
    nothing = client.get(reverse(LIST), {"q": "<b>没有"}, follow=True)
    assert nothing.status_code == 200
    assert nothing.context["lines"] == []


def test_a_product_that_comes_between_two_builds_shows_at_once(enter):
    client = enter("manager")
    assert client.get(reverse(LIST)).context["count"].value == 4
    later = NOW + timedelta(days=1)
    Product.objects.create(pk=5, code="P5", name="茶", category=Category.objects.first(), updated_at=later)
    assert client.get(reverse(LIST)).context["count"].value == 5


def test_a_product_leads_to_the_orders_it_was_sold_on(enter):
    orders = '/orders?f=product.eq.P1"'
    assert orders in enter("store_manager").get(reverse(LIST)).content.decode()
    assert "/orders?f=" not in enter("engineer").get(reverse(LIST)).content.decode()  # a role without orders
