"""What to offer a person next, with the reason of each; and what is not to be offered any more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.recommend.models import RecommendRun, Withholding
from huitou.apps.recommend.queries import NewLine, RepeatLine, last_run, person_next
from huitou.apps.recommend.services import NotThere, withheld_end, withheld_set
from huitou.core.value.recommend import AgainReason, FreshReason, Refusal
from huitou.web import formats
from huitou.web.policy import may_open
from huitou.web.toasts import toast

SHOWN = 5
REFUSALS: Mapping[str, Promise] = {
    Refusal.NOBODY.value: gettext_lazy("近一年没有人购买。"),
    Refusal.SHORT.value: gettext_lazy("历史太短：学习要 57 天，检验再要 28 天。"),
    Refusal.QUIET.value: gettext_lazy("买过又买的商品太少，学不出来。"),
    Refusal.NAIVE.value: gettext_lazy("只推最畅销的商品也一样准，所以没有发布。"),
}
LISTS: Mapping[str, Promise] = {
    "habits": gettext_lazy("采用的：习惯"),
    "faded": gettext_lazy("个人次数，90 天减半"),
    "own": gettext_lazy("个人次数"),
    "taste": gettext_lazy("采用的：同好"),
    "popular": gettext_lazy("最畅销"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One product on the card: its name, why it is there, its category (kept back by it)."""

    name: str
    category_id: int
    category: str
    figure: str
    why: str


def offers_context(viewer: Viewer, person_id: int, *, today: date, is_out: bool) -> dict[str, Any]:
    """
    Return what the card of recommendations shows; `offer_lists` None: there are none for this person.

    is_out: whether the gate of outreach keeps this person out of what is personal.
    """
    found = person_next(viewer, person_id, today=today, is_out=is_out)
    context: dict[str, Any] = {
        "offer_lists": found,
        "may_keep_back": may_open("customers:keep_back", viewer.role_code),
    }
    if found is None:
        run = last_run()
        return context | {"offer_refusal": REFUSALS.get(run.refusal) if run else None}
    return context | {
        "offer_again": [_repeat(line) for line in found.again[:SHOWN]],
        "offer_fresh": [_new(line) for line in found.fresh[:SHOWN]],
        "offer_categories": found.categories[:3],
    }


def _repeat(line: RepeatLine) -> Line:
    if line.reason == AgainReason.ONCE:
        why = _("买过 1 次，%(ago)s 天前") % {"ago": line.days_ago}
    else:
        words = {"times": line.times, "gap": round(line.gap_days or 0), "ago": line.days_ago}
        why = _("买过 %(times)s 次，约 %(gap)s 天一次，上次 %(ago)s 天前") % words
    return Line(
        line.product.name, line.product.category_id, line.product.category,
        formats.percent_text(line.chance, decimals=0), why,
    )  # fmt: skip


def _new(line: NewLine) -> Line:
    if line.reason == FreshReason.TOGETHER and line.because is not None:
        words = {"because": line.because.name, "lift": formats.decimal_text(line.lift, decimals=1)}
        why = _("买 %(because)s 的人买它的比例是平均的 %(lift)s 倍") % words
    else:
        why = _("很多人在买，这位客户还没买过")
    return Line(line.product.name, line.product.category_id, line.product.category, "", why)


def trial_context() -> dict[str, Any]:
    """Return how the lists did on the chain's own past; for who sees the whole chain."""
    run = last_run()
    if run is None:
        return {"next_run": None}
    return {
        "next_run": run,
        "next_refusal": REFUSALS.get(run.refusal),
        "next_trials": [*_rows(run, "product"), *_rows(run, "category")],
        "next_basket": run.trials.get("basket", {}),
    }


def _rows(run: RecommendRun, level: str) -> list[dict[str, Any]]:
    trial = run.trials.get(level, {})
    titles = {
        ("product", "again"): _("再次购买，商品"),
        ("category", "again"): _("再次购买，品类"),
        ("product", "fresh"): _("新发现，商品"),
        ("category", "fresh"): _("新发现，品类"),
    }
    return [
        {
            "list": titles[level, kind],
            "name": LISTS[name],
            "is_ours": name in ("habits", "taste"),
            "persons": trial["persons"] if kind == "again" else trial["fresh_persons"],
            **row,
        }
        for kind in ("again", "fresh")
        for name, row in trial.get(kind, {}).items()
    ]


@require_POST
def keep_back(request: HttpRequest, person_id: int, category_id: int) -> HttpResponse:
    """Stop recommending a category to a person; the toast takes it back."""
    try:
        row = withheld_set(
            viewer=request_viewer(request), reason=Withholding.NOT_WANTED, person_id=person_id, category_id=category_id,
            now=utc_now(),
        )  # fmt: skip
    except NotThere as error:
        raise Http404(str(error)) from error
    toast(request, _("不再向这位客户推荐这一品类"), undo_url=reverse("customers:offer_again", args=[person_id, row.pk]))
    return redirect("customers:person", person_id)


@require_POST
def offer_again(request: HttpRequest, person_id: int, withheld_id: int) -> HttpResponse:
    """Recommend again what was kept back."""
    try:
        withheld_end(viewer=request_viewer(request), person_id=person_id, withheld_id=withheld_id, now=utc_now())
    except NotThere as error:
        raise Http404(str(error)) from error
    toast(request, _("已恢复推荐"))
    return redirect("customers:person", person_id)
