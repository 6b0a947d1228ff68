"""The events API as a source: mappings of every type, signed requests."""

import json

import pytest

from huitou.connectors.events.client import CONNECTOR
from huitou.connectors.webhooks import signature


def rows(map_sample, kind):
    return [{k: v for k, v in row.items() if k != "row_no"} for row in map_sample("events", "events", kind)]


def test_behaviours_and_reviews_become_events_of_their_customer(map_sample):
    assert rows(map_sample, "event") == [
        {"event_no": "v1", "type_code": "view", "customer_source_id": "openid:o-1", "occurred_at": "2026-11-20T10:00:00+08:00",
         "product_code": "P1"},
        {"event_no": "r1", "type_code": "review", "customer_source_id": "c1", "occurred_at": "2026-11-20T11:00:00+08:00",
         "product_code": "P1", "rating": "5", "text": "很好"},
        {"event_no": "f1", "type_code": "rel:referred", "customer_source_id": "c1", "occurred_at": "2026-11-20T15:00:00+08:00",
         "text": "f1"},
        {"event_no": "f1:by", "type_code": "rel:referrer", "customer_source_id": "phone:13812345679",
         "occurred_at": "2026-11-20T15:00:00+08:00", "text": "f1"},
        {"event_no": "g1", "type_code": "rel:group_join", "customer_source_id": "c1",
         "occurred_at": "2026-11-20T16:00:00+08:00", "text": "G1|一店 福利群|"},
    ]  # fmt: skip


def test_a_referrer_is_found_by_what_the_event_names_them_by(map_sample):
    assert rows(map_sample, "identifier") == [
        {"customer_source_id": "phone:13812345679", "kind_code": "phone", "value": "13812345679",
         "updated_at": "2000-01-02 00:00:00"},
    ]  # fmt: skip


def test_customers_are_told_by_their_own_event_or_by_the_numbers_that_others_carry(map_sample):
    told = {row["source_id"]: row for row in rows(map_sample, "customer")}
    assert set(told) == {"c1", "openid:o-1", "phone:13812345679", "card:66"}
    assert told["c1"]["updated_at"] == "2026-11-20T09:00:00+08:00"
    assert told["phone:13812345679"]["phone"] == "13812345679"


def test_orders_refunds_and_single_lines_become_lines_and_an_empty_order_stays_visible(map_sample):
    found = [(r.get("order_no"), r["kind_code"], r.get("line_no"), r.get("qty"), r.get("amount"), r.get("original_order_no"))
             for r in rows(map_sample, "order")]  # fmt: skip
    assert found == [
        ("A1", "sale", "1", "1", "12.50", None), ("A1", "sale", "2", "2", "3", None),
        ("B1", "return", "1", "-1", "-12.50", "A1"), ("A2", "sale", "1", "1", "5", None), ("A3", "sale", "1", None, None, None),
    ]  # fmt: skip


def test_a_ticket_keeps_its_texts(map_sample):
    (ticket,) = rows(map_sample, "ticket")
    assert (ticket["ticket_no"], ticket["customer_source_id"], ticket["body"]) == ("T1", "card:66", "箱子破了")


def test_a_signed_request_is_taken_and_a_forged_or_shapeless_one_refused(now):
    source = CONNECTOR.source({"secret": "s"}, clock=lambda: now)
    body = json.dumps({"events": [{"type": "view", "id": "1"}]}).encode()
    stamp = int(now.timestamp())
    headers = {"X-HUITOU-TIMESTAMP": str(stamp), "X-Huitou-Signature": signature("s", stamp, body)}
    assert source.receive("events", headers, body).row_count == 1
    with pytest.raises(PermissionError):
        source.receive("events", headers, body + b" ")
    for bad in (
        b"[]",
        b'{"events": [{"type": "view"}]}',
        b'{"events": [{"type": "gift", "id": "1"}]}',
        b'{"events": [1]}',
        json.dumps({"events": [{}] * 1001}).encode(),
    ):
        with pytest.raises(ValueError, match="list|type"):
            source.receive("events", headers | {"X-Huitou-Signature": signature("s", stamp, bad)}, bad)
    assert list(source.pull("events", None)) == []
