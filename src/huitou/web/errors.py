"""Pages for what went wrong: each says what failed, what was kept and whom to ask."""

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A page that is not there, or that the viewer may not know of: both look the same."""
    return render(request, "404.html", status=404)


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An action that the person's role or reach does not cover."""
    return render(request, "403.html", {"reason": str(exception)}, status=403)


def failed(request: HttpRequest) -> HttpResponse:
    """An error of ours; the id on the page is the one in the log. Reads no database: that may be what failed."""
    error_id = secrets.token_hex(3).upper()
    log.error("error %s at %s", error_id, request.path, exc_info=True)
    text = loader.get_template("500.html").render({"error_id": error_id})
    return HttpResponse(text, status=500)
