"""The lists of batches and of refused rows, and one batch: what it brought, and its refused rows as they were received."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.scope import Viewer
from huitou.apps.intake.fields import import_names
from huitou.apps.intake.lists import batch_in_reach, refused_groups
from huitou.apps.intake.models import Batch
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
    """Show what a batch brought by kind, and to those who mend them its refused rows."""
    viewer = request_viewer(request)
    found = batch_in_reach(viewer, batch_id)
    if found is None:
        raise Http404(f"no batch {batch_id}")
    groups = refused_groups(viewer, batch_id)
    context = {
        "kinds": _kinds(found),
        "groups": groups,
        **batch_facts(viewer, found),
        **rows_shown(request, viewer, batch_id, total=sum(one.row_count for one in groups)),
    }
    return render(request, "data/batch.html", context)


def batch_facts(viewer: Viewer, found: Batch) -> dict[str, Any]:
    """Return what pages say of a batch: itself, and the import it came with."""
    return {
        "batch": found,
        "import_name": import_names(viewer).get(found.import_id or 0, ""),
        "may_import": may_open("imports:import", viewer.role_code),
    }


def rows_shown(
    request: HttpRequest, viewer: Viewer, batch_id: int, *, total: int, kind_code: str = "", reason_code: str = ""
) -> dict[str, Any]:
    """
    Return what `data/refused_rows.html` shows: the page asked of a batch's refused rows, for those who may read them.

    total: how many rows there are of the kind and for the reason, where these are given.
    """
    last_page = max(1, -(-total // QUARANTINE_PAGE_ROWS))
    text = request.GET.get("page", "")
    page = min(int(text), last_page) if text.isdecimal() and text.isascii() and 0 < len(text) < 9 and int(text) else 1
    may_read = viewer.role_code in QUARANTINE_ROLES
    rows = []
    if may_read:
        rows = quarantine_rows(viewer=viewer, batch_id=batch_id, page=page, kind_code=kind_code, reason_code=reason_code)
    return {
        "may_read": may_read,
        "rows": rows,
        "total": total,
        "first_row": (page - 1) * QUARANTINE_PAGE_ROWS + 1,
        "previous_url": _page_url(page - 1) if page > 1 else "",
        "next_url": _page_url(page + 1) if page < last_page else "",
    }


def _page_url(page: int) -> str:
    return f"?page={page}#rows"


def _kinds(found: Batch) -> list[KindLine]:
    return [KindLine(code, *(counts.get(name, 0) for name in SUMS)) for code, counts in sorted(found.counts.items())]
