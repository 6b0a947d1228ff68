"""Tasks for many: from the list of values to verify, for those ticked or for everybody listed."""

import secrets

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.listing import LARGEST_PAGE
from huitou.apps.tasks import services
from huitou.apps.tasks.queries import run_is_dead, task_run
from huitou.web.pages.stale import days_asked
from huitou.web.toasts import toast, toast_work, work_told
from huitou.web.words import said
from huitou.web.words_task import doing_text, run_text, stopped_text

LONGEST_KEY = 64


@require_POST
def run_begin(request: HttpRequest) -> HttpResponse:
    """Make tasks; the form's key makes a second click the same run."""
    everybody, ticked = request.POST.get("everything") == "1", _ticked(request)
    back = redirect(f"{reverse('quality:stale')}?days={days_asked(request.POST)}")
    if not everybody and not ticked:
        messages.error(request, _("没有选中任何一行。"))
        return back
    key = request.POST.get("key", "")[:LONGEST_KEY] or secrets.token_urlsafe(16)
    try:
        run = services.run_begin(
            viewer=request_viewer(request), run_key=f"page:{key}", days=days_asked(request.POST), now=utc_now(),
            person_ids=None if everybody else ticked,
        )  # fmt: skip
    except services.TaskRefused as refused:
        messages.error(request, said(refused))
        return back
    if run.ended_at is None:
        toast_work(request, doing_text(run), url=reverse("tasks:run", args=[run.pk]))
    else:
        toast(request, run_text(run))
    return back


@require_GET
def run_part(request: HttpRequest, run_id: int) -> HttpResponse:
    """Return the toast of one's own run: how far it is, and at the end what came of it."""
    run = task_run(request_viewer(request), run_id)
    if run is None:
        raise Http404(f"no run {run_id} of this user")
    url = reverse("tasks:run", args=[run_id])
    if run.ended_at is not None:
        told = {"kind": "good", "text": run_text(run)}
    elif run_is_dead(run):
        told = {"kind": "bad", "text": stopped_text(run)}
    else:
        told = {"kind": "work", "text": doing_text(run), "watch_url": url}
    if told["kind"] != "work":
        work_told(request, url)
    return render(request, "parts/toast.html", told)


def _ticked(request: HttpRequest) -> list[int]:
    """Return the ticked persons of the page, up to as many as a page has."""
    found = {int(text) for text in request.POST.getlist("ids") if text.isdecimal() and text.isascii() and len(text) < 19}
    return sorted(found)[:LARGEST_PAGE]
