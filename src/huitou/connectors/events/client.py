"""The events API as a Source: it is never pulled, its pages come with the requests. Formats: README.md beside this file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.pages import json_page
from huitou.connectors.protocol import Cursor, RawPage, Stream
from huitou.connectors.webhooks import signature_check

CODE = "events"
STREAM = "events"
LARGEST_BATCH = 1_000
TYPES = frozenset({
    "customer", "order", "line", "refund", "ticket", "view", "search", "add_to_cart", "pay", "review", "community",
    "referral", "group_join", "group_leave",
    "touch", "response",
})  # fmt: skip
STREAMS: tuple[Stream, ...] = (
    Stream(STREAM, "事件", kinds=("event", "order", "customer", "ticket", "identifier"), columns=("type", "id")),
)


class EventsSource:
    """One sender of events. `secret` signs requests of senders that hold no API key."""

    code = CODE
    title = "事件接口"
    streams = STREAMS

    def __init__(self, *, secret: str, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """There is nothing to fetch."""
        return iter(())

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """
        Take a signed request: {"events": [...]}. Raises PermissionError (signature) or ValueError (no list of objects).

        headers: X-Huitou-Timestamp and X-Huitou-Signature, names in any case.
        """
        given = {name.lower(): value for name, value in headers.items()}
        signature_check(
            self._secret,
            timestamp=given.get("x-huitou-timestamp", ""),
            given=given.get("x-huitou-signature", ""),
            body=body,
            now=self._clock(),
        )
        sent = json.loads(body)
        items = sent.get("events") if isinstance(sent, dict) else None
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items) or len(items) > LARGEST_BATCH:
            raise ValueError(f"{CODE}: a request is an object with a list `events` of at most {LARGEST_BATCH} objects")
        unknown = next((item for item in items if item.get("type") not in TYPES or not item.get("id")), None)
        if unknown is not None:
            raise ValueError(f"{CODE}: every event has an id and a type out of {', '.join(sorted(TYPES))}")
        return events_page(items)


def events_page(items: Sequence[Mapping[str, Any]]) -> RawPage:
    """Return checked events as a page."""
    return json_page(STREAM, f"{len(items)} events", items, next_cursor={})


def _create(settings: Mapping[str, str], clock: Clock) -> EventsSource:
    return EventsSource(secret=settings["secret"], clock=clock)


CONNECTOR = Connector(CODE, EventsSource.title, (Setting("secret", "签名密钥", is_secret=True),), _create)
