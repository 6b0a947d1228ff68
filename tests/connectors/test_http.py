"""The shared REST client: what is tried again, how long it waits, and what its errors say."""

import threading
from email.utils import format_datetime

import pytest

from huitou.connectors.fake_http import Response, RunningServer
from huitou.connectors.http import Rejected, RestClient, RetryPolicy
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

OK = Response(200, b'{"ok": true}')


@pytest.fixture
def serve(now):
    """Serve a list of answers, one per call (the last for all further ones); returns a client of them."""
    servers = []

    def start(*answers: Response, retry: RetryPolicy | None = None) -> RestClient:
        left = list(answers)
        server = RunningServer(lambda request: left.pop(0) if len(left) > 1 else left[0], host="127.0.0.1", port=0)
        servers.append(server)
        return RestClient(source="shop", base_url=server.url, clock=lambda: now, retry=retry)

    yield start
    for server in servers:
        server.stop()


def busy(retry_after: str) -> Response:
    return Response(429, b"{}", {"Retry-After": retry_after})


def test_retry_after_as_a_date_is_waited_out(serve, waits, now):
    later = format_datetime(now.replace(second=17), usegmt=True)
    assert serve(busy(later), OK).call("GET", "/x") == {"ok": True}
    assert waits == [17.0]


def test_an_unreadable_retry_after_falls_back_to_the_growing_pause(serve, waits):
    assert serve(busy("after lunch"), OK).call("GET", "/x") == {"ok": True}
    assert len(waits) == 1
    assert 0 < waits[0] < 1


def test_the_attempts_end_with_what_the_system_last_answered(serve, waits):
    client = serve(Response(502, b""), retry=RetryPolicy(attempts=3))
    with pytest.raises(SourceUnavailable, match="shop: /x answers 502"):
        client.call("GET", "/x")
    assert len(waits) == 2


def test_a_refusal_is_not_tried_again(serve, waits):
    with pytest.raises(Rejected) as raised:
        serve(Response(403, b"{}"), OK).call("GET", "/x")
    assert (raised.value.status, waits) == (403, [])


@pytest.mark.parametrize("body", [b"<html>maintenance</html>", b"[1, 2]"])
def test_an_answer_that_is_no_json_object_is_unavailable(serve, body):
    with pytest.raises(SourceUnavailable, match="JSON"):
        serve(Response(200, body)).call("GET", "/x")


def test_a_system_slower_than_the_timeout_is_unavailable(now, waits):
    never = threading.Event()

    def answer(request):
        never.wait(5)
        return OK

    server = RunningServer(answer, host="127.0.0.1", port=0)
    client = RestClient(source="shop", base_url=server.url, clock=lambda: now, retry=RetryPolicy(attempts=2, timeout=0.05))
    with pytest.raises(SourceUnavailable, match="ReadTimeout"):
        client.call("GET", "/x")
    never.set()
    server.stop()


@pytest.mark.parametrize("address", ["", "shop.example.com", "file:///etc/hosts", "http://"])
def test_an_address_that_is_none_is_named(now, address):
    with pytest.raises(SourceMisconfigured, match="base_url"):
        RestClient(source="shop", base_url=address, clock=lambda: now)
