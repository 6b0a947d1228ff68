"""Short messages after an action; one of success may carry its undo."""

import json

from django.contrib import messages
from django.http import HttpRequest, HttpResponse

UNDO = "undo:"
_WORK = "work"  # what is under way for this person: addresses that tell how far it is, by their words


def toast(request: HttpRequest, text: str, *, undo_url: str = "") -> None:
    """Show a success on the next page for 8 seconds. undo_url: an address of ours that takes it back when it is posted to."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo_url}" if undo_url else "")


def toast_now(response: HttpResponse, text: str, *, kind: str = "good", undo_url: str = "") -> HttpResponse:
    """Let an answer to htmx show a toast. kind: good (8 seconds), caution or bad (until closed)."""
    said = {"toast": {"text": text, "kind": kind, "undo_url": undo_url}}
    response["HX-Trigger"] = json.dumps(said)  # ASCII: headers carry nothing else
    return response


def toast_work(request: HttpRequest, text: str, *, url: str) -> None:
    """Show on this and every next page how far a piece of work is, until `work_told`. url: a part of a page with the toast."""
    request.session[_WORK] = works(request) | {url: text}


def works(request: HttpRequest) -> dict[str, str]:
    """Return the words of what is under way for this person, by the address that tells how far it is."""
    under_way: dict[str, str] = request.session.get(_WORK, {})
    return under_way


def work_told(request: HttpRequest, url: str) -> None:
    """Leave a piece of work out of the next pages: its end was told."""
    left = {known: text for known, text in works(request).items() if known != url}
    if left != works(request):
        request.session[_WORK] = left
