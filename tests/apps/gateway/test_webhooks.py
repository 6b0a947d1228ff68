"""Outgoing webhooks: never into the own network, signed, tried again, sent once more on request."""

import json
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from huitou.apps.base.hooks import IdentityChange, ImportEnded, RecordMove
from huitou.apps.base.models import Job
from huitou.apps.gateway import handlers, services
from huitou.apps.gateway.models import DeliveryState, WebhookDelivery, WebhookEndpoint
from huitou.apps.gateway.services import webhooks as sending
from huitou.apps.gateway.services.webhooks import PAUSES, EndpointRefused
from huitou.connectors import outbound
from huitou.connectors.outbound import OutboundRefused, address_check, post_signed
from huitou.connectors.webhooks import signature_check

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
PUBLIC = ["93.184.216.34"]

HOSTILE = [
    "http://example.com/", "ftp://example.com/", "https://user:pw@example.com/", "https://example.com:22/",
    "https://example.com:99999/", "https:///x", "https://", "javascript:alert(1)", "https://exa mple.com/",
    "https://example.com/\r\nX: y", "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/",
    "https://0177.0.0.1/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://0.0.0.0/",
    "https://169.254.169.254/latest/meta-data/", "https://10.0.0.1/", "https://192.168.1.1/", "https://172.16.0.1/",
    "https://100.64.0.1/", "https://[fd00::1]/", "https://[fe80::1%25eth0]/", "https://224.0.0.1/", "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/", "https://localhost/",
]  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE)
def test_no_spelling_leads_into_the_own_network(url):
    with pytest.raises(OutboundRefused):
        address_check(url)


def test_one_private_address_among_public_ones_is_enough_to_refuse():
    with pytest.raises(OutboundRefused, match="private"):
        address_check("https://example.com/", resolve=lambda host, port: [*PUBLIC, "10.0.0.1"])


def test_the_call_goes_to_the_checked_address_signed_and_follows_no_redirect():
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(302, headers={"Location": "https://127.0.0.1/"})

    transport = httpx.MockTransport(answer)
    status = post_signed(
        "https://example.com/in?a=1", secret="s", body=b"{}", now=NOW, resolve=lambda host, port: PUBLIC, transport=transport
    )
    (request,) = seen
    assert (status, request.url.host, request.headers["Host"]) == (302, PUBLIC[0], "example.com")
    assert (request.url.raw_path, request.extensions["sni_hostname"]) == (b"/in?a=1", "example.com")
    signature_check(
        "s", timestamp=request.headers["X-Huitou-Timestamp"], given=request.headers["X-Huitou-Signature"], body=b"{}", now=NOW
    )


@pytest.fixture
def endpoint(db, monkeypatch):
    monkeypatch.setattr(outbound, "resolve_host", lambda host, port: PUBLIC)
    monkeypatch.setattr(sending, "address_check", lambda url: address_check(url, resolve=lambda host, port: PUBLIC))
    made, secret = services.endpoint_create(url="https://example.com/in", events=["import.ended", "person.merged"], by=1, now=NOW)
    assert secret not in str(vars(made))
    return made


@pytest.fixture
def receiver(monkeypatch):
    """What arrives, and the statuses to answer with, in order."""
    got: list[tuple[str, bytes]] = []
    statuses: list[int] = []

    def post(url, *, secret, body, now):
        got.append((secret, body))
        return statuses.pop(0) if statuses else 200

    monkeypatch.setattr(sending, "post_signed", post)
    return got, statuses


def test_a_merge_and_an_import_are_told_to_those_who_asked_and_hold_no_personal_data(endpoint, receiver):
    got, _statuses = receiver
    handlers.merge_told(IdentityChange(5, (RecordMove(1, 8, 9),), (), (8,), NOW))
    handlers.split_told(IdentityChange(6, (RecordMove(1, 8, 9),), (9,), (), NOW))  # nobody asked
    handlers.import_told(ImportEnded(3, "done", {"customer": {"accepted": 1}}, NOW))
    assert Job.objects.filter(name="gateway.deliver").count() == 1
    assert services.deliveries_send(now=NOW) == 2
    first, second = (json.loads(body) for _secret, body in got)
    assert (first["event"], first["data"]) == ("person.merged", {"event_id": 5, "persons": [8, 9], "closed": [8], "opened": []})
    assert second["data"] == {"import_id": 3, "state": "done", "counts": {"customer": {"accepted": 1}}}
    assert services.deliveries_send(now=NOW + timedelta(days=1)) == 0


def test_a_failing_receiver_is_tried_again_with_growing_pauses_then_left_and_can_be_replayed(endpoint, receiver):
    got, statuses = receiver
    handlers.import_told(ImportEnded(3, "done", {}, NOW))
    statuses += [500] * (len(PAUSES) + 1)
    now = NOW
    for pause in PAUSES:
        assert services.deliveries_send(now=now) == 0
        assert services.deliveries_send(now=now + pause - timedelta(seconds=1)) == 0
        now += pause
    services.deliveries_send(now=now)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_status) == (DeliveryState.FAILED, len(PAUSES) + 1, 500)
    assert len(got) == len(PAUSES) + 1
    assert services.delivery_replay(delivery_id=delivery.pk, now=now)
    assert services.deliveries_send(now=now) == 1
    assert len({body for _secret, body in got}) == 1
    assert not services.delivery_replay(delivery_id=0, now=now)


def test_an_endpoint_that_leads_inside_or_wants_an_unknown_event_is_refused(db):
    for url, events in (
        ("https://127.0.0.1/x", ["import.ended"]),
        ("https://example.com/", ["gift"]),
        ("https://example.com/", []),
    ):
        with pytest.raises(EndpointRefused):
            services.endpoint_create(url=url, events=events, by=1, now=NOW)
    assert not WebhookEndpoint.objects.exists()
