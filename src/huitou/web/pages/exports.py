"""Exports of values in clear: one person asks, another decides, and there is a day to take the file. Masked lists need nobody."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import request_viewer, signed_in, users_all, viewer_for
from huitou.apps.attributes.queries import sensitive_in_clear, sensitive_offered
from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import LARGEST_PAGE, Asked, Cursor, cursor_read, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_in_clear
from huitou.apps.customers.queries.listing import person_count, person_page, person_sorts
from huitou.apps.customers.rules import PERSONAL_FIELDS
from huitou.apps.privacy.models import ExportRequest, ExportState
from huitou.apps.privacy.outreach import MARKETING, kept_out
from huitou.apps.privacy.queries import exports_of
from huitou.apps.privacy.services import CAMPAIGN, ExportRefused, access_record, export_ask, export_decide, export_take, watermark
from huitou.core.filters.json_form import FilterError, salvage
from huitou.core.filters.tree import EVERYTHING, Node
from huitou.core.filters.url_form import from_url, to_url, tree_of_url
from huitou.core.periods import business_date
from huitou.web.csv_lines import BOM, csv_line
from huitou.web.lazy import LazyText
from huitou.web.lists.customers import published_as_of
from huitou.web.lists.refusals import sentences
from huitou.web.lists.registry import LISTS
from huitou.web.lists.state import ListContext, Refused, flat
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

PURPOSE_WORDS: Mapping[str, LazyText] = {
    "service": gettext_lazy("服务顾客"),
    "campaign": gettext_lazy("营销活动"),
    "authority": gettext_lazy("监管要求"),
    "partner": gettext_lazy("交给受托方"),
}
STATE_WORDS: Mapping[str, tuple[LazyText, str]] = {
    ExportState.ASKED: (gettext_lazy("待批准"), "info"),
    ExportState.APPROVED: (gettext_lazy("已批准"), "good"),
    ExportState.REFUSED: (gettext_lazy("未批准"), "bad"),
}
EXPIRED = (gettext_lazy("已过期"), "outline")


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One request as the page shows it."""

    one: ExportRequest
    asked_by: str
    decided_by: str
    purpose: LazyText
    state: LazyText
    kind: str
    may_decide: bool
    may_take: bool


@require_GET
def export_list(request: HttpRequest) -> HttpResponse:
    """List the own requests, and for who may decide, everybody's."""
    return _list(request)


@require_http_methods(["GET", "POST"])
def export_new(request: HttpRequest) -> HttpResponse:
    """Ask for the values in clear of the customers that a filter of the list matches."""
    viewer = request_viewer(request)
    text = (request.POST if request.method == "POST" else request.GET).get("f", "")
    try:
        rows, is_exact = _matching(viewer, text)
    except FilterError:
        return _unreadable(request, viewer, text)
    refusal = ""
    sensitive = sensitive_offered(viewer, today=business_date(utc_now()))
    if request.method == "POST":
        try:
            export_ask(
                by=viewer.user_id, purpose_code=request.POST.get("purpose", ""), filters=text,
                fields=request.POST.getlist("fields"), row_count=rows, now=utc_now(),
                also_offered=list(sensitive),
            )  # fmt: skip
        except ExportRefused as error:
            refusal = said(error)
        else:
            toast(request, _("已申请；另一位有权的人批准后，24 小时内可以下载"))
            return redirect("exports:list")
    context = {
        "f": text,
        "rows": rows,
        "is_exact": is_exact,
        "fields": PERSONAL_FIELDS,
        "sensitive": sensitive,
        "purposes": PURPOSE_WORDS,
        "refusal": refusal,
    }
    return render(request, "exports/new.html", context, status=422 if refusal else 200)


@require_POST
def decide(request: HttpRequest, export_id: int) -> HttpResponse:
    """Approve or refuse somebody else's request."""
    approve = request.POST.get("approve") == "1"
    try:
        export_decide(export_id=export_id, by=signed_in(request).pk, approve=approve, now=utc_now())
    except ExportRequest.DoesNotExist as error:
        raise Http404(f"no export {export_id}") from error
    except ExportRefused as error:
        return _list(request, refusal=said(error), status=422)
    toast(request, _("已批准") if approve else _("未批准"))
    return redirect("exports:list")


@require_POST
def take(request: HttpRequest, export_id: int) -> HttpResponseBase:
    """Hand the file to who asked for it; every row carries a mark that leads back to this export."""
    user = signed_in(request)
    try:
        one = export_take(export_id=export_id, by=user.pk, now=utc_now())
    except ExportRefused as error:
        return _list(request, refusal=said(error), status=422)
    rows = export_lines(one, user, published_as_of(), utc_now())
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="export-{one.pk}.csv"'
    return response


