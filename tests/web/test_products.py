"""The list of products: figures of the viewer's stores, costs for few, products found by name."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, RETURN, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.warehouse.test_tail import fold
from tests.web.conftest import NOW, BuiltOnce, Chain

from huitou.apps.products.models import Category, Product
from huitou.warehouse.layout import Layout
from huitou.warehouse.switch import switch

LIST = "products:products"


def build(layout: Layout, person_id: int, store_id: int, other_store_id: int) -> None:
    store = Store(layout)
    store.land([
        Document(1, days_before(2), (Line(1, 3_000, pieces=3),), record_id=101, store_id=store_id),
        Document(2, days_before(1), (Line(1, 10_000, pieces=10),), store_id=other_store_id),
        Document(3, days_before(200), (Line(2, 700),), store_id=store_id),
    ])  # fmt: skip
    base = store.publish(1, {101: person_id})
    store.land([
        Document(4, AS_OF, (Line(1, 1_000),), record_id=101, store_id=store_id, kind=RETURN, net_order_id=1),
        Document(5, days_before(40), (Line(4, 900),), store_id=other_store_id),
    ])  # fmt: skip
    fold(store, 2, base, {})
    switch(layout, base=1, tail=2)


@pytest.fixture
def sold(layout: Layout, chain: Chain, built_once: BuiltOnce) -> Chain:
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
    built_once(layout, build, chain.person_id, chain.store_id, chain.other_store_id)
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


def test_ticked_products_are_taken_as_a_file(enter):
    client = enter("product_owner")
    assert 'name="ids" value="2"' in client.get(reverse(LIST)).content.decode()
    asked = {"next": f"{reverse(LIST)}?f=code.in.P1~P2", "ids": [2, 3]}  # the third is not in the list
    lines = (
        b"".join(client.post(reverse("lists:export", args=["product"]), asked).streaming_content).decode("utf-8-sig").splitlines()
    )
    assert [line.partition(",")[0] for line in lines[1:-1]] == ["2"]
    assert lines[-1] == "# 1 rows"


def page_of(client: Client, product_id: int, query: dict[str, str] | None = None):
    return client.get(reverse("products:product", args=[product_id]), query)


def test_a_product_has_a_page_whose_figures_are_of_the_viewers_stores(enter):
    assert "/products/1?" in enter("manager").get(reverse(LIST)).content.decode()
    for role, figures, stores in (
        ("manager", ("¥120.00", "12", "2", "¥10.00"), [("北站店", 10_000), ("梧桐路店", 2_000)]),
        ("store_manager", ("¥20.00", "2", "1", "¥10.00"), [("梧桐路店", 2_000)]),
    ):
        context = page_of(enter(role), 1).context
        assert tuple(one.text for one in context["figures"][:4]) == figures, role
        assert [(line.name, line.sums.net_fen) for line in context["stores"]] == stores, role
        assert sum(context["trend"].data["series"][0]["values"]) == sum(net for _name, net in stores), role
        assert (context["as_of"], context["sold_days"][1]) == (AS_OF, days_before(1 if role == "manager" else 2)), role
    assert page_of(enter("manager"), 99).status_code == 404


def test_a_product_opened_from_a_list_leads_on_in_it(enter):
    client = enter("manager")
    addresses = [line.head.href for line in client.get(reverse(LIST), {"sort": "-last_sold"}).context["lines"]]
    query = addresses[2].partition("?")[2]
    told = client.get(f"{reverse('lists:place', args=['product'])}?{query}").context
    assert (told["previous_url"], told["next_url"], told["where"]) == (addresses[1], addresses[3], "第 3 位，共 4 个")
    last = client.get(f"{reverse('lists:place', args=['product'])}?{addresses[3].partition('?')[2]}").context  # never sold
    assert (last["previous_url"], last["next_url"], last["is_in"]) == (addresses[2], "", True)


def test_what_a_store_did_not_sell_has_no_figures_there(enter):
    context = page_of(enter("store_manager"), 4).context  # sold in the other store only
    assert (context["stores"], context["sold_days"], context["figures"][0].value) == ([], None, 0)
    never = page_of(enter("manager"), 3, {"days": "364"})
    assert (never.status_code, never.context["sold_days"]) == (200, None)


def test_the_page_of_a_product_tells_its_cost_to_few(enter):
    for role, tells in (("product_owner", True), ("manager", True), ("store_manager", False), ("marketer", False)):
        answer = page_of(enter(role), 1)
        assert ("¥6.00" in answer.content.decode(), len(answer.context["figures"]) == 7) == (tells, tells), role
    margin = page_of(enter("manager"), 1).context["figures"][-1]
    assert margin.value == 4_800  # 120.00 less 12 at 6.00


def test_who_bought_a_product_is_told_by_lists_only(enter):
    """Editors of segments are led to the builder, stores to the orders whose buyers are known, others to neither."""
    orders = "/orders?f=product.eq.P1"
    builder = "/segments/new?f=event.purchase.times.gte.1.28d.product.1"
    for role, ways in (
        ("manager", (True, True, True)),
        ("store_manager", (True, False, True)),
        ("analyst", (True, True, False)),
        ("engineer", (False, False, False)),
    ):
        answer = page_of(enter(role), 1)
        text = answer.content.decode()
        shown = (orders in text, builder in text, bool(answer.context["buyers"].known_url))
        assert shown == ways, role
        assert "王小芳" not in text
    listed = enter("store_manager").get(page_of(enter("store_manager"), 1).context["buyers"].known_url)
    assert [line.head.text for line in listed.context["lines"]] == ["NO1"]


def test_a_filter_by_product_reads_with_its_name(enter):
    """In the chip of a list and in the builder; a code that nobody has, and a product without a name, stay as asked."""
    client = enter("manager")
    for asked, chip in (("eq.P1", "鲜牛奶"), ("in.P1~P2~X9", "鲜牛奶、面包、X9"), ("eq.P4", "P4")):
        context = client.get(reverse("orders:list"), {"f": f"product.{asked}"}).context
        assert [one["part"].value for one in context["chips"]] == [chip]
    for asked, called in (("P1", {"P1": "鲜牛奶"}), ("P4", {})):
        editor = client.get(reverse("lists:editor", args=["order"]), {"f": f"product.eq.{asked}"}).context["editor"]
        told = {field["name"]: field["called"] for field in editor["fields"]}
        assert (told["product"], told["number"]) == (called, {})
    for asked, choices in (("1", [(1, "鲜牛奶")]), ("4", [(4, "#4")]), ("", [])):
        rule = f"event.purchase.times.gte.1.28d{asked and f'.product.{asked}'}"
        events = client.get(reverse("segments:new"), {"f": rule}).context["data"]["events"]
        offered = {one["name"]: one["choices"] for event in events if event["name"] == "purchase" for one in event["narrowings"]}
        assert offered.get("product", []) == choices


def test_a_guide_may_not_open_products_and_gets_no_link(enter, sold: Chain):
    client = enter("guide")
    assert page_of(client, 1).status_code == 403
    order = reverse("orders:order", args=[1])
    assert "/products/1" not in client.get(order).content.decode()
    assert "/products/1" in enter("store_manager").get(order).content.decode()
