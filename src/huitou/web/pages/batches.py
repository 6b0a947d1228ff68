"""The lists of batches and of refused rows, and one batch: what it brought, and its refused rows as they were received."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.intake.fields import import_names
from huitou.apps.intake.lists import batch_in_reach, refused_groups
from huitou.apps.intake.models import Batch, QuarantineCount
from huitou.apps.intake.queries import QUARANTINE_PAGE_ROWS, QUARANTINE_ROLES, quarantine_rows
from huitou.web.lists.batches import BATCHES, QUARANTINE
from huitou.web.lists.page import list_page
from huitou.web.policy import may_open

SUMS = ("received", "accepted", "merged", "quarantined")


@dataclass(frozen=True, slots=True)
class KindLine:
    """The rows of one kind in a batch, and where they ended: received is the sum of the three others."""

    code: str
    received: int
    accepted: int
    merged: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class GroupOffer:
    """Refused rows of one kind and reason, with the address that shows them alone (or all again)."""

    group: QuarantineCount
    url: str
    is_on: bool


@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """List the batches."""
    return list_page(request, BATCHES)


@require_GET
def quarantine(request: HttpRequest) -> HttpResponse:
    """List the refused rows by batch, kind and reason."""
    return list_page(request, QUARANTINE)


@require_GET
def batch(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Show what a batch brought by kind, and to those who mend them its refused rows, of one kind and reason where asked."""
    viewer = request_viewer(request)
    found = batch_in_reach(viewer, batch_id)
    if found is None:
        raise Http404(f"no batch {batch_id}")
    groups = refused_groups(viewer, batch_id)
    kind, reason = request.GET.get("kind", ""), request.GET.get("reason", "")
    asked = [one for one in groups if (not kind or one.kind_code == kind) and (not reason or one.reason_code == reason)]
    total = sum(one.row_count for one in asked)
    last_page = max(1, -(-total // QUARANTINE_PAGE_ROWS))
    text = request.GET.get("page", "")
    page = min(int(text), last_page) if text.isdecimal() and text.isascii() and 0 < len(text) < 9 and int(text) else 1
    may_read = viewer.role_code in QUARANTINE_ROLES
    rows = quarantine_rows(viewer=viewer, batch_id=batch_id, page=page, kind_code=kind, reason_code=reason) if may_read else []
    own = {"kind": kind, "reason": reason}
    context = {
        "batch": found,
        "kinds": _kinds(found),
        "groups": [_offer(found, one, kind, reason) for one in groups],
        "is_filtered": bool(kind or reason),
        "may_read": may_read,
        "rows": rows,
        "total": total,
        "first_row": (page - 1) * QUARANTINE_PAGE_ROWS + 1,
        "previous_url": _url(found, page=page - 1, **own) if page > 1 else "",
        "next_url": _url(found, page=page + 1, **own) if page < last_page else "",
        "import_name": import_names(viewer).get(found.import_id or 0, ""),
        "may_import": may_open("imports:import", viewer.role_code),
    }
    return render(request, "data/batch.html", context)


def _kinds(found: Batch) -> list[KindLine]:
    return [KindLine(code, *(counts.get(name, 0) for name in SUMS)) for code, counts in sorted(found.counts.items())]


def _offer(found: Batch, group: QuarantineCount, kind: str, reason: str) -> GroupOffer:
    is_on = (kind, reason) == (group.kind_code, group.reason_code)
    url = _url(found) if is_on else _url(found, kind=group.kind_code, reason=group.reason_code)
    return GroupOffer(group, url, is_on)


def _url(found: Batch, *, kind: str = "", reason: str = "", page: int = 1) -> str:
    asked = {name: value for name, value in (("kind", kind), ("reason", reason), ("page", page if page > 1 else "")) if value}
    return f"{reverse('data:batch', args=[found.pk])}{'?' if asked else ''}{urlencode(asked)}#rows"
