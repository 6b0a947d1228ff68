"""Pages for what went wrong: each says what failed, what was kept and whom to ask."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from huitou.web.going_back import page_before

log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that is not there, or that the viewer may not know of: both look the same."""
    return render(request, "404.html", status=404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An action that the person's role or reach does not cover."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def stale(request: HttpRequest, reason: str = "") -> HttpResponse:
    """
    A form whose token is not the browser's (any more): the person logged in again since in another tab, or the cookies are gone.

    reason: why, in English, for the log alone.
    """
    log.warning("stale form at %s: %s", request.path, reason)
    if request.headers.get("HX-Request") == "true":
        response = HttpResponse(status=403)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "stale.html", {"back_url": page_before(request)}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """An error of ours; the id on the page is the one in the log. Reads no database: that may be what failed."""
    error_id = secrets.token_hex(3).upper()
    log.error("error %s at %s", error_id, request.path, exc_info=True)
    text = loader.get_template("500.html").render({"error_id": error_id})
    return HttpResponse(text, status=500)
