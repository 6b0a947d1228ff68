"""How good the files are: a random sample that stewards judge, and the estimate with its interval."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.identity.quality import VALID_DAYS, quality_estimate, quality_question
from huitou.apps.identity.services import ReviewGone, quality_draw, quality_judge
from huitou.web.toasts import toast


@require_GET
def sample(request: HttpRequest) -> HttpResponse:
    """Show what the sample says so far, and the next file to judge; `skip` puts files off."""
    skipped = [int(text) for text in request.GET.getlist("skip") if text.isascii() and text.isdecimal() and len(text) < 16]
    context = {
        "estimate": quality_estimate(now=utc_now()),
        "question": quality_question(request_viewer(request), skipped=skipped),
        "skipped": skipped,
        "valid_days": VALID_DAYS,
    }
    return render(request, "identity/sample.html", context)


@require_POST
def draw(request: HttpRequest) -> HttpResponse:
    """Draw a new sample; what nobody judged of the last one goes."""
    now = utc_now()
    quality_draw(by=signed_in(request).pk, now=now, seed=_seed(now))
    return redirect("identity:sample")


@require_POST
def judge(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep one judgement and go on with the next file."""
    said = {name: request.POST.get(name) for name in ("pure", "complete")}
    if not set(said.values()) <= {"yes", "no"}:
        messages.error(request, _("两个问题都要答；拿不准就先放一放。"))
        return redirect("identity:sample")
    try:
        quality_judge(
            viewer=request_viewer(request), case_id=case_id, is_pure=said["pure"] == "yes",
            is_complete=said["complete"] == "yes", now=utc_now(),
        )  # fmt: skip
    except ReviewGone:
        messages.warning(request, _("这一组刚被别人核对过。"))
    else:
        toast(request, _("已记下。"))
    return redirect("identity:sample")


def _seed(now: datetime) -> int:
    return int(now.timestamp() * 1000)
