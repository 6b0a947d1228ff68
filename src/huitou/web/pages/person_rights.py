"""What a person may ask for: a copy of everything held on them, and to be erased."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.customers.queries import PersonCard, person_file
from huitou.apps.identity.queries import corrections_open
from huitou.apps.identity.services import CORRECTABLE, CorrectionRefused, PersonNotLive, correction_retire, value_correct
from huitou.apps.privacy.erasures import delay_days, erasures_waiting
from huitou.apps.privacy.queries import ERASE_REASONS, access_of_person
from huitou.apps.privacy.services import ErasureRefused, PersonNotFound, erasure_cancel, erasure_request, person_copy
from huitou.web.formats import day_text
from huitou.web.lazy import LazyText
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said
from huitou.web.words_person import CORRECTION_REASONS

REASON_WORDS: Mapping[str, LazyText] = {
    "asked": gettext_lazy("本人要求"),
    "consent_withdrawn": gettext_lazy("撤回同意"),
    "unlawful": gettext_lazy("不该收集的数据"),
}


@require_GET
def rights(request: HttpRequest, person_id: int) -> HttpResponse:
    """Offer the copy and the erasure, and say what each does."""
    card = _card(request, person_id)
    return _rights(request, card)


def _rights(request: HttpRequest, card: PersonCard, *, refusal: str = "", status: int = 200) -> HttpResponse:
    context = {
        "card": card,
        "reasons": {code: REASON_WORDS[code] for code in ERASE_REASONS},
        "may_erase": _may_erase(request),
        "erasing": next(iter(erasures_waiting(request_viewer(request), person_id=card.person_id)), None),
        "delay_days": delay_days(),
        "fields": CORRECTABLE,
        "correction_reasons": CORRECTION_REASONS,
        "corrections": corrections_open(request_viewer(request), card.person_id),
        "refusal": refusal,
    }
    return render(request, "person/rights.html", context, status=status)


@require_POST
def correct(request: HttpRequest, person_id: int) -> HttpResponse:
    """Put one field of the file right, for a reason."""
    card = _card(request, person_id)
    try:
        value_correct(
            viewer=request_viewer(request), person_id=card.person_id, field_code=request.POST.get("field", ""),
            value=request.POST.get("value", ""), reason_code=request.POST.get("reason", ""), now=utc_now(),
        )  # fmt: skip
    except CorrectionRefused as error:
        return _rights(request, card, refusal=said(error), status=422)
    toast(request, _("已更正；来源怎么说都以它为准"))
    return redirect("customers:rights", card.person_id)


@require_POST
def correction_off(request: HttpRequest, correction_id: int) -> HttpResponse:
    """Take a correction back: the sources count again."""
    try:
        person_id = correction_retire(viewer=request_viewer(request), correction_id=correction_id, now=utc_now())
    except PersonNotLive as error:
        raise Http404(str(error)) from error
    toast(request, _("更正已撤回；重新以来源为准"))
    return redirect("customers:rights", person_id)


@never_cache
@require_POST
def copy(request: HttpRequest, person_id: int) -> HttpResponse:
    """Hand out everything on the person: as a page to read, or as a JSON file. The handing out is audited."""
    card = _card(request, person_id)
    try:
        found = person_copy(person_id=card.person_id, by=signed_in(request).pk, now=utc_now())
    except PersonNotFound as error:
        raise Http404 from error
    looks = [
        {"at": look.at.isoformat(), "user_id": look.user_id, "page": look.route_code} for look in access_of_person(card.person_id)
    ]
    found["looks"] = looks
    if request.POST.get("form") == "json":
        text = json.dumps(found, ensure_ascii=False, indent=1, default=str)
        answer = HttpResponse(text, content_type="application/json; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="person-{card.person_id}.json"'
        return answer
    sections = {title: list(flat_lines(value)) for title, value in found.items() if value not in (None, [], {})}
    return render(request, "person/copy.html", {"card": card, "sections": sections})


@require_POST
def erase(request: HttpRequest, person_id: int) -> HttpResponse:
    """Ask for the erasure after the person's number was typed as a confirmation."""
    card = _card(request, person_id)
    reason = request.POST.get("reason", "")
    if request.POST.get("number", "").strip() != str(card.person_id) or reason not in ERASE_REASONS:
        messages.error(request, _("没有删除：请选原因，并输入这位客户的编号来确认。"))
        return redirect("customers:rights", card.person_id)
    now = utc_now()
    asked = erasure_request(viewer=request_viewer(request), person_id=card.person_id, reason_code=reason, now=now)
    if asked.due_at > now:
        day = day_text(asked.due_at)
        messages.success(request, _("已登记：{day} 删除，在那之前可以取消；从现在起不做营销。").format(day=day))
        return redirect("customers:rights", card.person_id)
    messages.success(
        request, _("编号 {number} 的删除已开始：文件先改写，随后各处同时清除，通常几分钟内完成。").format(number=person_id)
    )
    return redirect("customers:list")


@require_POST
def erase_cancel(request: HttpRequest, request_id: int) -> HttpResponse:
    """Take a request to be erased back."""
    try:
        person_id = erasure_cancel(viewer=request_viewer(request), request_id=request_id, now=utc_now())
    except PersonNotFound as error:
        raise Http404(str(error)) from error
    except ErasureRefused as error:
        messages.error(request, said(error))
        return redirect("privacy:erasures")
    toast(request, _("已取消删除"))
    return redirect("customers:rights", person_id)


def flat_lines(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield (path, text) for every value of a nested answer, so that a page can show any section: "0.name", "王小芳"."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat_lines(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, start=1):
            yield from flat_lines(inner, f"{path}.{number}" if path else str(number))
    elif value is not None and value != "":
        yield path, str(value)


def _card(request: HttpRequest, person_id: int) -> PersonCard:
    card = person_file(request_viewer(request), person_id)
    if card is None:
        raise Http404
    return card


def _may_erase(request: HttpRequest) -> bool:
    return may_open("customers:erase", signed_in(request).role_code)
