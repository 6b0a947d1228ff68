"""The mall's side of the protocol in README.md, served from a feed store, with the faults of a real one."""

import base64
import binascii
import json
import secrets
import threading
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from huitou.connectors.fake_http import FaultDice, Faults, Request, Response, json_response
from huitou.connectors.feed_store import feed_open, json_list
from huitou.connectors.mall.fake_store import RESOURCES
from huitou.connectors.webhooks import signature

PAGE_ROWS_MAX = 500


class FakeMall:
    """Answers calls; `dice` decides the faults."""

    def __init__(self, path: Path, *, client_id: str, client_secret: str, faults: Faults) -> None:
        self._path = path
        self._client = (client_id, client_secret)
        self._tokens: dict[str, float] = {}
        self._last_page: dict[str, Response] = {}
        self._lock = threading.Lock()
        self.dice = FaultDice(faults)
        self._cursor_age = 0  # cursors of an earlier age have expired

    def answer(self, request: Request) -> Response:
        """Answer one call."""
        if refusal := self.dice.refusal():
            return refusal
        if (request.method, request.path) == ("POST", "/oauth/token"):
            return self._token(request)
        resource = request.path.removeprefix("/v1/")
        if request.method != "GET" or request.path == resource or resource not in RESOURCES:
            return json_response(404, {"error": "not_found"})
        if not self._is_authorised(request):
            return json_response(401, {"error": "invalid_token"})
        if resource in self._last_page and self.dice.repeats():
            return self._last_page[resource]
        page = self._page(resource, request)
        if page.status == 200:
            self._last_page[resource] = page
        return page

    def _token(self, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        if (form.get("client_id"), form.get("client_secret")) != self._client:
            return json_response(400, {"error": "invalid_client"})
        token, lifetime = secrets.token_urlsafe(16), self.dice.faults.token_seconds
        with self._lock:
            self._tokens[token] = time.monotonic() + lifetime
        return json_response(200, {"access_token": token, "token_type": "Bearer", "expires_in": lifetime})

    def tokens_revoke(self) -> None:
        """End every token now."""
        with self._lock:
            self._tokens.clear()

    def cursors_expire(self) -> None:
        """Let every cursor handed out until now be refused."""
        with self._lock:
            self._cursor_age += 1

    def _is_authorised(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        with self._lock:
            return self._tokens.get(token, 0.0) > time.monotonic()

    def _page(self, resource: str, request: Request) -> Response:
        try:
            limit = min(int(request.query.get("limit", PAGE_ROWS_MAX)), PAGE_ROWS_MAX)
            age, after, updated_after = _cursor_read(request.query, self._cursor_age)
        except (ValueError, binascii.Error):
            return json_response(400, {"error": "invalid_request"})
        if age < self._cursor_age:
            return json_response(410, {"error": "cursor_expired"})
        with closing(feed_open(self._path)) as store:
            rows = store.execute(
                f"select seq, payload from {resource} where seq > ? and updated_at > ? order by seq limit ?",  # noqa: S608
                (after, updated_after, limit + 1),
            ).fetchall()
        has_more, rows = len(rows) > limit, rows[:limit]
        cursor = _cursor_text(age, rows[-1][0] if rows else after, updated_after)
        items = json_list(payload for _, payload in rows)
        return Response(
            200, f'{{"items":{items},"next_cursor":"{cursor}","has_more":{"true" if has_more else "false"}}}'.encode()
        )


def webhook(secret: str, event: str, data: dict[str, Any], *, now: float) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a signed webhook sent at a Unix time."""
    message = {"event": event, "delivery_id": secrets.token_hex(8), "data": data}
    body = json.dumps(message, ensure_ascii=False).encode()
    return {
        "Content-Type": "application/json",
        "X-Mall-Timestamp": str(int(now)),
        "X-Mall-Signature": f"sha256={signature(secret, int(now), body)}",
    }, body


def _cursor_text(age: int, seq: int, updated_after: str) -> str:
    return base64.urlsafe_b64encode(json.dumps([age, seq, updated_after]).encode()).decode()


def _cursor_read(query: Mapping[str, str], age_now: int) -> tuple[int, int, str]:
    """Return (age, sequence number, updated_after). Raises ValueError on a cursor that is not ours."""
    if not query.get("cursor"):
        return age_now, 0, query.get("updated_after", "")
    age, seq, updated_after = json.loads(base64.urlsafe_b64decode(query["cursor"]))
    return int(age), int(seq), str(updated_after)
