"""What each request took: a counter and a clock per route for /metrics, one log line without address or query."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

REQUESTS = Counter("huitou_requests_total", "Answers by route and status", ["route", "status"])
SECONDS = Histogram(
    "huitou_request_seconds", "Seconds to an answer by route", ["route"],
    buckets=(0.01, 0.03, 0.1, 0.3, 1, 3, 10),
)  # fmt: skip
_log = logging.getLogger("huitou.request")
QUIET = frozenset({"healthz", "readyz", "metrics"})


class WatchMiddleware:
    """Outermost: what others refuse is counted, too. Routes by name, so that no id becomes a label."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        match = request.resolver_match
        route = (match.view_name if match else "") or "none"
        REQUESTS.labels(route, response.status_code).inc()
        SECONDS.labels(route).observe(seconds)
        if route not in QUIET:
            user = getattr(request, "user", None)
            _log.info(
                "request",
                extra={
                    "route": route, "method": request.method, "status": response.status_code, "ms": round(seconds * 1000),
                    "user_id": user.pk if user is not None and user.is_authenticated else None,
                },
            )  # fmt: skip
        return response
