"""What goes wrong, as application/problem+json (RFC 9457)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Schema
from pydantic import ConfigDict

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "bad request", 401: "no valid key", 403: "not allowed", 404: "not found", 405: "method not allowed", 409: "conflict",
    413: "too large", 415: "unsupported media type", 422: "not acceptable", 429: "too many requests",
}  # fmt: skip


class Problem(Exception):
    """An answer that refuses; `detail` says what and what to do."""

    def __init__(self, status: int, detail: str, *, errors: list[dict[str, Any]] | None = None, retry_after: int = 0) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after


class ProblemSchema(Schema):
    """The body of every refusal; `errors` lists the places that do not fit."""

    model_config = ConfigDict(title="Problem")
    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None


def problem_response(
    status: int, detail: str, *, errors: list[dict[str, Any]] | None = None, retry_after: int = 0
) -> HttpResponse:
    """Return a problem as a response."""
    body: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "error"), "status": status, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    if retry_after:
        response["Retry-After"] = str(retry_after)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="huitou"'
    return response


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer an address below /api/ that leads nowhere."""
    return problem_response(404, "there is no such address in this API")
