"""One person's page: who, what happened, where it comes from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers import queries, services
from huitou.apps.customers.models import PersonFacts
from huitou.apps.customers.queries import PersonCard, PersonField
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.identity.queries import EventView, SourceView, identity_events, source_records
from huitou.apps.privacy.consent import ConsentFile, consent_file
from huitou.apps.privacy.erasures import erasures_waiting
from huitou.apps.privacy.outreach import PERSONAL, is_barred, kept_out_why
from huitou.apps.products.queries import store_names
from huitou.apps.quality.stale import STALE_AFTER_DAYS
from huitou.apps.segments.queries import stays_in_reach
from huitou.apps.service.queries import TicketRow, tickets_of
from huitou.apps.value.queries import person_path
from huitou.core.consent import Answer
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.core.periods import business_date
from huitou.core.value.lifecycle import DORMANT_DAYS, Stage, stage
from huitou.warehouse.queries.timeline import timeline_lines
from huitou.warehouse.reader import NothingPublished
from huitou.web import words, words_intake, words_person
from huitou.web.lazy import LazyText
from huitou.web.pages.person_consent import consent_choices, consent_rows, guardian_cells
from huitou.web.pages.person_coupons import coupons_context
from huitou.web.pages.person_forecast import forecast_context
from huitou.web.pages.person_next import About, next_steps
from huitou.web.pages.person_offers import offers_context
from huitou.web.pages.person_relations import relations_context
from huitou.web.pages.person_worth import rfm_lines, rfm_why, worth_context
from huitou.web.pages.task_cards import tasks_context
from huitou.web.pages.timeline import Asked, Story, TimelinePage, timeline_page
from huitou.web.policy import may_open

SHOWN_FIELDS = ("birthday", "gender", "address", "email", "wx_openid", "wx_unionid")
BAND_FIELDS = ("phone", "member_card")
TIMELINE_KINDS: Mapping[str, LazyText] = {
    "": gettext_lazy("全部"),
    "order": gettext_lazy("订单"),
    "points": gettext_lazy("积分"),
    "ticket": gettext_lazy("工单"),
    "behaviour": gettext_lazy("行为"),
    "file": gettext_lazy("资料"),
}
TIMELINE_CHANNELS: Mapping[str, LazyText] = {
    "": gettext_lazy("全部渠道"),
    "store": gettext_lazy("门店"),
    "online": gettext_lazy("线上"),
    "service": gettext_lazy("售后"),
}
CHANGES_SHOWN = 8
STAYS_SHOWN = 8
OLDEST = 120
WARN_DAYS = 30  # how long before the dormant day the page says so


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One line of the base information; `field` None: nobody told it. stale_days: how old, when that is too old.

    short: the label where the whole one breaks the narrow column; "" for the others.
    """

    name: str
    label: LazyText
    short: LazyText
    field: PersonField | None
    text: LazyText
    stale_days: int | None


@require_GET
def person(request: HttpRequest, person_id: int) -> HttpResponse:
    """Show the file of a living person in reach; an id that was merged away shows the person it went to."""
    viewer = request_viewer(request)
    card = _card(viewer, person_id)
    facts = published_facts(viewer, card.person_id)
    records = source_records(viewer, card.person_id)
    changes = identity_events(viewer, card.person_id)
    consents = consent_file(viewer, card.person_id)
    tickets = tickets_of(viewer, card.person_id)
    timeline, as_of = _timeline(request, viewer, card.person_id, records, tickets, changes, consents)
    today = business_date(utc_now())
    worth, forecast = worth_context(viewer, card.person_id), forecast_context(viewer, card.person_id)
    why_out = kept_out_why(PERSONAL, today=today, person_ids=[card.person_id])
    is_out = any(why_out.values())
    missing = [words.word(words_person.FIELDS, name) for name in COMPLETENESS_WEIGHTS if not _is_filled(card, name)]
    days_to_dormant = _days_to_dormant(facts.last_date if facts else None, as_of)
    about = About(
        today=today,
        tickets=tickets,
        consents=consents,
        forecast=forecast["forecast"].row if forecast["forecast"] else None,
        days_to_dormant=days_to_dormant,
        gap=worth["main_tier"].gap if worth["main_tier"] else "",
        missing=missing,
        may_consent=may_open("customers:consent", viewer.role_code),
        is_barred=is_barred(why_out),
        needs_guardian=card.is_minor(today)
        and not any(entry.answer is Answer.GRANTED for _who, entry in guardian_cells(consents)),
    )
    rfm = rfm_lines(worth["worth"], facts, today)
    context = {
        **_file_context(viewer, card, today),
        **_facts_context(facts, as_of, today),
        **_sources_context(viewer, records, changes),
        **_consent_context(viewer, consents, today),
        "missing": missing,
        "days_to_dormant": days_to_dormant,
        "next_steps": next_steps(about),
        "is_unoffered": is_out,
        "rfm": rfm,
        "rfm_why": rfm_why(worth["worth"], rfm),
        "tickets": tickets,
        **worth,
        **forecast,
        **offers_context(viewer, card.person_id, today=today, is_out=is_out),
        **coupons_context(viewer, card.person_id, now=utc_now()),
        **relations_context(viewer, card.person_id),
        **tasks_context(viewer, card.person_id, now=utc_now()),
        "path": person_path(viewer, card.person_id),
        **_timeline_context(request, records, timeline, as_of),
    }
    return render(request, "person/person.html", context)


