"""The desk's protocol: key, numbered pages that shift, the event feed, webhooks."""

import json

import pytest

from huitou.connectors.aftersales import fake
from huitou.connectors.aftersales import fake_store as store
from huitou.connectors.aftersales.client import AftersalesSource
from huitou.connectors.fake_http import Faults
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

TICKETS = 1_250


def stamp(second: int) -> str:
    return f"2026-11-01T{9 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}+08:00"


def ticket(number: int, *, updated_at: str, status: str = "open") -> dict:
    return {
        "id": f"T{number:06d}",
        "contact": {"id": f"K{number}", "name": "王", "phone": None, "wx_openid": None, "email": None},
        "order_no": None,
        "store_code": None,
        "sku": None,
        "category": "complaint",
        "status": status,
        "subject": "主题",
        "body": "正文",
        "created_at": "2026-11-01T09:00:00+08:00",
        "updated_at": updated_at,
    }


def event(number: int, *, occurred_at: str, recorded_at: str, status: str) -> dict:
    return {
        "id": f"V{number:06d}",
        "ticket_id": "T000001",
        "status": status,
        "occurred_at": occurred_at,
        "recorded_at": recorded_at,
    }


@pytest.fixture
def source(fakes, now):
    return AftersalesSource(**fakes.settings["aftersales"], clock=lambda: now)


def ids(pages) -> list[str]:
    return [item["id"] for page in pages for item in json.loads(page.content)]


@pytest.fixture
def all_ids(fakes) -> list[str]:
    """The ids of a desk with a ticket per second."""
    store.put(fakes.aftersales_path, "tickets", (ticket(n, updated_at=stamp(n)) for n in range(TICKETS)))
    return [f"T{number:06d}" for number in range(TICKETS)]


def test_every_ticket_comes_once_and_a_second_pull_brings_nothing(source, all_ids):
    pages = list(source.pull("tickets", None))
    assert ids(pages) == all_ids
    assert list(source.pull("tickets", pages[-1].next_cursor)) == []


def test_many_tickets_of_one_moment_come_once_also_after_a_stop_in_their_middle(fakes, source):
    store.put(fakes.aftersales_path, "tickets", (ticket(n, updated_at=stamp(0)) for n in range(TICKETS)))
    first = next(source.pull("tickets", None))
    rest = list(source.pull("tickets", first.next_cursor))
    assert ids([first, *rest]) == [f"T{number:06d}" for number in range(TICKETS)]
    assert list(source.pull("tickets", rest[-1].next_cursor)) == []


def test_a_ticket_changed_between_two_calls_makes_none_skipped(fakes, source, all_ids):
    pages = source.pull("tickets", None)
    first = next(pages)
    store.put(fakes.aftersales_path, "tickets", [ticket(0, updated_at=stamp(5_000), status="solved")])
    assert sorted(set(ids([first, *pages]))) == all_ids


def test_a_ticket_changed_again_within_the_same_second_still_comes(fakes, source, all_ids):
    last = list(source.pull("tickets", None))[-1].next_cursor
    store.put(fakes.aftersales_path, "tickets", [ticket(TICKETS - 1, updated_at=stamp(TICKETS - 1), status="solved")])
    assert ids(source.pull("tickets", last)) == [f"T{TICKETS - 1:06d}"]


def test_events_come_as_recorded_and_keep_when_they_happened(fakes, source):
    solved = event(1, status="solved", occurred_at=stamp(100), recorded_at=stamp(101))
    pending = event(2, status="pending", occurred_at=stamp(50), recorded_at=stamp(900))  # happened before, told later
    store.put(fakes.aftersales_path, "events", [solved])
    (first,) = source.pull("events", None)
    store.put(fakes.aftersales_path, "events", [pending])
    (second,) = source.pull("events", first.next_cursor)
    assert json.loads(second.content) == [pending]


def test_a_pull_that_dies_resumes_with_every_ticket_once(fakes, source, all_ids, waits):
    fakes.aftersales.dice.set(Faults(down_after_calls=1))
    stored = []
    with pytest.raises(SourceUnavailable, match="503"):
        stored.extend(source.pull("tickets", None))
    fakes.aftersales.dice.set(Faults())
    assert ids([*stored, *source.pull("tickets", stored[-1].next_cursor)]) == all_ids


def test_429_and_500_are_tried_again(fakes, source, all_ids, waits):
    fakes.aftersales.dice.set(Faults(too_many_share=0.3, error_share=0.2, retry_after_seconds=2, seed=7))
    assert ids(source.pull("tickets", None)) == all_ids
    assert 2.0 in waits


def test_a_wrong_key_is_named_at_once(fakes, now, waits):
    settings = {**fakes.settings["aftersales"], "api_key": "wrong"}
    with pytest.raises(SourceMisconfigured, match="api_key"):
        list(AftersalesSource(**settings, clock=lambda: now).pull("tickets", None))
    assert waits == []


def test_a_desk_that_is_down_is_unavailable(fakes, source, waits):
    fakes.stop()
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        list(source.pull("tickets", None))


def test_signed_webhooks_are_pages_and_forged_ones_are_refused(fakes, source, now):
    secret = fakes.settings["aftersales"]["webhook_secret"]
    sent = ticket(1, updated_at=stamp(1))
    headers, body = fake.webhook(secret, {"type": "ticket.updated", "ticket": sent}, now=now.timestamp())
    page = source.receive("tickets", headers, body)
    assert (page.stream, json.loads(page.content)) == ("tickets", [sent])
    with pytest.raises(PermissionError, match="signature"):
        source.receive("tickets", headers, body.replace(b"T000001", b"T000002"))
    with pytest.raises(PermissionError, match="signature"):
        source.receive("tickets", {"X-Desk-Signature": f"t={int(now.timestamp())},v1=00"}, body)
    with pytest.raises(PermissionError, match="timestamp"):
        source.receive("tickets", {"X-Desk-Signature": "nonsense"}, body)
    with pytest.raises(ValueError, match=r"ticket\.updated"):
        source.receive("events", headers, body)
