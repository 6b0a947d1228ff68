"""One person's page: who, what happened, where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers import queries, services
from huitou.apps.customers.queries import PersonCard, PersonField
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.identity.queries import SourceView, identity_events, source_records
from huitou.apps.products.queries import store_names
from huitou.apps.service.queries import tickets_of
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.core.value.lifecycle import DORMANT_DAYS, Stage, stage
from huitou.warehouse.queries.timeline import timeline_lines
from huitou.warehouse.reader import NothingPublished
from huitou.web import words
from huitou.web.lazy import LazyText
from huitou.web.pages.timeline import TimelinePage, timeline_page
from huitou.web.policy import may_open

SHOWN_FIELDS = ("birthday", "gender", "address", "email", "wx_openid", "wx_unionid")
BAND_FIELDS = ("phone", "member_card")
TIMELINE_KINDS: Mapping[str, LazyText] = {
    "": gettext_lazy("全部"),
    "order": gettext_lazy("订单"),
    "points": gettext_lazy("积分"),
    "ticket": gettext_lazy("工单"),
    "behaviour": gettext_lazy("行为"),
}
CHANGES_SHOWN = 8
WARN_DAYS = 30  # how long before the dormant day the page says so


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the base information; `field` None: nobody told it."""

    name: str
    label: LazyText
    field: PersonField | None
    text: LazyText


@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show the file of a living person in reach; an id that was merged away shows the person it went to."""
    viewer = request_viewer(request)
    card = _card(viewer, person_id)
    facts = published_facts(viewer, card.person_id)
    timeline, as_of = _timeline(request, viewer, card.person_id)
    records = source_records(viewer, card.person_id)
    context = {
        "card": card,
        "base_facts": _base_facts(card),
        "missing": [words.word(words.FIELDS, name) for name in COMPLETENESS_WEIGHTS if not _is_filled(card, name)],
        "facts": facts,
        "days_to_dormant": _days_to_dormant(facts.last_date if facts else None, as_of),
        "band_fields": [card.fields[name] for name in BAND_FIELDS if name in card.fields],
        "stage": stage(facts.first_date, facts.last_date, as_of=as_of) if facts and as_of else Stage.NEW,
        "timeline_kinds": TIMELINE_KINDS,
        "tickets": tickets_of(viewer, card.person_id),
        "records": records,
        "links": _links(records),
        "home_store": store_names([card.home_store_id]).get(card.home_store_id or 0),
        "reveal_reasons": words.REVEAL_REASONS,
        "timeline": timeline,
        "kind": _kind(request),
        "as_of": as_of,
        "changes": identity_events(viewer, card.person_id)[:CHANGES_SHOWN],
        "may_steward": may_open("identity:undo", viewer.role_code),
        "may_rights": may_open("customers:rights", viewer.role_code),
    }
    return render(request, "person/person.html", context)


@require_GET
def person_timeline(request: HttpRequest, person_id: int) -> HttpResponse:
    """Return the next stretch of the timeline, or its first after a change of filter, as a part of the page."""
    viewer = request_viewer(request)
    card = _card(viewer, person_id)
    timeline, as_of = _timeline(request, viewer, card.person_id)
    context = {
        "card": card,
        "timeline": timeline,
        "timeline_kinds": TIMELINE_KINDS,
        "kind": _kind(request),
        "as_of": as_of,
    }
    part = "person/timeline_days.html" if request.GET.get("after") else "person/timeline.html"
    return render(request, part, context)


@require_GET
def person_order(request: HttpRequest, person_id: int, net_order_id: int) -> HttpResponse:
    """Return the lines of one order as a part of the page."""
    viewer = request_viewer(request)
    card = _card(viewer, person_id)
    try:
        with warehouse().read() as reading:
            found = timeline_lines(reading.cursor, scope=viewer.scope(), person_id=card.person_id, net_order_ids=[net_order_id])
    except NothingPublished as error:
        raise Http404("no order was built yet") from error
    lines = found.get(net_order_id)
    if not lines:
        raise Http404(f"no order {net_order_id} of this person")
    return render(request, "person/order_lines.html", {"lines": lines, "kinds": words.LINE_KINDS})


@require_POST
def person_reveal(request: HttpRequest, person_id: int, field: str) -> HttpResponse:
    """Show one masked value whole, once, and write down who saw it and why."""
    viewer = request_viewer(request)
    reason = request.POST.get("reason", "")
    known_reason = reason if reason in words.REVEAL_REASONS else ""
    try:
        value = services.field_reveal(viewer=viewer, person_id=person_id, field=field, reason_code=known_reason, now=utc_now())
    except services.RevealRefused as refusal:
        if refusal.code == "not_found":
            raise Http404 from refusal
        said = words.word(words.REVEAL_REFUSALS, refusal.code)
        return render(request, "person/revealed.html", {"refusal": said}, status=200)
    return render(request, "person/revealed.html", {"value": value, "reason": words.REVEAL_REASONS[known_reason]})


def _card(viewer: Viewer, person_id: int) -> PersonCard:
    card = queries.person_file(viewer, person_id)
    if card is None:
        raise Http404(f"no person {person_id} in reach")
    return card


def _kind(request: HttpRequest) -> str:
    wanted = request.GET.get("kind", "")
    return wanted if wanted in TIMELINE_KINDS else ""


def _timeline(request: HttpRequest, viewer: Viewer, person_id: int) -> tuple[TimelinePage, date | None]:
    """Return the asked stretch and its as-of day; nothing and None before the first build."""
    try:
        with warehouse().read() as reading:
            page = timeline_page(
                reading,
                viewer=viewer,
                person_id=person_id,
                kind=_kind(request),
                after=request.GET.get("after", ""),
            )
            return page, reading.as_of
    except NothingPublished:
        return TimelinePage(), None
    except ValueError as error:
        raise Http404(str(error)) from error


@dataclass(frozen=True, slots=True)
class LinkLine:
    """Why two records are one person, by the sources of both."""

    one: str
    other: str
    kind_title: str
    evidence_title: str


def _links(records: list[SourceView]) -> list[LinkLine]:
    sources = {record.record_id: record.source_code for record in records}
    links = sorted({link for record in records for link in record.joined_by}, key=lambda link: (link.record_a, link.record_b))
    return [LinkLine(sources[link.record_a], sources[link.record_b], link.kind_title, link.evidence_title) for link in links]


def _is_filled(card: PersonCard, name: str) -> bool:
    return card.home_store_id is not None if name == "store" else name in card.fields


def _base_facts(card: PersonCard) -> list[Fact]:
    """Return the lines of the base information; the key fields appear even when nobody told them."""
    shown = [name for name in SHOWN_FIELDS if name in card.fields or name in COMPLETENESS_WEIGHTS]
    return [Fact(name, words.word(words.FIELDS, name), card.fields.get(name), _text(name, card)) for name in shown]


def _text(name: str, card: PersonCard) -> LazyText:
    if name not in card.fields:
        return _("未填")
    text = card.fields[name].text
    return words.word(words.GENDERS, text) if name == "gender" else text


def _days_to_dormant(last_date: date | None, as_of: date | None) -> int | None:
    """Return in how many days an active person turns dormant, when that is soon; None otherwise."""
    if last_date is None or as_of is None:
        return None
    left = DORMANT_DAYS - (as_of - last_date).days
    return left if 0 < left <= WARN_DAYS else None
