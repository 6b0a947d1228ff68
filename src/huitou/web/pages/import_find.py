"""The field of an import's page that answers what became of one customer's rows."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.identity.import_rows import ImportRows, LandedRows, import_rows_found
from huitou.apps.intake.imports import ImportView, RefusedRow, import_view
from huitou.apps.intake.models import ImportState
from huitou.web import formats
from huitou.web.pages.import_lines import RawPart, raw_parts
from huitou.web.policy import may_open

LONGEST_TERM = 100


@dataclass(frozen=True, slots=True)
class FoundRows:
    """Rows that were written, their numbers in words, and the customer's name: None where the viewer may not open that page."""

    rows: LandedRows
    lines: str
    name: str | None


@dataclass(frozen=True, slots=True)
class FoundRefusal:
    """A refused row with its raw text in pieces."""

    row: RefusedRow
    parts: list[RawPart]


@require_POST
def import_find(request: HttpRequest, import_id: int) -> HttpResponse:
    """Answer a card or phone number with the rows it stands in. A POST: personal values never stand in an address."""
    viewer = request_viewer(request)
    view = import_view(viewer, import_id)
    if view is None or view.state not in (ImportState.DONE, ImportState.FAILED):
        raise Http404(f"import {import_id} has no rows to find")
    term = request.POST.get("term", "").replace("\0", "").strip()[:LONGEST_TERM]
    found = import_rows_found(viewer, view, term)
    may_persons = may_open("customers:person", viewer.role_code)
    names = names_in_reach(viewer, [rows.person_id for rows in found.landed if rows.person_id]) if may_persons else {}
    context = {
        "landed": [FoundRows(rows, _numbers(rows), names.get(rows.person_id or 0)) for rows in found.landed],
        "refused": [FoundRefusal(row, raw_parts(row, view)) for row in found.refused],
        "sentence": _sentence(view, term, found),
    }
    return render(request, "imports/found.html", context)


def _numbers(rows: LandedRows) -> str:
    return _("、").join(formats.count_text(line) for line in rows.lines)


def _sentence(view: ImportView, term: str, found: ImportRows) -> str:
    """Return what is to be said beside the rows, or in place of them; empty where the rows say it all."""
    if not term:
        return _("填一个会员卡号或手机号。")
    if found.is_shared:
        return _("这个号码很多客户都有，认不出是哪一位；写入的行不在这里列。")
    if found.landed or found.refused:
        return ""
    if not view.is_applied:
        return _("没有找到。写入的行还在归到客户，约 30 秒后再查。")
    if found.is_known:
        return _("有这位客户，但本次没有写入：文件里没有这一行，或者内容与已有的一致（这样的行不留行号）。")
    return _("这个号码不在写入的行里，也不在隔离的行里。内容与已有一致的行不留行号。")
