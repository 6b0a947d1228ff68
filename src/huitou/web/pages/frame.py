"""The parts of the frame that are fetched when they are opened: the palette's answers and the bell's list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.web.notices import notices
from huitou.web.palette import LONGEST_TERM, palette_found


@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Answer a palette's text with what it names. A POST: personal values never stand in an address."""
    term = request.POST.get("term", "").strip()[:LONGEST_TERM]
    return render(request, "frame/found.html", {"groups": palette_found(request_viewer(request), term), "term": term})


@require_GET
def bell(request: HttpRequest) -> HttpResponse:
    """List what needs a look, as a part of the page."""
    return render(request, "frame/notices.html", {"notices": notices(request_viewer(request), utc_now())})
