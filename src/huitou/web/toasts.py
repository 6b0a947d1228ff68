"""Short messages after an action; one of success may carry its undo."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

UNDO = "undo:"


def toast(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Show a success on the next page for 8 seconds. undo_url: an address of ours that takes it back when it is posted to."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")


def toast_now(response: HttpResponse, text: str, *, kind: str = "good", undo_url: str = "") -> HttpResponse:
    """Let an answer to htmx show a toast. kind: good (8 seconds), caution or bad (until closed)."""
    said = {"toast": {"text": text, "kind": kind, "undo_url": undo_url}}
    response["HX-Trigger"] = json.dumps(said)  # ASCII: headers carry nothing else
    return response
