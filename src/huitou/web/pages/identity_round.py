"""One answer to several questions of the identity review, and taking it back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.identity import services
from huitou.apps.identity.services import Answer, CannotUndo, TooMany
from huitou.web.pages.identity import review_url
from huitou.web.toasts import toast


@require_POST
def answer_many(request: HttpRequest) -> HttpResponse:
    """Give the ticked questions one answer; the toast takes all of it back."""
    answer = request.POST.get("answer", "")
    if answer not in set(Answer):
        raise Http404(f"no answer {answer}")
    ticked = [int(text) for text in request.POST.getlist("pair") if text.isdecimal() and text.isascii() and len(text) < 19]
    back = review_url(request.POST.get("band", ""))
    if not ticked:
        messages.warning(request, _("没有选中任何一组，什么都没有做。"))
        return redirect(back)
    try:
        done = services.review_answer_many(viewer=request_viewer(request), pair_ids=ticked, answer=Answer(answer), now=utc_now())
    except TooMany:
        messages.error(request, _("一次最多处理列出的 30 组；什么都没有做。"))
        return redirect(back)
    said = _said(Answer(answer), done.answered)
    if done.gone:
        said += ngettext("，另有 %(number)s 组已经有了答案", "，另有 %(number)s 组已经有了答案", done.gone) % {
            "number": done.gone
        }
    toast(request, said, undo_url=reverse("identity:undo_round", args=[done.event_id]) if done.event_id else "")
    return redirect(back)


@require_POST
def undo_round(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take back all answers of a round that can still be taken back, and say how many could not."""
    try:
        undone, kept = services.round_undo(viewer=request_viewer(request), event_id=event_id, now=utc_now())
    except CannotUndo:
        raise Http404(f"no round ends with event {event_id}") from None
    said = ngettext("已撤销 %(number)s 组，档案恢复原样", "已撤销 %(number)s 组，档案恢复原样", undone) % {"number": undone}
    if kept:
        messages.warning(
            request,
            said
            + ngettext("；%(number)s 组之后又有变更，没有动", "；%(number)s 组之后又有变更，没有动", kept) % {"number": kept},
        )
    else:
        toast(request, said)
    return redirect("identity:review")


def _said(answer: Answer, number: int) -> str:
    told = {"number": number}
    match answer:
        case Answer.SAME:
            return ngettext("已合并 %(number)s 组", "已合并 %(number)s 组", number) % told
        case Answer.DIFFERENT:
            return ngettext("已记下 %(number)s 组不是同一个人", "已记下 %(number)s 组不是同一个人", number) % told
        case Answer.UNSURE:
            return ngettext("%(number)s 组先放一放", "%(number)s 组先放一放", number) % told
