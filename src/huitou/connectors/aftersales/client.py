"""The service desk as a Source: numbered pages ordered by time, and signed webhooks. Protocol: README.md beside this file."""

import json
from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Any

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.http import Rejected, RestClient, RetryPolicy
from huitou.connectors.pages import json_page
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, SourceUnavailable, Stream
from huitou.connectors.webhooks import signature_check

CODE = "aftersales"
PAGE_ROWS = 500

STREAMS: tuple[Stream, ...] = (
    Stream("tickets", "工单", ("customer", "ticket"), ("id", "contact", "category", "status", "created_at", "updated_at")),
    Stream("events", "工单状态", ("ticket_status",), ("id", "ticket_id", "status", "occurred_at")),
)

_STAMP = {"tickets": "updated_at", "events": "recorded_at"}
_STREAM_OF_TYPE = {"ticket.updated": ("tickets", "ticket"), "ticket.status": ("events", "event")}


class AftersalesSource:
    """
    One service desk.

    Numbered pages shift when a ticket changes between two calls, and a row would be skipped. So every call asks for the
    first page from the newest time seen on; further pages are asked only while all rows share one time. The cursor is
    {"since": that time, "page": number, "seen": digests of the rows already delivered with that time}.
    """

    code = CODE
    title = "售后客服"
    streams = STREAMS

    def __init__(
        self, *, base_url: str, api_key: str, webhook_secret: str, clock: Clock, retry: RetryPolicy | None = None
    ) -> None:
        self._api = RestClient(source=CODE, base_url=base_url, clock=clock, retry=retry)
        self._api_key = api_key
        self._webhook_secret = webhook_secret
        self._clock = clock

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch what changed from the cursor on, no row twice. See Source.pull."""
        stamp = _STAMP[stream]
        position: dict[str, Any] = dict(cursor or {"since": "", "page": 1, "seen": []})
        while True:
            answer = self._page(stream, position)
            items = answer["data"]
            seen = set(position["seen"])
            fresh = [item for item in items if _digest(item) not in seen]
            position = _advance(position, items, stamp)
            if fresh:
                name = f"{stream} to {fresh[-1].get(stamp)} ({len(fresh)} rows)"
                yield json_page(stream, name, fresh, next_cursor=_resting(position))
            if answer["page"] >= answer["pages"]:
                return

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """
        Take a webhook; its type decides the stream. Raises PermissionError (signature) or ValueError (no such type).

        headers: names in any case.
        """
        given = {name.lower(): value for name, value in headers.items()}
        parts = dict(part.split("=", 1) for part in given.get("x-desk-signature", "").split(",") if "=" in part)
        signature_check(
            self._webhook_secret, timestamp=parts.get("t", ""), given=parts.get("v1", ""), body=body, now=self._clock()
        )
        message = json.loads(body)
        kind = str(message.get("type")) if isinstance(message, dict) else ""
        of_stream, field = _STREAM_OF_TYPE.get(kind, ("", ""))
        if of_stream != stream or not isinstance(message.get(field), dict):
            raise ValueError(f"{CODE}: {kind!r} is no message of the stream {stream}")
        return json_page(stream, f"webhook {kind} {message[field].get('id', '')}", [message[field]], next_cursor={})

    def _page(self, stream: str, position: Mapping[str, Any]) -> dict[str, Any]:
        path = f"/api/{stream}"
        query: dict[str, str | int] = {"page": position["page"], "per_page": PAGE_ROWS}
        if position["since"]:
            query["updated_since"] = position["since"]
        try:
            answer = self._api.call("GET", path, query=query, headers={"X-Api-Key": self._api_key})
        except Rejected as error:
            if error.status in (401, 403):
                raise SourceMisconfigured(f"{CODE}: the desk refuses the setting api_key ({error}): enter a valid key") from error
            raise SourceMisconfigured(f"{CODE}: setting base_url: {error}: is this the address of the desk's API?") from error
        if not isinstance(answer.get("data"), list) or not all(isinstance(answer.get(k), int) for k in ("page", "pages")):
            raise SourceUnavailable(f"{CODE}: {path} answers without data, page or pages")
        return answer


def _advance(position: Mapping[str, Any], items: list[Mapping[str, Any]], stamp: str) -> dict[str, Any]:
    """Return where the next call goes on after these items, which are in time order."""
    since = position["since"]
    newest = max((str(item.get(stamp) or "") for item in items), default=since)
    at_newest = [_digest(item) for item in items if item.get(stamp) == newest]
    if newest > since:
        return {"since": newest, "page": 1, "seen": at_newest}
    return {"since": since, "page": position["page"] + 1, "seen": sorted({*position["seen"], *at_newest})}


def _digest(item: Mapping[str, Any]) -> str:
    return blake2b(json.dumps(item, sort_keys=True).encode(), digest_size=8).hexdigest()


def _resting(position: Mapping[str, Any]) -> dict[str, Any]:
    """Return the position as a cursor to store: a later pull starts at the first page of its time again."""
    return {**position, "page": 1}


def _create(settings: Mapping[str, str], clock: Clock) -> AftersalesSource:
    return AftersalesSource(
        base_url=settings["base_url"],
        api_key=settings["api_key"],
        webhook_secret=settings["webhook_secret"],
        clock=clock,
    )


CONNECTOR = Connector(
    CODE,
    AftersalesSource.title,
    (
        Setting("base_url", "接口地址"),
        Setting("api_key", "接口密钥", is_secret=True),
        Setting("webhook_secret", "回调签名密钥", is_secret=True),
    ),
    _create,
)
