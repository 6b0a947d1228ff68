"""Coupons for a whole segment: what it would come to, how far it is, and stopping, going on and taking back."""

import secrets
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.benefits import queries, services
from huitou.apps.benefits.models import CouponKind, IssueRun, Occasion
from huitou.apps.segments.queries import segments
from huitou.core.periods import business_date
from huitou.web.coupon_words import OCCASIONS, RUN_STOPS
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

LONGEST_KEY = 64
RUNS_SHOWN = 50


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs, and estimate the next one from the address."""
    viewer, now = request_viewer(request), utc_now()
    kind_id, segment_id, occasion = _asked(request.GET)
    known = {one.pk: one.name for one in segments().filter(refresh_id__isnull=False)}
    kinds = queries.issuable_kinds(today=business_date(now))
    found = list(queries.issue_runs(limit=RUNS_SHOWN + 1))
    context: dict[str, Any] = {
        "lines": [(run, known.get(run.segment_id, run.segment_id), *_stand(run)) for run in found[:RUNS_SHOWN]],
        "cut_at": RUNS_SHOWN if len(found) > RUNS_SHOWN else 0,
        "kinds": kinds,
        "segments": known,
        "occasions": [(code.value, OCCASIONS[code.value]) for code in services.RUN_OCCASIONS],
        "asked": {"kind": kind_id, "segment": segment_id, "occasion": occasion},
        "may_begin": may_open("coupons:run_begin", viewer.role_code),
        "run_key": secrets.token_urlsafe(16),
    }
    kind = next((one for one in kinds if one.pk == kind_id), None)
    if kind is not None and segment_id in known and occasion in services.RUN_OCCASIONS:
        try:
            context |= _estimate(kind, segment_id, occasion)
        except services.IssueRefused as refused:
            messages.error(request, said(refused))
    return render(request, "coupons/runs.html", context)


@require_POST
def run_begin(request: HttpRequest) -> HttpResponse:
    """Begin a run; the form's key makes a second click the same run."""
    kind_id, segment_id, occasion = _asked(request.POST)
    key = request.POST.get("key", "")[:LONGEST_KEY] or secrets.token_urlsafe(16)
    try:
        if occasion not in services.RUN_OCCASIONS:
            raise services.IssueRefused("kind")
        begun = services.run_begin(
            viewer=request_viewer(request), kind_id=kind_id, segment_id=segment_id, occasion=Occasion(occasion),
            run_key=f"page:{key}", now=utc_now(),
        )  # fmt: skip
    except services.IssueRefused as refused:
        messages.error(request, said(refused))
        return redirect("coupons:runs")
    return redirect("coupons:run", begun.pk)


@require_GET
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """Show what came of a run and how far it is."""
    return render(request, "coupons/run.html", _context(request, run_id))


@require_GET
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """Return the card of a run as it stands now."""
    return render(request, "coupons/run_part.html", _context(request, run_id))


@require_POST
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """Let a run go on."""
    return _act(request, run_id, services.run_resume, _("已继续"))


@require_POST
def end(request: HttpRequest, run_id: int) -> HttpResponse:
    """Give no more coupons of a run."""
    return _act(request, run_id, services.run_end, _("已结束，等着的人不再发"))


@require_POST
def withdraw_all(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take back what nobody used."""
    return _act(request, run_id, services.run_withdraw, _("没有用过的券正在后台收回"))


def _act(request: HttpRequest, run_id: int, act: Callable[..., IssueRun], text: str) -> HttpResponse:
    try:
        act(viewer=request_viewer(request), run_id=run_id, now=utc_now())
    except services.IssueRefused as refused:
        messages.error(request, said(refused))
        return redirect("coupons:runs")
    toast(request, text)
    return redirect("coupons:run", run_id)


def _estimate(kind: CouponKind, segment_id: int, occasion: str) -> dict[str, Any]:
    each = services.RETURN_PACK_COUPONS if occasion == Occasion.RETURN_PACK else 1
    told = queries.run_estimate(kind, segment_id=segment_id, each=each, now=utc_now())
    return {"estimate": told, "kept_out": told.members - told.persons, "coupons": told.persons * each, "chosen": kind}


def _context(request: HttpRequest, run_id: int) -> dict[str, Any]:
    found = queries.issue_run(run_id)
    if found is None:
        raise Http404(f"no run {run_id}")
    state, share = _stand(found)
    return {
        "run": found,
        "state": state,
        "share": share,
        "why": RUN_STOPS.get(found.stopped_code, ""),
        "occasion": OCCASIONS[found.occasion_code],
        "standing": queries.run_standing(found),
        "may_begin": may_open("coupons:run_begin", request_viewer(request).role_code),
    }


def _stand(run: IssueRun) -> tuple[str, float]:
    """Return "working", "stopped", "dead" or "ended", and how much is done."""
    share = (run.asked - run.waiting) / max(run.asked, 1)
    if run.ended_at is not None:
        return "ended", share
    if run.stopped_code:
        return "stopped", share
    return ("dead" if queries.run_is_dead(run) else "working"), share


def _asked(given: QueryDict) -> tuple[int, int, str]:
    return _number(given.get("kind", "")), _number(given.get("segment", "")), given.get("occasion", "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
