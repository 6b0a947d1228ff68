"""The card of a segment that says what its treatment earned: only against members left out by lot, with an interval."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.segments import queries
from huitou.apps.segments.comparing import comparison_kept, comparison_of
from huitou.apps.segments.models import Segment
from huitou.apps.segments.services import NotComparable, comparison_ask, comparison_begin, comparison_end
from huitou.apps.segments.services.comparison import SHARES
from huitou.core.periods import business_date
from huitou.web import words_tag
from huitou.web.toasts import toast


@require_GET
def comparison(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show the comparison under way or the last one, as last counted; without any, how to begin."""
    found, viewer = _found(segment_id), request_viewer(request)
    newest = comparison_of(found)
    told, is_current = (None, True) if newest is None else comparison_kept(viewer, newest)
    if newest is not None and not is_current:
        comparison_ask(viewer=viewer, comparison=newest, now=utc_now())
    context = {
        "segment": found,
        "comparison": newest,
        "told": told,
        "fen": None
        if told is None or told.uplift is None
        else {name: round(getattr(told.uplift, name)) for name in ("difference", "low", "high", "treated_mean", "held_mean")},
        "refusal": words_tag.COMPARISON_REFUSALS.get(told.refusal, "") if told is not None else "",
        "shares": [(str(one), one) for one in SHARES],
    }
    return render(request, "segments/comparison.html", context)


@require_POST
def compare(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Begin a comparison with the posted share left out, or end the one under way."""
    found, viewer, now = _found(segment_id), request_viewer(request), utc_now()
    if "end" in request.POST:
        comparison_end(viewer=viewer, segment=found, now=now)
        toast(request, _("对照已结束，所有成员都可以触达。"))
        return redirect("segments:segment", found.pk)
    share = next((one for one in SHARES if str(one) == request.POST.get("share", "")), None)
    if share is None:
        raise Http404
    try:
        comparison_begin(viewer=viewer, segment=found, held_share=share, today=business_date(now), now=now)
    except NotComparable as refused:
        toast(request, str(words_tag.COMPARISON_REFUSALS[refused.reason]))
    else:
        toast(request, _("对照已开始，抽中的成员不会被触达。"))
    return redirect("segments:segment", found.pk)


def _found(segment_id: int) -> Segment:
    found = queries.segment_of(segment_id)
    if found is None:
        raise Http404
    return found
