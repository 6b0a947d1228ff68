"""The served chain: settings that connect, keys that stay, and things that happen while it runs."""

import csv
import json

import pytest

from huitou.connectors.aftersales import fake_store as desk
from huitou.connectors.fake_http import Faults, Request, RunningServer, json_response
from huitou.connectors.fake_live import ChainIsEmpty
from huitou.connectors.fakes import serve_fakes
from huitou.connectors.mall import fake_store as mall
from huitou.connectors.pos import fake_store as pos
from huitou.connectors.registry import source_create

STORE = {"id": "S001", "name": "一店", "region": {"code": "R1", "name": "城东区"}, "updated_at": "2025-11-01T00:00:00Z"}
PRODUCT = {
    "id": "P100",
    "title": "菠菜",
    "categories": ["生鲜"],
    "list_price": "9.90",
    "updated_at": "2025-11-01T00:00:00Z",
}
CUSTOMER = {"id": "MC0001", "name": "王小明", "updated_at": "2025-11-01T00:00:00Z"}
CONTACT = {"id": "K0001", "name": "王小明", "phone": "19900000001", "wx_openid": None, "email": None}


@pytest.fixture
def chain(fakes):
    """A chain with one store, product, customer."""
    for resource, item in (("stores", STORE), ("products", PRODUCT), ("customers", CUSTOMER)):
        mall.put(fakes.mall_path, resource, [item])
    pos.stores_write(fakes.outbox, [{"store_code": "S001", "name": "一店"}])
    pos.products_write(fakes.outbox, [{"sku": "P100", "name": "菠菜", "price": "9.90"}])
    return fakes


@pytest.fixture
def receiver():
    """A server that keeps what was sent to it."""
    received: list[Request] = []

    def answer(request: Request):
        received.append(request)
        return json_response(202, {})

    server = RunningServer(answer, host="127.0.0.1", port=0)
    yield server.url, received
    server.stop()


def pulled(code, stream, fakes, now) -> list:
    source = source_create(code, fakes.settings[code], clock=lambda: now)
    return list(source.pull(stream, None))


def test_the_written_settings_connect_every_source(chain, now):
    settings = json.loads((chain.chain / "sources.json").read_text())
    assert settings == chain.settings
    assert (chain.chain / "sources.json").stat().st_mode & 0o077 == 0
    for code in settings:
        source = source_create(code, settings[code], clock=lambda: now)
        for stream in source.streams:
            list(source.pull(stream.code, None))


def test_a_chain_keeps_its_keys_when_it_is_served_again(tmp_path):
    with serve_fakes(tmp_path) as first:
        secret = first.settings["mall"]["client_secret"]
    with serve_fakes(tmp_path) as again:
        assert again.settings["mall"]["client_secret"] == secret


def test_faults_are_set_by_source(tmp_path):
    with serve_fakes(tmp_path, faults={"mall": Faults(error_share=0.5)}) as running:
        assert running.mall.dice.faults.error_share == 0.5
        assert running.aftersales.dice.faults.error_share == 0.0
    with pytest.raises(ValueError, match=r"0\.\.1"):
        Faults(error_share=2)


def test_an_order_that_happens_now_is_pulled_and_its_webhook_is_taken(chain, now, receiver):
    url, received = receiver
    order = chain.emit_order(now=now, webhook_url=f"{url}/hooks/mall/{{stream}}")
    (page,) = pulled("mall", "orders", chain, now)
    assert json.loads(page.content) == [order]
    (request,) = received
    assert request.path == "/hooks/mall/orders"
    source = source_create("mall", chain.settings["mall"], clock=lambda: now)
    assert json.loads(source.receive("orders", request.headers, request.body).content) == [order]


def test_a_refund_changes_the_order_and_sends_it_again(chain, now, receiver):
    url, received = receiver
    order = chain.emit_order(now=now)
    refunded = chain.emit_refund(order["id"], now=now, webhook_url=url)
    assert [refund["id"] for refund in refunded["refunds"]] == [f"{order['id']}-R1"]
    (page,) = pulled("mall", "orders", chain, now)
    assert json.loads(page.content) == [refunded]
    assert json.loads(received[0].body)["event"] == "order.refunded"
    with pytest.raises(KeyError):
        chain.emit_refund("M404", now=now)


def test_a_receipt_lands_in_the_file_of_the_day_or_is_pushed(chain, now, receiver):
    url, received = receiver
    first = chain.emit_receipt(now=now, member_card="80010001")
    second = chain.emit_receipt(now=now, phone="19900000001")
    with (chain.outbox / "receipts-2026-11-21.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["receipt_no"] for row in rows} == {first["receipt_no"], second["receipt_no"]}
    pushed = chain.emit_receipt(now=now, push_url=f"{url}/hooks/pos/{{stream}}")
    source = source_create("pos", chain.settings["pos"])
    (request,) = received
    assert request.path == "/hooks/pos/pushed"
    assert json.loads(source.receive("pushed", request.headers, request.body).content) == [pushed]


def test_a_ticket_that_is_opened_now_sends_ticket_and_status(chain, now, receiver):
    url, received = receiver
    ticket = chain.emit_ticket(now=now, contact=CONTACT, order_no="M1", webhook_url=f"{url}/{{stream}}")
    assert [request.path for request in received] == ["/tickets", "/events"]
    source = source_create("aftersales", chain.settings["aftersales"], clock=lambda: now)
    for request in received:
        assert source.receive(request.path[1:], request.headers, request.body).row_count == 1
    (page,) = pulled("aftersales", "tickets", chain, now)
    assert json.loads(page.content) == [ticket]
    assert chain.emit_ticket(now=now)["contact"] == CONTACT


def test_nothing_can_happen_in_an_empty_chain(fakes, now):
    desk.create(fakes.aftersales_path)
    for emit in (fakes.emit_order, fakes.emit_receipt, fakes.emit_ticket):
        with pytest.raises(ChainIsEmpty):
            emit(now=now)
