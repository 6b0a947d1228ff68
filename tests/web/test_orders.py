"""The list of orders and one order: who sees which, what is said of the buyer, what an address may ask."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse
from tests.warehouse.chain import AS_OF, RETURN, Document, Line, days_before
from tests.warehouse.chain import Chain as Store
from tests.web.conftest import BuiltOnce, Chain

from huitou.apps.base.models import AuditEvent
from huitou.apps.privacy.models import AccessEntry
from huitou.warehouse.layout import Layout

LIST = "orders:list"
OWN, THEIRS, ANONYMOUS = 1, 200_002, 300_003


def build(layout: Layout, person_id: int, store_id: int, other_store_id: int) -> None:
    store = Store(layout)
    store.land([
        Document(OWN, days_before(2), (Line(1, 123_400), Line(2, 600)), record_id=101, store_id=store_id),
        Document(THEIRS, days_before(1), (Line(1, 567_800),), record_id=101, store_id=other_store_id),
        Document(ANONYMOUS, days_before(300), (Line(1, 5_000),), store_id=store_id, channel=1),
        Document(9, AS_OF, (Line(2, 600),), record_id=101, store_id=store_id, kind=RETURN, net_order_id=OWN),
    ])  # fmt: skip
    store.publish(1, {101: person_id})


@pytest.fixture
def sold(layout: Layout, chain: Chain, built_once: BuiltOnce) -> Chain:
    """王小芳 bought in both stores, the other store's order is the outsider's; one order is anonymous, one has a return."""
    built_once(layout, build, chain.person_id, chain.store_id, chain.other_store_id)
    return chain


@pytest.fixture
def enter(client: Client, sold: Chain):
    def _enter(role: str) -> Client:
        client.force_login(sold.users[role], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return _enter


def test_a_store_lists_its_own_orders_with_buyers_masked_for_the_role(enter, sold: Chain):
    answer = enter("guide").get(reverse(LIST))
    page = answer.content.decode()
    assert [line.row_id for line in answer.context["lines"]] == [OWN, ANONYMOUS]
    assert answer.context["count"].value == 2
    assert f'href="{reverse("customers:person", args=[sold.person_id])}"' in page
    assert "匿名" in page
    assert "1,234.00" in page  # net of the return
    assert "5,678.00" not in page


def test_headquarters_sees_all_and_an_analyst_no_names(enter, sold: Chain):
    assert [line.row_id for line in enter("manager").get(reverse(LIST)).context["lines"]] == [THEIRS, OWN, ANONYMOUS]
    page = enter("analyst").get(reverse(LIST)).content.decode()
    assert "认得出的" in page
    assert "王" not in page
    assert reverse("customers:person", args=[sold.person_id]) not in page


def test_an_address_asks_and_sorts_and_what_it_cannot_ask_is_named(enter):
    client = enter("manager")
    for query, found in (
        ({"f": "net.gte.100000"}, [THEIRS, OWN]),
        ({"f": "buyer.eq.anonymous"}, [ANONYMOUS]),
        ({"f": "returned.gt.0"}, [OWN]),
        ({"f": "days_since.lte.30", "sort": "net"}, [OWN, THEIRS]),
        ({"f": "region.eq.R1", "sort": "date"}, [ANONYMOUS, OWN, THEIRS]),
        ({"f": f"number.eq.NO{OWN}"}, [OWN]),
        ({"f": "product.eq.P2"}, [OWN]),
        ({"f": "batch.eq.1"}, [THEIRS, OWN, ANONYMOUS]),
        ({"f": "batch.ne.1"}, []),
        ({"f": "product.ne.P2"}, [THEIRS, ANONYMOUS]),
    ):
        assert [line.row_id for line in client.get(reverse(LIST), query).context["lines"]] == found, query
    refused = client.get(reverse(LIST), {"f": "cashier.eq.7,net.gte.100"})
    assert refused.status_code == 400
    assert "没有字段「cashier」" in refused.content.decode()


def test_a_stranger_finds_nothing_by_filter_or_number(enter, sold: Chain):
    client = enter("guide")
    for query in ({"f": f"store.eq.{sold.other_store_id}"}, {"f": f"number.eq.NO{THEIRS}"}):
        answer = client.get(reverse(LIST), query)
        assert answer.context["lines"] == []
        assert answer.context["count"].value == 0
        assert "北站店" not in answer.content.decode()
    assert client.get(reverse("orders:order", args=[THEIRS])).status_code == 404
    assert client.get(reverse("orders:order", args=[10**12])).status_code == 404


def test_the_palette_finds_an_order_of_the_own_stores_by_its_whole_number(enter):
    client = enter("guide")
    page = reverse("orders:order", args=[ANONYMOUS])
    assert f'href="{page}"' in client.post("/find", {"term": f"NO{ANONYMOUS}"}).content.decode()
    for number in (f"NO{THEIRS}", f"NO{ANONYMOUS}"[:-1]):
        assert "href" not in client.post("/find", {"term": number}).content.decode()
    assert reverse("orders:order", args=[THEIRS]) in enter("analyst").post("/find", {"term": f"NO{THEIRS}"}).content.decode()
    assert "href" not in enter("engineer").post("/find", {"term": f"NO{ANONYMOUS}"}).content.decode()


def test_the_list_is_taken_as_a_file_without_who_bought(enter, sold: Chain):
    export = reverse("lists:export", args=["order"])
    asked = {"next": f"{reverse(LIST)}?f=product.eq.P1&sort=date", "everything": "1"}
    client = enter("marketer")
    assert export in client.get(reverse(LIST)).content.decode()
    answer = client.post(export, asked)
    head, *rows, last = csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig")))
    assert [int(row[0]) for row in rows] == [ANONYMOUS, OWN, THEIRS]
    assert last == ["# 3 rows"]
    assert [row[head.index("净额")] for row in rows] == ["50.00", "1234.00", "5678.00"]
    assert [row[head.index("客户")] for row in rows] == ["匿名", "认得出的", "认得出的"]
    assert not AccessEntry.objects.filter(route_code="lists:export").exists()  # it names nobody
    assert AuditEvent.objects.get(action_code="lists.export").detail["filters"] == "product.eq.P1"
    assert enter("store_manager").post(export, asked).status_code == 403


def test_ticked_orders_are_taken_as_a_file(enter):
    client = enter("marketer")
    assert f'name="ids" value="{THEIRS}"' in client.get(reverse(LIST)).content.decode()
    for asked, found in (([OWN, ANONYMOUS], {OWN, ANONYMOUS}), ([], set())):
        answer = client.post(reverse("lists:export", args=["order"]), {"next": reverse(LIST), "ids": asked})
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        assert {int(line.partition(",")[0]) for line in lines[1:-1]} == found
        assert lines[-1] == f"# {len(found)} rows"


def test_an_order_shows_its_lines_its_buyer_and_the_day(enter, sold: Chain):
    page = enter("store_manager").get(reverse("orders:order", args=[OWN])).content.decode()
    for text in ("NO1", "1,234.00", "退货", "6.00", "这家店当天的订单", "批次 1"):
        assert text in page
    assert reverse("customers:person", args=[sold.person_id]) in page
    assert "匿名" in enter("manager").get(reverse("orders:order", args=[ANONYMOUS])).content.decode()


def test_a_figure_leads_to_the_orders_it_is_made_of(enter, sold: Chain):
    for role, page, orders in (
        ("manager", reverse("cockpit:cockpit"), {OWN, THEIRS}),
        ("store_manager", reverse("stores:store", args=[sold.store_id]), {OWN}),
    ):
        client = enter(role)
        figures = client.get(page).context["figures"]
        led = {figure.metric.key: client.get(figure.url).context for figure in figures if figure.url.startswith(reverse(LIST))}
        assert len(led) == 5
        assert {line.row_id for line in led["net_revenue"]["lines"]} == orders
        assert led["orders"]["count"].value == len(orders)
        assert [line.row_id for line in led["return_share"]["lines"]] == [OWN]


def test_before_the_first_build_the_list_is_empty(client: Client, chain: Chain):
    client.force_login(chain.users["manager"], backend="django.contrib.auth.backends.ModelBackend")
    assert "还没有订单" in client.get(reverse(LIST)).content.decode()
    assert client.get(reverse("orders:order", args=[1])).status_code == 404


def test_an_order_opened_from_a_list_leads_on_in_it(enter, sold: Chain):
    """There and back along the list of the viewer; an order that left it still stands between its neighbours."""
    place = reverse("lists:place", args=["order"])
    for sort in ("-date", "net", "-id"):
        client = enter("manager")
        addresses = [line.head.href for line in client.get(reverse(LIST), {"sort": sort}).context["lines"]]
        around = [client.get(f"{place}?{one.partition('?')[2]}").context for one in addresses]
        assert [one["next_url"] for one in around] == [*addresses[1:], ""], sort
        assert [one["previous_url"] for one in around] == ["", *addresses[:-1]], sort
        assert [one["where"] for one in around] == [f"第 {number} 位，共 3 单" for number in (1, 2, 3)], sort
    theirs = addresses[1].partition("?")[2]
    reached = enter("store_manager").get(f"{place}?{theirs}").context  # the order between is of another store
    assert (reached["is_in"], reached["where"]) == (False, "共 2 单")
    assert [reached[way].partition("?")[0] for way in ("previous_url", "next_url")] == [
        reverse("orders:order", args=[ANONYMOUS]), reverse("orders:order", args=[OWN]),
    ]  # fmt: skip
    assert enter("engineer").get(f"{place}?{theirs}").status_code == 403
    assert enter("store_manager").get(reverse("lists:place", args=["task"])).status_code == 404  # its rows have no pages
    page = enter("manager").get(addresses[0]).content.decode()
    assert f'data-walk="{place}"' in page
