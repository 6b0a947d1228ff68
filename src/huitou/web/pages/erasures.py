"""The privacy page: how long an erasure waits, whose is to come, and whose person is missing."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.customers.queries import person_file
from huitou.apps.privacy import services
from huitou.apps.privacy.erasures import (
    CLOSE_REASONS,
    LONGEST_DELAY_DAYS,
    Missing,
    delay_days,
    erasures_missing,
    erasures_waiting,
)
from huitou.apps.privacy.services import ErasureRefused, PersonNotFound, delay_save
from huitou.apps.products.queries import store_names
from huitou.web.lazy import LazyText
from huitou.web.pages.person_rights import REASON_WORDS
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

CLOSE_WORDS: Mapping[str, LazyText] = {
    "withdrawn": gettext_lazy("本人撤回了申请"),
    "other_request": gettext_lazy("已按另一份申请删除"),
    "not_theirs": gettext_lazy("再来的记录是别人的"),
    "gone": gettext_lazy("来源也删了，不会再来"),
}


@require_GET
def erasures(request: HttpRequest) -> HttpResponse:
    """List who is to be erased and when, with the delay in force."""
    viewer = request_viewer(request)
    context = {
        "waiting": erasures_waiting(viewer),
        "missing": erasures_missing(viewer),
        "names": {one.pk: one.display_name or one.username for one in users_all()},
        "reasons": REASON_WORDS,
        "delay_days": delay_days(),
        "longest": LONGEST_DELAY_DAYS,
        "may_delay": may_open("privacy:delay", viewer.role_code),
        "may_cancel": may_open("privacy:erase_cancel", viewer.role_code),
        "may_person": may_open("customers:person", viewer.role_code),
        "may_decide": may_open("privacy:missing", viewer.role_code),
    }
    return render(request, "person/erasures.html", context)


@require_POST
def delay(request: HttpRequest) -> HttpResponse:
    """Change how long erasures wait that are asked for from now on."""
    given = request.POST.get("days", "")
    try:
        delay_save(days=int(given) if given.isdecimal() and len(given) < 4 else -1, by=signed_in(request).pk, now=utc_now())
    except ErasureRefused as error:
        messages.error(request, said(error))
    else:
        toast(request, _("等待期已保存；已登记的日期不变"))
    return redirect("privacy:erasures")


@require_GET
def missing(request: HttpRequest, request_id: int) -> HttpResponse:
    """Show who holds the records of a request without its person, to choose from; or how to end it."""
    return _missing(request, _missing_one(request, request_id))


@require_POST
def missing_choose(request: HttpRequest, request_id: int) -> HttpResponse:
    """Say which persons asked, after it was confirmed."""
    one = _missing_one(request, request_id)
    if request.POST.get("confirmed") != "1":
        return _missing(request, one, refusal=_("没有删除：请勾选确认"), status=422)
    given = {int(text) for text in request.POST.getlist("persons") if text.isdecimal() and len(text) < 19}
    viewer, now = request_viewer(request), utc_now()
    try:
        chosen = services.missing_choose(viewer=viewer, request_id=one.request_id, person_ids=given, now=now)
    except PersonNotFound as error:
        raise Http404(str(error)) from error
    except ErasureRefused as error:
        return _missing(request, one, refusal=said(error), status=422)
    text = ngettext("%(count)s 位客户会按申请删除", "%(count)s 位客户会按申请删除", len(chosen))
    messages.success(request, text % {"count": len(chosen)})
    return redirect("privacy:erasures")


@require_POST
def missing_close(request: HttpRequest, request_id: int) -> HttpResponse:
    """End a request without an erasure, for a reason."""
    one = _missing_one(request, request_id)
    reason = request.POST.get("reason", "")
    try:
        services.missing_close(
            viewer=request_viewer(request), request_id=one.request_id, reason_code=reason, now=utc_now()
        )  # fmt: skip
    except PersonNotFound as error:
        raise Http404(str(error)) from error
    except ErasureRefused as error:
        return _missing(request, one, refusal=said(error), status=422)
    toast(request, _("申请已结束"))
    return redirect("privacy:erasures")


def _missing_one(request: HttpRequest, request_id: int) -> Missing:
    found = erasures_missing(request_viewer(request), request_id=request_id)
    if not found:
        raise Http404
    return found[0]


def _missing(request: HttpRequest, one: Missing, *, refusal: str = "", status: int = 200) -> HttpResponse:
    viewer = request_viewer(request)
    cards = [card for person_id in one.person_ids if (card := person_file(viewer, person_id)) is not None]
    context = {
        "one": one,
        "cards": cards,
        "stores": store_names(card.home_store_id for card in cards),
        "asked_by": {user.pk: user.display_name or user.username for user in users_all()}.get(one.asked_by, one.asked_by),
        "reason": REASON_WORDS.get(one.reason_code, one.reason_code),
        "is_due": one.due_at <= utc_now(),
        "close_reasons": {code: CLOSE_WORDS[code] for code in CLOSE_REASONS},
        "refusal": refusal,
    }
    return render(request, "person/erasure_missing.html", context, status=status)
