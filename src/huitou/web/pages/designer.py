"""The tier designer: schemes, drafts, what a draft would do, and putting it in force."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.value import queries, services
from huitou.apps.value.custom_inputs import custom_inputs, inputs_of_schemes
from huitou.apps.value.models import SchemeVersion
from huitou.apps.value.queries import Design
from huitou.apps.value.schemes import in_force
from huitou.core.periods import business_date
from huitou.core.value.inputs import GIVEN, INPUTS, Input
from huitou.core.value.scheme import Kind
from huitou.core.value.tiers import SchemeInvalid
from huitou.web import words, words_tier
from huitou.web.pages.designer_form import (
    FormRefused,
    Standing,
    fields_changed,
    names_added,
    plain_number,
    scheme_sentence,
    table_of_form,
    tier_rows,
)
from huitou.web.pages.designer_trial import CELLS, Check, checks_of, trial_of
from huitou.web.pages.value import TOP_REVENUE_SHARE, tier_cells, tier_means
from huitou.web.policy import may_open
from huitou.web.toasts import toast


@require_GET
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes in force, switched off, and those that can be taken over."""
    viewer = request_viewer(request)
    lines = queries.scheme_lines()
    context = {
        "active": [line for line in lines if line.is_on],
        "others": [line for line in lines if not line.is_on],
        "may_edit": may_open("tiers:save", viewer.role_code),
        "known": inputs_of_schemes(line.scheme for line in lines),
    }
    return render(request, "value/schemes.html", context)


@require_GET
def scheme(request: HttpRequest, code: str) -> HttpResponse:
    """Show a scheme: the draft where there is one, else what is in force."""
    return _page(request, _design(code))


@require_POST
def scheme_save(request: HttpRequest, code: str) -> HttpResponse:
    """
    Keep the form as the draft, which is tried by itself when its page is opened; a table that cannot sort people comes back with
    the sentence why, an input that was added with fields for its thresholds.
    """
    design = _design(code)
    if request.POST.get("new_input"):
        return _page(request, design, typed=request.POST)
    known = _inputs(design)
    try:
        table = table_of_form(request.POST, design.shown, known)
        services.draft_save(code=code, table=table, author_id=request_viewer(request).user_id, now=utc_now())
    except FormRefused as refused:
        return _page(request, design, refusal=str(refused), typed=request.POST)
    except SchemeInvalid as invalid:
        return _page(request, design, refusal=scheme_sentence(invalid, known), typed=request.POST)
    except services.DesignRefused as refused:
        return _page(request, _design(code), refusal=str(words.word(words_tier.DESIGN_REFUSALS, refused.reason)))
    toast(request, _("草稿已保存"))
    return redirect("tiers:scheme", code)


@require_POST
def scheme_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask somebody else to publish the draft."""
    return _decided(request, code, services.draft_ask, _("已提交，等另一个人批准"), with_note=True)


@require_POST
def scheme_return(request: HttpRequest, code: str) -> HttpResponse:
    """Give the draft back with a reason."""
    return _decided(request, code, services.draft_return, _("草稿已退回"), with_note=True)


@require_POST
def scheme_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put the draft in force that was looked at."""
    return _decided(request, code, services.draft_publish, _("第 %(number)s 版已发布，正在重算所有人"), with_note=False)


def _decided(
    request: HttpRequest, code: str, act: Callable[..., SchemeVersion], said: str, *, with_note: bool
) -> HttpResponse:  # fmt: skip
    number, by = request.POST.get("number", ""), request_viewer(request).user_id
    note = {"note": request.POST.get("note", "").strip()} if with_note else {}
    try:
        made = act(code=code, number=int(number) if number.isdecimal() else 0, by=by, now=utc_now(), **note)
    except services.DesignRefused as refused:
        return _page(request, _design(code), refusal=str(words.word(words_tier.DESIGN_REFUSALS, refused.reason)))
    toast(request, said % {"number": made.number} if "%(number)s" in said else said)
    return redirect("tiers:scheme", code)


@require_POST
def scheme_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    services.draft_discard(code=code)
    toast(request, _("草稿已丢弃"))
    return redirect("tiers:scheme", code)


@require_POST
def scheme_take(request: HttpRequest, code: str) -> HttpResponse:
    """Take a template over, or switch a scheme on again."""
    return _switched(request, lambda: services.template_take(code=code, author_id=request_viewer(request).user_id, now=utc_now()))


@require_POST
def scheme_off(request: HttpRequest, code: str) -> HttpResponse:
    """Switch a scheme off."""
    return _switched(request, lambda: services.scheme_off(code=code, now=utc_now()))


