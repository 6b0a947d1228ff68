"""The mall's protocol: token, feed, refusals, repeated pages, resuming, webhooks."""

import json
from datetime import timedelta

import pytest

from huitou.connectors.fake_http import Faults
from huitou.connectors.mall import fake
from huitou.connectors.mall import fake_store as store
from huitou.connectors.mall.client import MallSource
from huitou.connectors.protocol import SourceMisconfigured, SourceUnavailable

ORDERS = 1_250  # three pages


def order(number: int, *, updated_at: str = "2026-11-01T08:30:00Z") -> dict:
    return {
        "id": f"M{number:06d}",
        "customer_id": "MC0001",
        "store_id": "S001",
        "status": "paid",
        "created_at": "2026-11-01T08:25:00Z",
        "updated_at": updated_at,
        "payment": {"method": "wechat", "paid_at": "2026-11-01T08:30:00Z"},
        "items": [{"line_no": 1, "sku": "P100", "title": "菠菜", "qty": 1, "amount": "9.90", "discount": "0.00"}],
        "status_history": [],
        "refunds": [],
    }


@pytest.fixture
def mall(fakes):
    """A mall with three pages of orders."""
    store.put(fakes.mall_path, "orders", (order(number) for number in range(ORDERS)))
    return fakes.mall


@pytest.fixture
def source(fakes, now):
    return MallSource(**fakes.settings["mall"], clock=lambda: now)


def ids(pages) -> list[str]:
    return [item["id"] for page in pages for item in json.loads(page.content)]


ALL_IDS = [f"M{number:06d}" for number in range(ORDERS)]


def test_the_feed_is_read_page_by_page_to_its_end(mall, source):
    pages = list(source.pull("orders", None))
    assert [page.row_count for page in pages] == [500, 500, 250]
    assert ids(pages) == ALL_IDS


def test_a_second_pull_from_the_last_cursor_brings_only_what_changed_since(fakes, mall, source):
    last = list(source.pull("orders", None))[-1].next_cursor
    assert list(source.pull("orders", last)) == []
    store.put(fakes.mall_path, "orders", [order(3, updated_at="2026-10-01T00:00:00Z")])  # changed now, dated earlier
    assert ids(source.pull("orders", last)) == ["M000003"]


def test_an_empty_feed_yields_no_page(fakes, source):
    assert list(source.pull("enquiries", None)) == []


def test_a_token_that_ends_in_the_middle_is_renewed(mall, source):
    pages = source.pull("orders", None)
    first = next(pages)
    mall.tokens_revoke()
    assert ids([first, *pages]) == ALL_IDS


def test_429_waits_as_long_as_retry_after_says_and_loses_nothing(mall, source, waits):
    mall.dice.set(Faults(too_many_share=0.4, retry_after_seconds=3, seed=1))
    assert ids(source.pull("orders", None)) == ALL_IDS
    assert waits
    assert set(waits) == {3.0}


def test_a_retry_after_longer_than_a_worker_may_sleep_ends_the_pull(mall, source, waits):
    mall.dice.set(Faults(too_many_share=1.0, retry_after_seconds=3_600))
    with pytest.raises(SourceUnavailable, match="429"):
        list(source.pull("orders", None))
    assert waits == []


def test_500s_are_tried_again_with_growing_pauses(mall, source, waits):
    mall.dice.set(Faults(error_share=0.5, seed=3))
    assert ids(source.pull("orders", None)) == ALL_IDS
    assert waits


def test_a_repeated_page_carries_the_same_idempotency_key(mall, source):
    list(source.pull("orders", None))  # the fake repeats what it answered last
    mall.dice.set(Faults(repeat_share=0.5, seed=2))
    pages = list(source.pull("orders", None))
    by_key = {page.idempotency_key: page for page in pages}
    assert len(by_key) < len(pages), "the seed must make at least one repeated page"
    assert sorted(ids(by_key.values())) == ALL_IDS


