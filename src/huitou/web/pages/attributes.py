"""Custom attributes and event types: defining them, filling them in, and what nobody verified for long."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in
from huitou.apps.attributes import services
from huitou.apps.attributes.definitions import lacks_basis
from huitou.apps.attributes.forms import AttributeForm, OriginForm
from huitou.apps.attributes.models import Attribute, EventType
from huitou.apps.attributes.queries import (
    attribute_views,
    event_types,
    person_attributes,
    presets_left,
    stale_count,
)
from huitou.apps.attributes.services.define import DEFAULT_PURPOSE
from huitou.apps.base.clock import utc_now
from huitou.core.attributes import AttributeType
from huitou.web import words_person
from huitou.web.going_back import went_back
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

KINDS: Mapping[str, type[Attribute] | type[EventType]] = {"attribute": Attribute, "event": EventType}
_ORIGIN = ("code", "title", "title_en", "is_third_party", "provider", "basis_code", "expires_on")


@require_GET
def attribute_list(request: HttpRequest) -> HttpResponse:
    """List attributes and event types."""
    now = utc_now()
    context = {
        "views": attribute_views(now=now),
        "events": [(one, lacks_basis(one)) for one in event_types()],
        "presets": presets_left(),
        "stale": stale_count(request_viewer(request), now=now),
        "may_stale": may_open("quality:stale", signed_in(request).role_code),
        "types": words_person.ATTRIBUTE_TYPES,
    }
    return render(request, "attributes/list.html", context)


@require_http_methods(["GET", "POST"])
def attribute_edit(request: HttpRequest, attribute_id: int | None = None) -> HttpResponse:
    """Define an attribute, or change one."""
    one = None if attribute_id is None else get_object_or_404(Attribute, pk=attribute_id)
    known: dict[str, Any] = {}
    if one is not None:
        names = (*_ORIGIN, "type_code", "places", "unit", "is_sensitive", "purpose_code", "stale_after_days")
        known = {name: getattr(one, name) for name in names}
        known["places"] = one.places or None
        known["choices"] = "\n".join(f"{choice['code']} {choice['title']}" for choice in one.choices)
    form = AttributeForm(request.POST or None, initial=known, is_new=one is None)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            services.attribute_save(
                told=form.told(), type=AttributeType(told["type_code"]), choices=told["choices"], unit=told["unit"],
                places=told["places"] or 0,
                is_sensitive=told["is_sensitive"], purpose_code=told["purpose_code"] or DEFAULT_PURPOSE,
                stale_after_days=told["stale_after_days"], by=signed_in(request).pk, now=utc_now(), attribute_id=attribute_id,
            )  # fmt: skip
        except services.DefinitionRefused as error:
            form.add_error(None, said(error))
        else:
            toast(request, _("属性已保存"))
            return redirect("attributes:list")
    context = {"form": form, "one": one, "title": _("新建属性") if one is None else one.title}
    return render(request, "attributes/edit.html", context, status=422 if form.errors else 200)


@require_POST
def preset_add(request: HttpRequest, code: str) -> HttpResponse:
    """Add a ready-made attribute."""
    try:
        services.preset_add(code=code, by=signed_in(request).pk, now=utc_now())
    except services.DefinitionRefused as error:
        messages.error(request, said(error))
    else:
        toast(request, _("属性已添加"))
    return redirect("attributes:list")


@require_http_methods(["GET", "POST"])
def event_edit(request: HttpRequest, event_type_id: int | None = None) -> HttpResponse:
    """Define an event type, or change one."""
    one = None if event_type_id is None else get_object_or_404(EventType, pk=event_type_id)
    known = {name: getattr(one, name) for name in _ORIGIN} if one is not None else {}
    form = OriginForm(request.POST or None, initial=known, is_new=one is None)
    if request.method == "POST" and form.is_valid():
        try:
            services.event_type_save(
                told=form.told(), by=signed_in(request).pk, now=utc_now(), event_type_id=event_type_id
            )  # fmt: skip
        except services.DefinitionRefused as error:
            form.add_error(None, said(error))
        else:
            toast(request, _("事件类型已保存"))
            return redirect("attributes:list")
    context = {"form": form, "one": one, "title": _("新建事件类型") if one is None else one.title}
    return render(request, "attributes/edit.html", context, status=422 if form.errors else 200)


@require_POST
def definition_switch(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Switch a definition off or on."""
    if kind not in KINDS:
        raise Http404(kind)
    is_enabled = request.POST.get("enabled") == "1"
    services.definition_switch(kind=KINDS[kind], pk=pk, is_enabled=is_enabled, by=signed_in(request).pk, now=utc_now())
    toast(request, _("已启用") if is_enabled else _("已停用；值还在，重新启用后又能看到"))
    return redirect("attributes:list")


@require_POST
def verify(request: HttpRequest, value_id: int) -> HttpResponse:
    """Confirm that a value is still true."""
    try:
        row = services.value_verify(viewer=request_viewer(request), value_id=value_id, now=utc_now())
    except services.ObservationRefused as error:
        raise Http404(str(error)) from error
    if request.headers.get("HX-Request") == "true":
        return _card(request, row.person_id or 0)
    toast(request, _("已核实"))
    return went_back(request, "quality:stale")


@require_GET
def person_card(request: HttpRequest, person_id: int) -> HttpResponse:
    """Return the card of a person's custom attributes as a part of the page."""
    return _card(request, person_id)


@require_POST
def observe(request: HttpRequest, person_id: int, attribute_id: int) -> HttpResponse:
    """Take a value that somebody learned."""
    try:
        services.value_observe(
            viewer=request_viewer(request), person_id=person_id, attribute_id=attribute_id,
            text=request.POST.get("value", ""), now=utc_now(),
        )  # fmt: skip
    except services.ObservationRefused as error:
        if error.code == "not_found":
            raise Http404(str(error)) from error
        return _card(request, person_id, refusal=said(error), wrong=attribute_id)
    return _card(request, person_id)


@require_POST
def reveal(request: HttpRequest, person_id: int, attribute_id: int) -> HttpResponse:
    """Show a sensitive value once, for a reason, on the record."""
    reason = request.POST.get("reason", "")
    try:
        value = services.value_reveal(
            viewer=request_viewer(request), person_id=person_id, attribute_id=attribute_id,
            reason_code=reason if reason in words_person.REVEAL_REASONS else "", now=utc_now(),
        )  # fmt: skip
    except services.ObservationRefused as error:
        if error.code == "not_found":
            raise Http404(str(error)) from error
        return render(request, "person/revealed.html", {"refusal": said(error)})
    return render(request, "person/revealed.html", {"value": value, "reason": words_person.REVEAL_REASONS[reason]})


def _card(request: HttpRequest, person_id: int, *, refusal: str = "", wrong: int | None = None) -> HttpResponse:
    viewer = request_viewer(request)
    found = person_attributes(viewer, person_id, now=utc_now())
    if found is None:
        raise Http404(f"no person {person_id} in reach")
    context = {
        "person_id": person_id,
        "found": found,
        "may_write": may_open("attributes:observe", viewer.role_code) and not all(one.lacks_consent for one in found),
        "may_reveal": may_open("attributes:reveal", viewer.role_code),
        "may_define": may_open("attributes:list", viewer.role_code),
        "reasons": words_person.REVEAL_REASONS,
        "refusal": refusal,
        "wrong": wrong,
    }
    return render(request, "attributes/card.html", context)