def _switched(request: HttpRequest, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except services.DesignRefused as refused:
        toast(request, str(words.word(words_tier.DESIGN_REFUSALS, refused.reason)))
    else:
        toast(request, _("已排队重算，稍后生效"))
    return redirect("tiers:list")


def _design(code: str) -> Design:
    found = queries.design_of(code)
    if found is None:
        raise Http404(f"no scheme {code!r}")
    return found


def _inputs(design: Design) -> dict[str, Input]:
    """Return what may stand in the form: everything on offer, and what the scheme asks for already."""
    return {**inputs_of_schemes([design.shown]), **custom_inputs(today=business_date(utc_now()))}


def _page(request: HttpRequest, design: Design, *, refusal: str = "", typed: Mapping[str, Any] | None = None) -> HttpResponse:
    viewer = request_viewer(request)
    shown = design.shown
    known = _inputs(design)
    draft = design.draft
    opened = (request.GET.get("from", ""), request.GET.get("to", ""))
    tried = None if draft is None or draft.what_if is None else trial_of(viewer, design, draft.what_if, known, opened)
    trial = "" if draft is None or tried is not None else services.trial_ask(code=design.code, draft=draft, now=utc_now())
    offered = {**INPUTS, **custom_inputs(today=business_date(utc_now()))}
    asked = [known[name] for name in shown.inputs]
    added = [] if typed is None else names_added(typed, shown, known)
    single = next(iter(shown.weights)) if len(shown.weights) == 1 else ""
    missing = [known[name].label for name in sorted(shown.custom_inputs - offered.keys())]
    was = fields_changed(shown, design.standing_scheme, known)
    standing = {} if tried is not None else _standing(viewer, design)
    cells = request.GET.get("cells", "")
    context = {
        "design": design,
        "scheme": shown,
        "is_shares": shown.kind is Kind.SHARES,
        "is_thresholds": shown.kind is Kind.THRESHOLDS,
        "is_grid": shown.kind is Kind.GRID,
        "single": single,
        "inputs": [entry for name, entry in known.items() if name == single or (name in offered and name not in GIVEN)],
        "addable": [entry for name, entry in offered.items() if name not in {*shown.inputs, *added, "mood"}],
        "added": added,
        "weights": [(known[name], plain_number(value * 100)) for name, value in shown.weights.items()],
        "asked": [entry for entry in asked if entry.name != "mood"],
        "given": [entry for entry in asked if entry.name in GIVEN],
        "rows": tier_rows(shown, design, typed, known, standing=_tiers(standing) if draft is None else (), was=was),
        "recuts": words_tier.RECUTS.items(),
        "keep": plain_number(shown.keep_margin * 100),
        "mood": "" if shown.mood_below is None else f"{shown.mood_below:g}",
        "clv_share": plain_number(shown.clv_share * 100),
        "was": was,
        "what_if": tried,
        "trial": trial,
        "standing_name": f"v{design.standing.number}",
        "is_whole": not refusal,
        "cell_kinds": zip(CELLS, (_("人数"), _("占行 %"), _("销售额")), strict=True),
        "cells_shown": cells if cells in CELLS else CELLS[0],
        **standing,
        "checks": [Check("bad", refusal)] if typed is not None and refusal else checks_of(shown, tried, missing),
        "refusal": refusal,
        "may_edit": may_open("tiers:save", viewer.role_code),
        "may_decide": may_open("tiers:publish", viewer.role_code) and _is_others(design.draft, viewer),
        "author": _user_name(design.draft.author_id) if design.draft else "",
        "asked_by": _user_name(design.draft.asked_by) if design.draft else "",
        "returned_by": _user_name(design.draft.returned_by) if design.draft else "",
        "top_limit": TOP_REVENUE_SHARE,
    }
    return render(request, "value/designer.html", context, status=422 if refusal else 200)


def _standing(viewer: Viewer, design: Design) -> dict[str, Any]:
    """Return the tiers as they stand, for the place that a trial takes later; nothing before the first run."""
    chosen = in_force(design.code)
    if chosen is None or queries.last_run() is None:
        return {}
    return {
        "chosen": chosen,
        "cells": tier_cells(viewer, chosen, queries.scheme_sums(viewer, chosen)),
        "means": tier_means(viewer, chosen),
    }


def _tiers(standing: Mapping[str, Any]) -> list[Standing]:
    """Return the persons of each tier in force, with where it ends."""
    if not standing:
        return []
    ends = queries.tier_ends(standing["chosen"])
    return [Standing(cell.sums.persons, end) for cell, end in zip(standing["cells"], ends, strict=True)]


def _is_others(draft: SchemeVersion | None, viewer: Viewer) -> bool:
    return draft is not None and draft.asked_at is not None and viewer.user_id not in (draft.asked_by, draft.author_id)


def _user_name(user_id: int | None) -> str:
    return next((one.display_name or one.username for one in users_all().filter(pk=user_id or 0)), "")
