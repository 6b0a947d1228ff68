"""The desk's side of the protocol in README.md, served from a feed store, with the faults of a real one."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

from huitou.connectors.aftersales.fake_store import RESOURCES
from huitou.connectors.fake_http import FaultDice, Faults, Request, Response, json_response
from huitou.connectors.feed_store import feed_open, json_list
from huitou.connectors.webhooks import signature

PAGE_ROWS_MAX = 500


class FakeAftersales:
    """Answers calls; `dice` decides the faults."""

    def __init__(self, path: Path, *, api_key: str, faults: Faults) -> None:
        self._path = path
        self._api_key = api_key
        self.dice = FaultDice(faults)

    def answer(self, request: Request) -> Response:
        """Answer one call."""
        if refusal := self.dice.refusal():
            return refusal
        resource = request.path.removeprefix("/api/")
        if request.method != "GET" or request.path == resource or resource not in RESOURCES:
            return json_response(404, {"error": "not_found"})
        if request.headers.get("x-api-key") != self._api_key:
            return json_response(401, {"error": "invalid_key"})
        try:
            page, rows = int(request.query.get("page", 1)), int(request.query.get("per_page", PAGE_ROWS_MAX))
        except ValueError:
            return json_response(400, {"error": "invalid_request"})
        return self._page(resource, request.query.get("updated_since", ""), max(1, page), max(1, min(rows, PAGE_ROWS_MAX)))

    def _page(self, resource: str, since: str, page: int, rows: int) -> Response:
        with closing(feed_open(self._path)) as store:
            (total,) = store.execute(f"select count(*) from {resource} where updated_at >= ?", (since,)).fetchone()  # noqa: S608
            found = store.execute(
                f"select payload from {resource} where updated_at >= ? order by updated_at, id limit ? offset ?",  # noqa: S608
                (since, rows, (page - 1) * rows),
            ).fetchall()
        items = json_list(payload for (payload,) in found)
        pages = -(-total // rows)
        return Response(200, f'{{"data":{items},"page":{page},"pages":{pages},"total":{total}}}'.encode())


def webhook(secret: str, message: dict[str, Any], *, now: float) -> tuple[dict[str, str], bytes]:
    """Return headers and body of a signed webhook sent at a Unix time."""
    body = json.dumps(message, ensure_ascii=False).encode()
    return {
        "Content-Type": "application/json",
        "X-Desk-Signature": f"t={int(now)},v1={signature(secret, int(now), body)}",
    }, body
