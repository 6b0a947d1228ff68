"""What the count of a list is made of: a part of the list's page that comes after its rows."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.core.filters.tree import All
from huitou.web import formats
from huitou.web.lists.spec import ListParts, Part
from huitou.web.lists.state import AddressRefused, ListState, number_read, state_read, with_part
from huitou.web.pages.lists import list_context


@dataclass(frozen=True, slots=True)
class PartLink:
    part: Part
    url: str


@require_GET
def parts(request: HttpRequest, noun: str) -> HttpResponse:
    """Return the parts as a piece of the page; nothing where there is nothing to tell, or where the filter cannot be asked."""
    context = list_context(request, noun)
    if context.spec.parts is None:
        raise Http404(f"the list of {noun} has no parts")
    try:
        state, asked = state_read(context, request.GET)
    except AddressRefused:
        return HttpResponse(status=204)  # the list itself says what it cannot read
    found = context.spec.parts(context.viewer, asked, number_read(request.GET, "count"))
    if found is None or not found.parts:
        return HttpResponse(status=204)
    share = _share(found) if state.filters != All() else None  # everybody is all of everybody
    told = {"share": share, "links": [PartLink(part, _url(state, part)) for part in found.parts], "found": found}
    return render(request, "lists/parts.html", told)


def _url(state: ListState, part: Part) -> str:
    return "" if part.condition is None else state.url(filters=with_part(state.filters, part.condition))


def _share(found: ListParts) -> dict[str, str] | None:
    """Return the share of all members that stand in the list, with what it was divided from; None without any member."""
    if not found.whole.value:
        return None
    inside = min(found.inside, found.whole.value)  # both may be estimates
    told = {"inside": formats.count_text(inside), "whole": formats.count_text(found.whole.value)}
    text = formats.percent_text(inside / found.whole.value)
    if found.count.is_exact and found.whole.is_exact:
        return {"text": text, "title": _("符合条件的会员 %(inside)s ÷ 全部会员 %(whole)s") % told, "about": ""}
    return {"text": text, "title": _("符合条件的会员约 %(inside)s ÷ 全部会员约 %(whole)s") % told, "about": _("约")}
