"""Where a row stands in the list that somebody came from: the one before, the one after, and how many there are."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.base.listing import Count, ListRow
from huitou.web import formats
from huitou.web.lists.spec import ListSpec
from huitou.web.lists.state import AddressRefused, ListState, number_read, state_read
from huitou.web.pages.lists import list_context


@require_GET
def place(request: HttpRequest, noun: str) -> HttpResponse:
    """Return the neighbours as a part of the row's page; of a list that cannot be asked any more, the way back to its rest."""
    context = list_context(request, noun)
    spec = context.spec
    if spec.place is None:
        raise Http404(f"rows of {noun} have no pages")
    try:
        state, asked = state_read(context, request.GET)
    except AddressRefused as error:
        return render(request, "lists/place.html", {"list_url": error.refused.rest, "is_refused": True})
    if asked.cursor is None:
        return render(request, "lists/place.html", {"list_url": state.url()})
    found = spec.place(context.viewer, asked)
    number = number_read(request.GET)
    told = {
        "where": _where(spec, number if found.is_in else 0, found.count),
        "is_in": found.is_in,
        "previous_url": _row_url(spec, state, found.before, max(0, number - 1)),
        "next_url": _row_url(spec, state, found.after, number + 1 if number else 0),
        "list_url": _list_url(state, found.before, number, spec.page_rows),
    }
    return render(request, "lists/place.html", told)


def _where(spec: ListSpec, number: int, count: Count) -> str:
    """Return "3 of about 412" in the language of the page; number 0: not known, so only how many there are."""
    told = {
        "number": formats.count_text(number),
        "count": formats.count_text(count.value),
        "unit": spec.unit_text(count.value, get_language() or "zh-hans"),
    }
    if number and count.is_exact:
        return _("第 %(number)s 位，共 %(count)s %(unit)s") % told
    if number:
        return _("第 %(number)s 位，共约 %(count)s %(unit)s") % told
    return (_("共 %(count)s %(unit)s") if count.is_exact else _("共约 %(count)s %(unit)s")) % told


def _row_url(spec: ListSpec, state: ListState, row: ListRow | None, number: int) -> str:
    return "" if row is None else state.row_url(reverse(spec.row_route, args=[row.row_id]), row, number)


def _list_url(state: ListState, before: ListRow | None, number: int, page_rows: int) -> str:
    """Return the list from this row on, or its first page where the row stands on it."""
    if before is None or number <= page_rows:
        return state.url()
    return state.url(at=before.cursor(backward=False), n=number - 1)
