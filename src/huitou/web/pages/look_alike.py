"""The page of look-alikes: search for customers like a segment, see how well that can be told, keep the likest as a segment."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.segments import queries
from huitou.apps.segments.models import LookAlike
from huitou.apps.segments.services import LookAlikeNotAsked, NameTaken, SizeOutOfRange, look_alike_ask, look_alike_keep
from huitou.core.value.look_alike import LEAST_AUC, LEAST_SEEDS, SURE_AUC
from huitou.web import words_tag
from huitou.web.lazy import LazyText
from huitou.web.toasts import toast

SUGGESTED_SIZE = 1_000
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One search: what came of it in words, and what to offer for keeping."""

    row: LookAlike
    why: LazyText
    is_too_sure: bool
    size: int
    name: str


@require_GET
def look_alikes(request: HttpRequest) -> HttpResponse:
    """Show the searches, newest first, and the form for another."""
    lines = [_line(row) for row in queries.look_alikes()]
    context = {
        "lines": lines,
        "segments": queries.segments().filter(refresh_id__isnull=False),
        "least": LEAST_SEEDS,
        "auc": LEAST_AUC,
    }
    return render(request, "segments/look_alike.html", context)


@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Plan a search."""
    number = request.POST.get("segment", "")
    segment = queries.segment_of(int(number)) if number.isdecimal() and len(number) < 19 else None
    if segment is None:
        raise Http404
    try:
        look_alike_ask(viewer=request_viewer(request), segment=segment, now=utc_now())
        toast(request, _("已排入后台，算完显示在下面。"))
    except LookAlikeNotAsked:
        toast(request, _("这个人群还没有算过人数，稍后再试。"))
    return redirect("look_alike:list")


@require_POST
def keep(request: HttpRequest, look_alike_id: int) -> HttpResponse:
    """Keep the likest as a segment."""
    row = queries.look_alike_of(look_alike_id)
    if row is None:
        raise Http404
    size, name = request.POST.get("size", "").strip(), request.POST.get("name", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        toast(request, _("给人群起个名字，60 个字以内。"))
        return redirect("look_alike:list")
    try:
        segment = look_alike_keep(
            viewer=request_viewer(request), look_alike=row, name=name, now=utc_now(),
            size=int(size) if size.isdecimal() and len(size) < 9 else 0,
        )  # fmt: skip
    except SizeOutOfRange:
        toast(request, _("人数填 1 至 {most}。").format(most=row.kept))
        return redirect("look_alike:list")
    except NameTaken:
        toast(request, _("已经有同名的人群。"))
        return redirect("look_alike:list")
    toast(request, _("「{name}」已存为人群。").format(name=segment.name))
    return redirect("segments:segment", segment_id=segment.pk)


def _line(row: LookAlike) -> Line:
    name = _("像「{name}」的人").format(name=row.segment.name)[:LONGEST_NAME]
    return Line(
        row=row,
        why=words_tag.LOOK_ALIKE_REFUSALS.get(row.refusal, ""),
        is_too_sure=row.auc is not None and row.auc > SURE_AUC,
        size=min(SUGGESTED_SIZE, row.kept),
        name=name,
    )
