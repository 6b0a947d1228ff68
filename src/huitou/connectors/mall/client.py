"""The mall as a Source: a change feed behind an opaque cursor, and signed webhooks. Protocol: README.md beside this file."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from huitou.connectors.definition import Clock, Connector, Setting
from huitou.connectors.http import Rejected, RestClient, RetryPolicy
from huitou.connectors.pages import json_page
from huitou.connectors.protocol import Cursor, RawPage, SourceMisconfigured, SourceUnavailable, Stream
from huitou.connectors.webhooks import signature_check

CODE = "mall"
PAGE_ROWS = 500
EXPIRED_CURSOR_OVERLAP = timedelta(days=1)
_STALLS_ALLOWED = 5  # answers in a row that do not move the cursor: a repeated page now and then is normal

STREAMS: tuple[Stream, ...] = (
    Stream("stores", "门店", ("store",), ("id", "name", "region", "updated_at")),
    Stream("products", "商品", ("product",), ("id", "title", "categories", "updated_at")),
    Stream("customers", "会员", ("customer",), ("id", "updated_at")),
    Stream("orders", "订单", ("order",), ("id", "store_id", "status", "payment", "items", "refunds", "updated_at")),
    Stream("enquiries", "咨询", ("event",), ("id", "created_at")),
    Stream("messages", "触达", ("event",), ("id", "customer_id", "channel", "sent_at")),
)

STREAM_OF_EVENT = {"order.paid": "orders", "order.refunded": "orders", "customer.updated": "customers"}


class MallSource:
    """One online mall. The cursor: {"cursor": the mall's, "updated_after": newest time seen, for when the mall's expires}."""

    code = CODE
    title = "线上商城"
    streams = STREAMS

    def __init__(
        self,
        *,
        base_url: str,
        client_id: str,
        client_secret: str,
        webhook_secret: str,
        clock: Clock,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._api = RestClient(source=CODE, base_url=base_url, clock=clock, retry=retry)
        self._client_id = client_id
        self._client_secret = client_secret
        self._webhook_secret = webhook_secret
        self._clock = clock
        self._token: str | None = None

    def pull(self, stream: str, cursor: Cursor | None) -> Iterator[RawPage]:
        """Fetch the feed after the cursor; see Source.pull."""
        position = dict(cursor or {})
        stalls = 0
        while True:
            answer = self._feed(stream, position)
            items, reached = answer["items"], answer["next_cursor"]
            stalls = stalls + 1 if reached == position.get("cursor") else 0
            newest = max((str(item.get("updated_at", "")) for item in items), default="")
            position = {"cursor": reached, "updated_after": max(newest, position.get("updated_after", ""))}
            if items:
                yield json_page(stream, f"{stream} to {newest or '?'} ({len(items)} rows)", items, next_cursor=position)
            if not answer["has_more"]:
                return
            if stalls >= _STALLS_ALLOWED:
                raise SourceUnavailable(f"{CODE}: the feed of {stream} says it has more but its cursor does not move")

    def receive(self, stream: str, headers: Mapping[str, str], body: bytes) -> RawPage:
        """
        Take a webhook; its event decides the stream. Raises PermissionError (signature) or ValueError (no such event).

        headers: names in any case.
        """
        given = {name.lower(): value for name, value in headers.items()}
        signature_check(
            self._webhook_secret,
            timestamp=given.get("x-mall-timestamp", ""),
            given=given.get("x-mall-signature", "").removeprefix("sha256="),
            body=body,
            now=self._clock(),
        )
        message = json.loads(body)
        event = str(message.get("event")) if isinstance(message, dict) else ""
        if STREAM_OF_EVENT.get(event) != stream or not isinstance(message.get("data"), dict):
            raise ValueError(f"{CODE}: {event!r} is no event of the stream {stream}")
        return json_page(stream, f"webhook {event} {message.get('delivery_id', '')}", [message["data"]], next_cursor={})

    def _feed(self, stream: str, position: Mapping[str, Any]) -> dict[str, Any]:
        """Return one checked answer of the feed; an expired cursor starts again a day before the newest time seen."""
        path = f"/v1/{stream}"
        query: dict[str, str | int] = {"limit": PAGE_ROWS}
        if position.get("cursor"):
            query["cursor"] = position["cursor"]
        try:
            answer = self._authorised(path, query)
        except Rejected as error:
            if error.status != 410:
                raise SourceMisconfigured(f"{CODE}: {error}: check the setting base_url and the rights of client_id") from error
            answer = self._after_expiry(path, position.get("updated_after", ""))
        if not isinstance(answer.get("items"), list) or not isinstance(answer.get("next_cursor"), str):
            raise SourceUnavailable(f"{CODE}: {path} answers without items or next_cursor")
        return {**answer, "has_more": bool(answer.get("has_more"))}

    def _after_expiry(self, path: str, updated_after: str) -> dict[str, Any]:
        query: dict[str, str | int] = {"limit": PAGE_ROWS}
        if updated_after:
            start = datetime.fromisoformat(updated_after) - EXPIRED_CURSOR_OVERLAP
            query["updated_after"] = start.strftime("%Y-%m-%dT%H:%M:%SZ")
        try:
            return self._authorised(path, query)
        except Rejected as error:
            raise SourceUnavailable(f"{CODE}: {error} also without a cursor") from error

    def _authorised(self, path: str, query: Mapping[str, str | int]) -> dict[str, Any]:
        """Call with the token; a token that has ended is renewed once. Raises Rejected on any other refusal."""
        if self._token is not None:
            try:
                return self._api.call("GET", path, query=query, headers={"Authorization": f"Bearer {self._token}"})
            except Rejected as error:
                if error.status != 401:
                    raise
        self._token = self._new_token()
        return self._api.call("GET", path, query=query, headers={"Authorization": f"Bearer {self._token}"})

    def _new_token(self) -> str:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        try:
            answer = self._api.call("POST", "/oauth/token", form=form)
        except Rejected as error:
            if error.status in (400, 401, 403):
                raise SourceMisconfigured(
                    f"{CODE}: the mall refuses the settings client_id and client_secret ({error}): "
                    "enter the pair of this shop's API client"
                ) from error
            raise SourceMisconfigured(f"{CODE}: setting base_url: {error}: is this the address of the mall's API?") from error
        if not isinstance(answer.get("access_token"), str):
            raise SourceUnavailable(f"{CODE}: /oauth/token answers without access_token")
        return str(answer["access_token"])


def _create(settings: Mapping[str, str], clock: Clock) -> MallSource:
    return MallSource(
        base_url=settings["base_url"],
        client_id=settings["client_id"],
        client_secret=settings["client_secret"],
        webhook_secret=settings["webhook_secret"],
        clock=clock,
    )


CONNECTOR = Connector(
    CODE,
    MallSource.title,
    (
        Setting("base_url", "接口地址"),
        Setting("client_id", "客户端编号"),
        Setting("client_secret", "客户端密钥", is_secret=True),
        Setting("webhook_secret", "回调签名密钥", is_secret=True),
    ),
    _create,
)