def _file_context(viewer: Viewer, card: PersonCard, today: date) -> dict[str, object]:
    """Return what the file itself says, and the groups that the person is in."""
    return {
        "card": card,
        "base_facts": _base_facts(card, today),
        "about": _about(card, today),
        "is_minor": card.is_minor(today),
        "band_fields": [card.fields[name] for name in BAND_FIELDS if name in card.fields],
        "home_store": store_names([card.home_store_id]).get(card.home_store_id or 0),
        "reveal_reasons": words_person.REVEAL_REASONS,
        "erasing": next(iter(erasures_waiting(viewer, person_id=card.person_id)), None),
        "stays": stays_in_reach(viewer, card.person_id)[:STAYS_SHOWN],
        "may_segments": may_open("segments:segment", viewer.role_code),
        "may_rights": may_open("customers:rights", viewer.role_code),
    }


def _facts_context(facts: PersonFacts | None, as_of: date | None, today: date) -> dict[str, object]:
    """Return what the purchases say: the stage, how long ago the last one was, what one brought."""
    return {
        "facts": facts,
        "days_since": (today - facts.last_date).days if facts and facts.last_date else None,
        "each_before_fen": facts.net_365d_fen // facts.orders_365d if facts and facts.orders_365d else None,
        "stage": stage(facts.first_date, facts.last_date, as_of=as_of) if facts and as_of else Stage.NEW,
    }


def _consent_context(viewer: Viewer, consents: ConsentFile, today: date) -> dict[str, object]:
    """Return what the person allowed, and what it takes to write an answer down."""
    return {
        "consent_rows": consent_rows(consents),
        "guardian_cells": guardian_cells(consents),
        "consent_entries": consents.entries[:CHANGES_SHOWN],
        "consent_form": consent_choices(today),
        "may_consent": may_open("customers:consent", viewer.role_code),
    }


def _sources_context(viewer: Viewer, records: list[SourceView], changes: list[EventView]) -> dict[str, object]:
    """Return where the file comes from: its records, why they are one person, how that came about."""
    return {
        "records": records,
        "links": _links(records),
        "changes": changes[:CHANGES_SHOWN],
        "may_steward": may_open("identity:undo", viewer.role_code),
        "may_review": may_open("identity:review", viewer.role_code),
    }


@require_GET
def person_timeline(request: HttpRequest, person_id: int) -> HttpResponse:
    """Return the next stretch of the timeline, or its first after a change of filter, as a part of the page."""
    viewer = request_viewer(request)
    card = _card(viewer, person_id)
    records = source_records(viewer, card.person_id)
    changes, consents = identity_events(viewer, card.person_id), consent_file(viewer, card.person_id)
    timeline, as_of = _timeline(request, viewer, card.person_id, records, tickets_of(viewer, card.person_id), changes, consents)
    context = {"card": card, **_timeline_context(request, records, timeline, as_of)}
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
    return render(request, "person/order_lines.html", {"lines": lines, "kinds": words_person.LINE_KINDS})


@require_POST
def person_reveal(request: HttpRequest, person_id: int, field: str) -> HttpResponse:
    """Show one masked value whole, once, and write down who saw it and why."""
    viewer = request_viewer(request)
    reason = request.POST.get("reason", "")
    known_reason = reason if reason in words_person.REVEAL_REASONS else ""
    try:
        value = services.field_reveal(viewer=viewer, person_id=person_id, field=field, reason_code=known_reason, now=utc_now())
    except services.RevealRefused as refusal:
        if refusal.code == "not_found":
            raise Http404 from refusal
        said = words.word(words_person.REVEAL_REFUSALS, refusal.code)
        return render(request, "person/revealed.html", {"refusal": said}, status=200)
    return render(request, "person/revealed.html", {"value": value, "reason": words_person.REVEAL_REASONS[known_reason]})


def _card(viewer: Viewer, person_id: int) -> PersonCard:
    card = queries.person_file(viewer, person_id)
    if card is None:
        raise Http404(f"no person {person_id} in reach")
    return card


