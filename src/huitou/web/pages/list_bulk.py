"""Rows of a list as a file, and something done to many rows at once: those ticked on the page, or all that the filter matches."""

from dataclasses import replace
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huitou.apps.base.audit import audit_record
from huitou.apps.base.clock import utc_now
from huitou.apps.base.listing import LARGEST_PAGE, Asked
from huitou.apps.lists.queries import columns_of
from huitou.core.filters.url_form import to_url
from huitou.web import formats
from huitou.web.lists.export import list_lines, may_take
from huitou.web.lists.refusals import sentences
from huitou.web.lists.spec import BulkRefused
from huitou.web.lists.state import AddressRefused, ListContext, state_read
from huitou.web.pages.lists import back, list_context
from huitou.web.policy import may_open
from huitou.web.toasts import toast, toast_work


@require_POST
def bulk(request: HttpRequest, noun: str) -> HttpResponse:
    """Do the action `do` to the ticked rows, or with `everything` to all that the filter of the page matches now."""
    context = list_context(request, noun)
    do = request.POST.get("do", "")
    found = next(((tool, one) for tool in context.spec.bulk for one in tool.actions if one.code == do), None)
    if found is None:
        raise Http404("no such action")
    tool, action = found
    if not may_open(tool.route, context.viewer.role_code):
        raise PermissionDenied
    try:
        asked = _asked(request, context)
        if action.check is not None:
            action.check(asked.filters)
        row_ids = _picked(context, asked, tool.most)
        done = action.act(context.viewer, row_ids, request.POST.get(f"choice_{tool.code}", ""), utc_now())
    except AddressRefused as error:
        return _refused(request, context, error)
    except BulkRefused as refused:
        messages.error(request, str(refused))
    else:
        if done.work_url:
            toast_work(request, done.text, url=done.work_url)
        else:
            toast(request, done.text, undo_url=done.undo_url)
    return back(request, context)


@require_POST
def export(request: HttpRequest, noun: str) -> HttpResponseBase:
    """Hand out the ticked rows, or all that the filter matches, masked as the list is; who took it is written down."""
    context = list_context(request, noun)
    spec, viewer = context.spec, context.viewer
    if not may_take(spec, viewer.role_code):
        raise PermissionDenied
    try:
        asked = _asked(request, context)
    except AddressRefused as error:
        return _refused(request, context, error)
    shown = context.columns(columns_of(viewer.user_id, spec.noun)) or context.columns(context.default_columns)
    audit_record(
        action_code="lists.export", subject_kind="list", subject_id=spec.noun, now=utc_now(), user_id=viewer.user_id,
        filters=to_url(asked.filters), ticked=None if asked.only is None else len(asked.only),
        columns=[one.field.name for one in shown],
    )  # fmt: skip
    lines = list_lines(context, replace(asked, shown=context.with_ends(shown)))
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{spec.noun}.csv"'
    return response


def _asked(request: HttpRequest, context: ListContext) -> Asked:
    """
    Return what the page that the form stood on asked: all of its filter, or of these the ticked rows, where rows can be ticked.

    Raises AddressRefused.
    """
    _state, asked = state_read(context, QueryDict(urlsplit(request.POST.get("next", "")).query))
    if not context.spec.picks or request.POST.get("everything") == "1":
        return asked
    ticked = sorted({int(text) for text in request.POST.getlist("ids") if text.isdecimal() and text.isascii() and len(text) < 19})
    return replace(asked, only=tuple(ticked[:LARGEST_PAGE]))


def _picked(context: ListContext, asked: Asked, most: int) -> list[int]:
    """Return the ids of what is asked. Raises BulkRefused for none and for more than `most`: never a part in silence."""
    if asked.only is not None:
        row_ids = list(asked.only)
    else:
        row_ids = context.spec.ids(context.viewer, asked, most=most + 1) if context.spec.ids is not None else []
    if not row_ids:
        raise BulkRefused(_("没有选中任何一行。"))
    if len(row_ids) > most:
        shown = formats.count_text(most)
        raise BulkRefused(_("符合条件的超过一次最多的 %(most)s，收窄条件再来；什么都没有做。") % {"most": shown})
    return row_ids


def _refused(request: HttpRequest, context: ListContext, error: AddressRefused) -> HttpResponse:
    told = {"spec": context.spec, "refused": error.refused, "sentences": sentences(error.refused, context)}
    return render(request, "lists/refused.html", told, status=400)