def test_a_feed_that_never_moves_on_is_given_up(mall, source):
    list(source.pull("orders", None))
    stuck = json.dumps({"items": [], "next_cursor": "here", "has_more": True}).encode()
    mall._page = lambda resource, request: fake.Response(200, stuck)
    with pytest.raises(SourceUnavailable, match="does not move"):
        list(source.pull("orders", {"cursor": "here"}))


def test_a_pull_that_dies_resumes_after_its_last_stored_page_with_every_item_once(mall, source, waits):
    mall.dice.set(Faults(down_after_calls=2))  # the token and one page
    stored = []
    with pytest.raises(SourceUnavailable, match="503"):
        stored.extend(source.pull("orders", None))
    assert ids(stored) == ALL_IDS[:500]
    mall.dice.set(Faults())
    assert ids([*stored, *source.pull("orders", stored[-1].next_cursor)]) == ALL_IDS


def test_an_expired_cursor_starts_again_a_day_before_the_newest_time_seen(fakes, source):
    store.put(fakes.mall_path, "orders", [order(1, updated_at="2026-01-01T00:00:00Z"), order(2)])
    last = list(source.pull("orders", None))[-1].next_cursor
    store.put(fakes.mall_path, "orders", [order(3, updated_at="2026-11-01T09:00:00Z")])
    fakes.mall.cursors_expire()
    pages = list(source.pull("orders", last))
    assert ids(pages) == ["M000002", "M000003"]
    assert list(source.pull("orders", pages[-1].next_cursor)) == []


def test_a_mall_that_is_down_is_unavailable(fakes, source, waits):
    fakes.stop()
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        list(source.pull("orders", None))


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("client_secret", "wrong", "client_id and client_secret"),
        ("base_url", "not an address", "base_url"),
        ("base_url", "ftp://127.0.0.1/", "base_url"),
        ("base_url", "{}/wrong/path", "base_url"),
    ],
)
def test_wrong_settings_are_named(fakes, now, setting, value, named):
    settings = {**fakes.settings["mall"]}
    settings[setting] = value.format(settings["base_url"])
    with pytest.raises(SourceMisconfigured, match=named):
        list(MallSource(**settings, clock=lambda: now).pull("orders", None))


def test_a_signed_webhook_is_a_page_of_its_stream(fakes, source, now):
    headers, body = fake.webhook(fakes.settings["mall"]["webhook_secret"], "order.paid", order(7), now=now.timestamp())
    page = source.receive("orders", {name.upper(): value for name, value in headers.items()}, body)
    assert (page.stream, page.row_count, page.next_cursor) == ("orders", 1, {})
    assert json.loads(page.content) == [order(7)]
    assert source.receive("orders", headers, body).idempotency_key == page.idempotency_key


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_an_old_or_early_webhook_is_refused(fakes, source, now, late):
    secret = fakes.settings["mall"]["webhook_secret"]
    headers, body = fake.webhook(secret, "order.paid", order(7), now=(now - late).timestamp())
    with pytest.raises(PermissionError, match="5 minutes"):
        source.receive("orders", headers, body)


def test_a_webhook_with_another_body_or_secret_or_none_is_refused(fakes, source, now):
    secret = fakes.settings["mall"]["webhook_secret"]
    headers, body = fake.webhook(secret, "order.paid", order(7), now=now.timestamp())
    other, _ = fake.webhook("another secret", "order.paid", order(7), now=now.timestamp())
    for given, sent in ((headers, body + b" "), (other, body)):
        with pytest.raises(PermissionError, match="signature"):
            source.receive("orders", given, sent)
    with pytest.raises(PermissionError, match="timestamp"):
        source.receive("orders", {}, body)


def test_an_event_of_another_stream_is_refused(fakes, source, now):
    secret = fakes.settings["mall"]["webhook_secret"]
    headers, body = fake.webhook(secret, "customer.updated", {"id": "MC1"}, now=now.timestamp())
    with pytest.raises(ValueError, match=r"customer\.updated"):
        source.receive("orders", headers, body)
