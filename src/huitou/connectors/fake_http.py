"""
A small HTTP server for the fakes of REST systems, and the faults that a real one has.

Only for tests, demos and development: it listens on the address it is given and speaks no TLS.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Faults:
    """
    What goes wrong at a fake. Shares are 0..1 of the calls, drawn with the seed; down_after_calls: from that call on every
    answer is 503 (None: never); token_seconds: how long an access token lives.
    """

    too_many_share: float = 0.0
    retry_after_seconds: int = 1
    error_share: float = 0.0
    repeat_share: float = 0.0
    slow_seconds: float = 0.0
    down_after_calls: int | None = None
    token_seconds: int = 3600
    seed: int = 7

    def __post_init__(self) -> None:
        shares = (self.too_many_share, self.error_share, self.repeat_share)
        if any(not 0 <= share <= 1 for share in shares):
            raise ValueError(f"shares of faults must lie in 0..1, got {shares}")


@dataclass(frozen=True, slots=True)
class Request:
    """One call as a fake sees it; header names are lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """One answer; the body is JSON text."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def json_response(status: int, value: object) -> Response:
    return Response(status, json.dumps(value, ensure_ascii=False).encode())


class FaultDice:
    """Decides, call by call, which fault happens. `faults` may be replaced while the server runs."""

    def __init__(self, faults: Faults) -> None:
        self._lock = threading.Lock()
        self.set(faults)

    def set(self, faults: Faults) -> None:
        """Start anew with these faults: the seed and the count of calls begin again."""
        with self._lock:
            self.faults = faults
            self._random = random.Random(faults.seed)
            self._calls = 0

    def refusal(self) -> Response | None:
        """Return the answer that stands in for the real one, or None when this call goes well. Sleeps when slow."""
        with self._lock:
            faults = self.faults
            self._calls += 1
            calls, drawn = self._calls, self._random.random()
        if faults.slow_seconds:
            time.sleep(faults.slow_seconds)
        if faults.down_after_calls is not None and calls > faults.down_after_calls:
            return json_response(503, {"error": "down"})
        if drawn < faults.too_many_share:
            headers = {"Retry-After": str(faults.retry_after_seconds)}
            return Response(429, b'{"error":"too_many_requests"}', headers)
        if drawn < faults.too_many_share + faults.error_share:
            return json_response(500, {"error": "internal"})
        return None

    def repeats(self) -> bool:
        """Return whether this call is answered with the page before."""
        with self._lock:
            return self._random.random() < self.faults.repeat_share


class RunningServer:
    """A server in a thread of its own; `url` is where it listens."""

    def __init__(self, answer: Callable[[Request], Response], *, host: str, port: int) -> None:
        self._server = _Server((host, port), _handler(answer))
        self.url = f"http://{host}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a client that hung up (a killed pull does); everything else is printed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _handler(answer: Callable[[Request], Response]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # otherwise every small answer waits 40 ms for the other side's acknowledgement

        def _respond(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                method=self.command,
                path=parts.path,
                query=dict(parse_qsl(parts.query)),
                headers={name.lower(): value for name, value in self.headers.items()},
                body=self.rfile.read(length),
            )
            response = answer(request)
            self.send_response(response.status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(response.body)))
            for name, value in response.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(response.body)

        do_GET = _respond  # noqa: N815 - the names that BaseHTTPRequestHandler looks for
        do_POST = _respond  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:
            """Keep the console quiet."""

    return Handler
