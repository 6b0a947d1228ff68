"""A tag for many persons at once: how far it is, its end, going on after a failure, undoing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.value import services
from huitou.apps.value.models import TagChange
from huitou.apps.value.queries import given_tag_names, tag_change, tag_change_stopped, tag_changes
from huitou.web import words, words_tag
from huitou.web.going_back import page_before
from huitou.web.tag_texts import doing_text, done_text, stopped_text, undoing_text, undone_text
from huitou.web.toasts import toast, toast_work, work_told


class Stand(StrEnum):
    """Where a change stands."""

    DOING = "doing"
    STOPPED = "stopped"  # its job failed for good
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change as the dictionary lists it. share: how much of it, or of its undoing, is done."""

    change: TagChange
    tag: str
    author: str
    is_own: bool
    stand: Stand
    share: float


def change_lines(viewer: Viewer, user_names: Mapping[int, str]) -> list[ChangeLine]:
    """Return the newest changes, counts only."""
    tags = given_tag_names()
    return [
        ChangeLine(
            change, tags.get(change.tag_code, change.tag_code), user_names.get(change.author_id, ""),
            change.author_id == viewer.user_id, *_stand(change),
        )
        for change in tag_changes()
    ]  # fmt: skip


@require_GET
def change_part(request: HttpRequest, change_id: int) -> HttpResponse:
    """Return the toast of one's own change: how far it or its undoing is, and at the end what came of it."""
    change = tag_change(request_viewer(request), change_id)
    if change is None:
        raise Http404(f"no change {change_id} of this user")
    stand, share = _stand(change)
    url = reverse("tags:change", args=[change_id])
    told: dict[str, object] = {"kind": "good", "text": _SAID[stand](change)}
    if stand in (Stand.DOING, Stand.UNDOING):
        told |= {"kind": "work", "watch_url": url, "share": share}
    else:
        work_told(request, url)
    if stand is Stand.STOPPED:
        told["kind"] = "bad"
    if stand is Stand.DONE and change.changed:
        told["undo_url"] = reverse("tags:undo", args=[change_id])
    return render(request, "parts/toast.html", told)


@require_POST
def change_resume(request: HttpRequest, change_id: int) -> HttpResponse:
    """Let a change go on whose job failed."""
    try:
        change = services.change_resume(viewer=request_viewer(request), change_id=change_id, now=utc_now())
    except services.TagRefused as refused:
        raise Http404(str(refused)) from refused
    toast_work(request, doing_text(change), url=reverse("tags:change", args=[change_id]))
    return redirect("tags:list")


@require_POST
def change_undo(request: HttpRequest, change_id: int) -> HttpResponse:
    """Undo a change for many persons; who does it from the list of customers stays in that list, as it was filtered."""
    try:
        change = services.tags_undo(viewer=request_viewer(request), change_id=change_id, now=utc_now())
    except services.TagRefused as refused:
        if refused.reason == "not_found":
            raise Http404(f"no change {change_id} of this user") from refused
        messages.error(request, str(words.word(words_tag.TAG_REFUSALS, refused.reason)))
    else:
        if change.undo_ended_at is None:
            toast_work(request, undoing_text(change), url=reverse("tags:change", args=[change_id]))
        else:
            toast(request, undone_text(change))
    before = page_before(request)
    return redirect(before if urlsplit(before).path == reverse("customers:list") else "tags:list")


_SAID = {
    Stand.DOING: doing_text,
    Stand.STOPPED: stopped_text,
    Stand.DONE: done_text,
    Stand.UNDOING: undoing_text,
    Stand.UNDONE: undone_text,
}


def _stand(change: TagChange) -> tuple[Stand, float]:
    if change.undone_at is not None:
        is_through = change.undo_ended_at is not None
        return (Stand.UNDONE, 1.0) if is_through else (Stand.UNDOING, change.undone / max(change.changed, 1))
    if change.ended_at is not None:
        return Stand.DONE, 1.0
    stand = Stand.STOPPED if tag_change_stopped(change) else Stand.DOING
    return stand, (change.asked - change.waiting) / change.asked