def _asked(request: HttpRequest) -> Asked:
    kind, channel, source = (request.GET.get(name, "") for name in ("kind", "channel", "source"))
    return Asked(
        kind=kind if kind in TIMELINE_KINDS else "",
        channel=channel if channel in TIMELINE_CHANNELS else "",
        source=source if source in words_intake.SOURCES else "",
    )


def _timeline(
    request: HttpRequest,
    viewer: Viewer,
    person_id: int,
    records: list[SourceView],
    tickets: list[TicketRow],
    changes: list[EventView],
    consents: ConsentFile,
) -> tuple[TimelinePage, date | None]:
    """Return the asked stretch and its as-of day; nothing and None before the first build."""
    sources = {record.record_id: record.source_code for record in records}
    try:
        with warehouse().read() as reading:
            story = Story(reading, viewer, person_id, sources, tickets, changes, consents.entries)
            return timeline_page(story, _asked(request), after=request.GET.get("after", "")), reading.as_of
    except NothingPublished:
        return TimelinePage(), None
    except (ValueError, OverflowError) as error:
        raise Http404(str(error)) from error


def _timeline_context(
    request: HttpRequest, records: list[SourceView], timeline: TimelinePage, as_of: date | None
) -> dict[str, object]:
    """Return the stretch with the filters on offer; each carries the query of what is asked with it."""
    asked = _asked(request)
    counts = timeline.counts or {}
    present = sorted({record.source_code for record in records})
    sources = {"": _("全部来源"), **{code: words.word(words_intake.SOURCES, code) for code in present}}
    return {
        "timeline": timeline,
        "as_of": as_of,
        "asked": asked,
        "asked_query": _query(asked),
        "kind_choices": [
            Choice(label, _query(replace(asked, kind=code)), code == asked.kind, counts.get(code))
            for code, label in TIMELINE_KINDS.items()
        ],
        "channel_choices": [
            Choice(label, _query(replace(asked, channel=code)), code == asked.channel)
            for code, label in TIMELINE_CHANNELS.items()
        ],
        "source_choices": [
            Choice(label, _query(replace(asked, source=code)), code == asked.source) for code, label in sources.items()
        ],
        "channel_label": TIMELINE_CHANNELS[asked.channel] if asked.channel else _("渠道"),
        "source_label": words.word(words_intake.SOURCES, asked.source) if asked.source else _("来源"),
    }


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a filter of the timeline; count None: not counted."""

    label: LazyText
    query: str
    is_on: bool
    count: int | None = None


def _query(asked: Asked) -> str:
    return urlencode({"kind": asked.kind, "channel": asked.channel, "source": asked.source})


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


def _base_facts(card: PersonCard, today: date) -> list[Fact]:
    """Return the lines of the base information; the key fields appear even when nobody told them."""
    shown = [name for name in SHOWN_FIELDS if name in card.fields or name in COMPLETENESS_WEIGHTS]
    return [_fact(name, card, today) for name in shown]


def _fact(name: str, card: PersonCard, today: date) -> Fact:
    field = card.fields.get(name)
    age = None if field is None else (today - business_date(field.observed_at)).days
    return Fact(
        name,
        words.word(words_person.FIELDS, name),
        words_person.SHORT_FIELDS.get(name, ""),
        field,
        _text(name, card),
        age if age and age > STALE_AFTER_DAYS else None,
    )


def _about(card: PersonCard, today: date) -> list[LazyText]:
    """Return what the header says in words: gender, age (from the year alone, the day may be masked), years as a member."""
    said: list[LazyText] = []
    if "gender" in card.fields:
        said.append(words.word(words_person.GENDERS, card.fields["gender"].text))
    year = card.fields["birthday"].text[:4] if "birthday" in card.fields else ""
    if year.isdecimal() and 0 < today.year - int(year) < OLDEST:
        said.append(_("约 %(age)s 岁") % {"age": today.year - int(year)})
    if card.registered_at is not None:
        years = (today - business_date(card.registered_at)).days // 365
        said.append(ngettext("注册 %(years)s 年", "注册 %(years)s 年", years) % {"years": years} if years else _("注册不到一年"))
    return said


def _text(name: str, card: PersonCard) -> LazyText:
    if name not in card.fields:
        return _("未填")
    return words_person.fact_text(name, card.fields[name].text)


def _days_to_dormant(last_date: date | None, as_of: date | None) -> int | None:
    """Return in how many days an active person turns dormant, when that is soon; None otherwise."""
    if last_date is None or as_of is None:
        return None
    left = DORMANT_DAYS - (as_of - last_date).days
    return left if 0 < left <= WARN_DAYS else None