def export_lines(one: ExportRequest, user: User, as_of: date, now: datetime) -> Iterator[bytes]:
    """
    Yield the file: whose it is, the rows within the reach of who asked, and at the end how many there are. What was asked for
    is read when it is taken: who is out of reach or erased by then is not in it, nobody who is kept out of marketing is in one
    for a campaign, and a sensitive attribute is filled of those alone who grant its purpose at that moment.
    """
    viewer = viewer_for(user)
    catalogue = customer_catalogue(viewer)
    filters = from_url(one.filters, catalogue)
    yield BOM
    title = _("导出")
    yield csv_line([f"# {title} E{one.pk}", user.username, now.isoformat(timespec="seconds"), one.purpose_code])
    yield csv_line(["id", *one.fields, "watermark"])
    order = sort_read("id", person_sorts(viewer))
    cursor: Cursor | None = None
    written = left_out = 0
    while True:
        page = person_page(viewer, Asked(catalogue, order, as_of, filters, cursor, limit=LARGEST_PAGE))
        found = [row.row_id for row in page.rows]
        out = kept_out(MARKETING, today=business_date(now), person_ids=found) if one.purpose_code == CAMPAIGN else set()
        ids = [person_id for person_id in found if person_id not in out]
        left_out += len(out)
        if ids:
            access_record(user_id=user.pk, route_code="exports:take", person_ids=set(ids), now=utc_now())
        clear = persons_in_clear(viewer, ids, one.fields)
        sensitive = sensitive_in_clear(viewer, ids, one.fields, today=business_date(now))
        for person_id in ids:
            told = clear.get(person_id, {}) | sensitive.get(person_id, {})
            yield csv_line([person_id, *(told.get(name, "") for name in one.fields), watermark(one.pk, person_id)])
        written += len(ids)
        if page.next_cursor is None or not found:
            break
        cursor = cursor_read(page.next_cursor, order.column)
    yield csv_line([f"# {written} rows", *([f"{left_out} kept out of marketing"] if left_out else [])])


def _unreadable(request: HttpRequest, viewer: Viewer, text: str) -> HttpResponse:
    """Say what of the filter cannot be asked (any more), beside the way on with the rest of it."""
    context = ListContext(LISTS[Noun.CUSTOMER], viewer)
    filters: Node = EVERYTHING
    refused = Refused("", is_unreadable=True)
    with suppress(FilterError):
        filters, lost = salvage(tree_of_url(text, context.catalogue), context.catalogue)
        refused = Refused("", lost=lost, is_unreadable=not lost)
    rest = to_url(flat(filters))
    refused = replace(refused, rest=f"{reverse('exports:new')}?{urlencode({'f': rest})}" if rest else reverse("exports:new"))
    told = {"spec": context.spec, "refused": refused, "sentences": sentences(refused, context)}
    return render(request, "lists/refused.html", told, status=400)


def _matching(viewer: Viewer, text: str) -> tuple[int, bool]:
    """Return how many customers a filter matches, and whether that is exact. Raises FilterError."""
    catalogue = customer_catalogue(viewer)
    filters = from_url(text, catalogue)
    order = sort_read("id", person_sorts(viewer))
    found = person_count(viewer, Asked(catalogue, order, published_as_of(), filters))
    return found.value, found.is_exact


def _list(request: HttpRequest, *, refusal: str = "", status: int = 200) -> HttpResponse:
    user = signed_in(request)
    may_decide = may_open("exports:decide", user.role_code)
    names = {one.pk: one.display_name or one.username for one in users_all()}
    now = utc_now()
    lines = [_line(one, user.pk, may_decide, names, now) for one in exports_of(user.pk, all_of=may_decide)]
    return render(request, "exports/list.html", {"lines": lines, "refusal": refusal}, status=status)


def _line(one: ExportRequest, user_id: int, may_decide: bool, names: Mapping[int, str], now: datetime) -> ExportLine:
    is_over = one.expires_at is not None and one.expires_at <= now
    state, kind = EXPIRED if is_over else STATE_WORDS[one.state]
    return ExportLine(
        one=one,
        asked_by=names.get(one.asked_by, str(one.asked_by)),
        decided_by=names.get(one.decided_by or 0, ""),
        purpose=PURPOSE_WORDS[one.purpose_code],
        state=state,
        kind=kind,
        may_decide=may_decide and one.state == ExportState.ASKED and one.asked_by != user_id,
        may_take=one.asked_by == user_id and one.state == ExportState.APPROVED and not is_over,
    )
