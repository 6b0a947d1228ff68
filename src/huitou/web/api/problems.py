"""What goes wrong, as application/problem+json (RFC 9457)."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header
from ninja import Schema
from pydantic import ConfigDict

from huitou.core.labels import Refusal
from huitou.web.words import said

MEDIA_TYPE = "application/problem+json"
LANGUAGE = "en"  # of the API; sentences that the screens show, too, come in the caller's
TITLES = {
    400: "bad request", 401: "no valid key", 403: "not allowed", 404: "not found", 405: "method not allowed", 409: "conflict",
    413: "too large", 415: "unsupported media type", 422: "not acceptable", 429: "too many requests",
}  # fmt: skip


class Problem(Exception):
    """An answer that refuses; `detail` says what and what to do."""

    def __init__(
        self, status: int, detail: str, *, errors: list[dict[str, Any]] | None = None, retry_after: int = 0,
        language: str = LANGUAGE,
    ) -> None:  # fmt: skip
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after
        self.language = language


class ProblemSchema(Schema):
    """The body of every refusal; `errors` lists the places that do not fit."""

    model_config = ConfigDict(title="Problem")
    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, Any]] | None = None


def problem_response(
    status: int, detail: str, *, errors: list[dict[str, Any]] | None = None, retry_after: int = 0, language: str = LANGUAGE
) -> HttpResponse:
    """Return a problem as a response; `language` is that of its detail."""
    body: dict[str, Any] = {"type": "about:blank", "title": TITLES.get(status, "error"), "status": status, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    response = JsonResponse(body, status=status, content_type=MEDIA_TYPE)
    response["Content-Language"] = language
    if retry_after:
        response["Retry-After"] = str(retry_after)
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="huitou"'
    return response


def caller_language(request: HttpRequest) -> str:
    """Return the first language of Accept-Language that Huitou speaks; English where there is none."""
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            break
        try:
            return translation.get_supported_language_variant(code)
        except LookupError:
            continue
    return LANGUAGE


def refused(request: HttpRequest, status: int, error: Refusal, *, errors: list[dict[str, Any]] | None = None) -> Problem:
    """Return a refusal of a service as a problem, its sentence in the caller's language."""
    language = caller_language(request)
    with translation.override(language):
        return Problem(status, said(error), errors=errors, language=language)


def not_found(request: HttpRequest) -> HttpResponse:
    """Answer an address below /api/ that leads nowhere."""
    return problem_response(404, "there is no such address in this API")
