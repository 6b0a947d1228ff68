"""What holds one person's records together, and the form that parts some of them from the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base import seen
from huitou.apps.base.clock import utc_now
from huitou.apps.identity.evidence import Link, evidence_of
from huitou.apps.identity.queries import SourceView, why_entity
from huitou.apps.identity.services import NotAProperPart, PersonNotLive, person_split
from huitou.web import words_identity
from huitou.web.pages.identity import EvidenceLine, evidence_lines
from huitou.web.toasts import toast

REASONS = tuple(words_identity.SPLIT_REASONS)


@dataclass(frozen=True, slots=True)
class TieLine:
    """Two records of the person and what ties them; places count from 1, as the list of records does."""

    one: int
    other: int
    links: tuple[Link, ...]
    evidence: list[EvidenceLine]
    score: float | None


@require_GET
def entity(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show the records, every tie between two of them with its weights, and what stewards decided."""
    why = why_entity(request_viewer(request), person_id)
    if why is None:
        raise Http404(f"no person {person_id}")
    seen.note(person_id)
    context = {
        "person_id": person_id,
        "records": why.records,
        "ties": _ties(why.records, why.links),
        "apart": {record: len(others) for record, others in why.apart_from.items()},
        "reasons": words_identity.SPLIT_REASONS,
    }
    return render(request, "identity/entity.html", context)


@require_POST
def split(request: HttpRequest, person_id: int) -> HttpResponse:
    """Part the chosen records from the rest; the toast takes it back."""
    viewer = request_viewer(request)
    reason = request.POST.get("reason", "")
    if why_entity(viewer, person_id) is None:
        raise Http404(f"no person {person_id}")
    chosen = [int(text) for text in request.POST.getlist("records") if text.isascii() and text.isdecimal() and len(text) < 19]
    if reason not in REASONS:
        messages.error(request, _("请选一个理由。"))
        return redirect("identity:entity", person_id)
    try:
        event = person_split(person_id=person_id, record_ids=chosen, by=viewer.user_id, reason=reason, now=utc_now())
    except NotAProperPart:
        messages.error(request, _("至少选一条，也至少留一条。"))
        return redirect("identity:entity", person_id)
    except PersonNotLive:
        messages.warning(request, _("这份档案刚被合并或删除。"))
        return redirect("customers:list")
    toast(request, _("已分成两份档案。"), undo_url=reverse("identity:undo", args=[event.pk]))
    return redirect("customers:person", person_id)


def _ties(records: Sequence[SourceView], links: Sequence[Link]) -> list[TieLine]:
    """Gather the links pair by pair, in the order of the list of records."""
    places = {record.record_id: place for place, record in enumerate(records, start=1)}
    pairs: dict[tuple[int, int], list[Link]] = {}
    for link in links:
        one, other = sorted((places[link.record_a], places[link.record_b]))
        pairs.setdefault((one, other), []).append(link)
    lines = []
    for (one, other), held in sorted(pairs.items()):
        evidence = evidence_of(next((link.levels for link in held if link.levels), ""))
        weights = [item.weight for item in evidence if item.weight is not None]
        lines.append(TieLine(one, other, tuple(held), evidence_lines(evidence), sum(weights) if weights else None))
    return lines
