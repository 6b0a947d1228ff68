"""Identity review: one question after the other, three keys, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.customers.rules import PERSONAL_FIELDS
from huitou.apps.identity import services
from huitou.apps.identity.agreement import WINDOW_DAYS, review_work
from huitou.apps.identity.comparison import Likeness
from huitou.apps.identity.evidence import Evidence
from huitou.apps.identity.review_queue import BANDS, QueueLine, ReviewCase, ReviewSide, review_case, review_counts, review_queue
from huitou.apps.identity.services import Answer, CannotUndo, ReviewGone
from huitou.apps.products.queries import store_names
from huitou.web import words, words_identity, words_person
from huitou.web.formats import MISSING, day_text
from huitou.web.lazy import LazyText
from huitou.web.pages.review_effect import consequences, purchase_strips, strip_axis
from huitou.web.policy import may_open
from huitou.web.toasts import toast


@dataclass(frozen=True, slots=True)
class CompareLine:
    """One field of both sides; `kind` colours the badge."""

    label: LazyText
    one: LazyText
    other: LazyText
    kind: str
    verdict: LazyText


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One signed weight as a bar: x and width in percent of the drawing, zero at `zero`."""

    label: str
    weight: float | None
    x: float
    width: float
    zero: float


@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """Show the queue, or a `band` of it, and one of its questions, the first unless `pair` names another."""
    viewer = request_viewer(request)
    asked_band = request.GET.get("band", "")
    band = next((one for one in BANDS if one.code == asked_band), None)
    queue = review_queue(viewer, band=band)
    counts, wrong = review_counts(viewer), wrong_expected(queue)
    asked = request.GET.get("pair", "")
    chosen = int(asked) if asked.isascii() and asked.isdigit() else (queue[0].pair_id if queue else 0)
    case = review_case(viewer, chosen)
    if case is None and queue and asked:
        return redirect(review_url(asked_band))  # answered meanwhile
    return render(
        request,
        "identity/review.html",
        {
            "queue": queue,
            "left": sum(counts.values()),
            "work": review_work(viewer, now=utc_now()),
            "window_days": WINDOW_DAYS,
            "band": band.code if band else "",
            "bands": [(one.code, counts[one.code]) for one in BANDS if counts[one.code] or one is band],
            "wrong": wrong,
            "round_answers": ("different", "same") if wrong is None or wrong[0] <= wrong[1] else ("same", "different"),
            "case": case,
            "lines": [] if case is None else _compare_lines(case),
            "evidence": [] if case is None else evidence_lines(case.evidence),
            "evidence_sum": None if case is None or case.probability is None else sum(one.weight or 0 for one in case.evidence),
            "days": [] if case is None else purchase_strips(viewer, case, now=utc_now()),
            "axis": strip_axis(utc_now()),
            "consequences": [] if case is None else consequences(viewer, case),
            "reasons": words_identity.REVIEW_REASONS,
            "may_set_rules": may_open("identity:rules", viewer.role_code),
        },
    )


@require_POST
def answer(request: HttpRequest, pair_id: int, answer: str) -> HttpResponse:
    """Take one answer and go on with the next question; the toast takes it back."""
    if answer not in set(Answer):
        raise Http404(f"no answer {answer}")
    try:
        event = services.review_answer(viewer=request_viewer(request), pair_id=pair_id, answer=Answer(answer), now=utc_now())
    except ReviewGone:
        messages.warning(request, _("这一组刚被别人核对过。"))
        return redirect(review_url(request.POST.get("band", "")))
    undo_url = reverse("identity:undo", args=[event.pk]) if event is not None else ""
    toast(request, str(words_identity.REVIEW_SAID[answer]), undo_url=undo_url)
    return redirect(review_url(request.POST.get("band", "")))


@require_POST
def undo(request: HttpRequest, event_id: int) -> HttpResponse:
    """Take a change back; `person` in the form leads back to that person's page."""
    try:
        services.event_undo(viewer=request_viewer(request), event_id=event_id, now=utc_now())
    except CannotUndo:
        messages.warning(request, _("不能撤销：之后又有变更，或记录已移出。先撤销后面的变更。"))
    else:
        toast(request, _("已撤销，双方档案恢复原样。"))
    person = request.POST.get("person", "")
    if person.isascii() and person.isdigit():
        return redirect("customers:person", int(person))
    return redirect("identity:review")


def review_url(band: str) -> str:
    """Return the address of the queue, or of one band of it."""
    return reverse("identity:review") + (f"?band={band}" if any(one.code == band for one in BANDS) else "")


def wrong_expected(queue: Sequence[QueueLine]) -> tuple[float, float] | None:
    """Return how many answers would be wrong, by the probabilities, if all were "same", and "different"; None without any."""
    known = [line.probability for line in queue if line.probability is not None]
    return (sum(1 - one for one in known), sum(known)) if known else None


def _compare_lines(case: ReviewCase) -> list[CompareLine]:
    """Return the fields that one of the two has, then where and since when they are known."""
    one, other = case.sides
    lines = []
    for name in PERSONAL_FIELDS:
        if case.likeness[name] is Likeness.BOTH_MISSING:
            continue
        kind, verdict = words_identity.LIKENESS[case.likeness[name]]
        lines.append(CompareLine(words.word(words_person.FIELDS, name), _shown(name, one), _shown(name, other), kind, verdict))
    stores = store_names([side.home_store_id for side in case.sides])
    homes = [stores.get(side.home_store_id or 0) or _("没有归属门店") for side in case.sides]
    if one.home_store_id is not None and one.home_store_id == other.home_store_id:
        lines.append(CompareLine(words_person.FIELDS["store"], homes[0], homes[1], *words_identity.LIKENESS[Likeness.SAME]))
    else:
        lines.append(CompareLine(words_person.FIELDS["store"], homes[0], homes[1], "", _("不比较")))
    lines.append(CompareLine(_("注册"), _day(one.registered_at), _day(other.registered_at), "", _("不比较")))
    return lines


def _day(moment: datetime | None) -> str:
    return MISSING if moment is None else day_text(moment)


def _shown(name: str, side: ReviewSide) -> LazyText:
    text = side.fields.get(name)
    if text is None:
        return _("未填")
    return words.word(words_person.GENDERS, text) if name == "gender" else text


def evidence_lines(evidence: Sequence[Evidence]) -> list[EvidenceLine]:
    """Draw the weights on one scale around zero."""
    weights = [item.weight for item in evidence if item.weight is not None]
    low, high = min([0.0, *weights]), max([0.0, *weights])
    spread = (high - low) or 1.0
    zero = -low / spread * 100
    lines = []
    for item in evidence:
        weight = item.weight or 0.0
        width = abs(weight) / spread * 100
        field, level = (
            words.word(words_identity.EVIDENCE_FIELDS, item.field),
            words.word(words_identity.EVIDENCE_LEVELS, item.level),
        )
        label = str(field) if item.field == "prior" or not item.level else _("{field}{level}").format(field=field, level=level)
        lines.append(EvidenceLine(label, item.weight, zero - width if weight < 0 else zero, width, zero))
    return lines
