"""What nobody verified for long, person by person: facts and contacts of the file, attributes, tags; as a page and a file."""

import secrets
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.attributes.queries import stale_count
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.stale import persons_stale_count
from huitou.apps.identity.services import PersonNotLive, value_confirm
from huitou.apps.privacy.services import access_record
from huitou.apps.products.queries import category_names
from huitou.apps.quality.stale import DAYS_OFFERED, STALE_AFTER_DAYS, StalePerson, stale_page, stale_pages
from huitou.apps.tasks.rules import VERIFY
from huitou.apps.value import services
from huitou.apps.value.queries import given_tag_names
from huitou.core.periods import business_date
from huitou.web import words, words_intake, words_person
from huitou.web.csv_lines import BOM, csv_line
from huitou.web.going_back import went_back
from huitou.web.policy import may_open
from huitou.web.toasts import toast

EXPORT_ROUTE = "quality:stale_export"
MANUAL = "manual"  # the source of what people entered


@require_GET
def stale(request: HttpRequest) -> HttpResponse:
    """List the persons in reach with a value out of date."""
    viewer, now, days = request_viewer(request), utc_now(), days_asked(request.GET)
    after = request.GET.get("after", "")
    page = stale_page(viewer, now=now, days=days, after=int(after) if after.isdecimal() and len(after) < 19 else 0)
    before = business_date(now) - timedelta(days=days)
    context = {
        "page": page,
        "days": days,
        "offered": DAYS_OFFERED,
        "persons": persons_stale_count(viewer, before=before),
        "values": stale_count(viewer, now=now),
        "tag_names": tag_names(page.persons),
        "may_verify": may_open("attributes:verify", viewer.role_code),
        "may_export": may_open(EXPORT_ROUTE, viewer.role_code),
        "may_make": may_open("tasks:run_begin", viewer.role_code),
        "run_key": secrets.token_urlsafe(16),
        "task_kind": VERIFY,
    }
    return render(request, "attributes/stale.html", context)


@require_POST
def confirm(request: HttpRequest, person_id: int, field_code: str) -> HttpResponse:
    """Take the word of the person that a value of the file is still true."""
    try:
        value_confirm(viewer=request_viewer(request), person_id=person_id, field_code=field_code, now=utc_now())
    except PersonNotLive as error:
        raise Http404(str(error)) from error
    toast(request, _("已核实"))
    return went_back(request, "quality:stale")


@require_POST
def tag_confirm(request: HttpRequest, person_id: int, tag_id: int) -> HttpResponse:
    """Take somebody's word that a tag still holds."""
    try:
        services.tag_confirm(viewer=request_viewer(request), person_id=person_id, tag_id=tag_id, now=utc_now())
    except services.TagRefused as error:
        raise Http404(str(error)) from error
    toast(request, _("已核实"))
    return went_back(request, "quality:stale")


@require_GET
def stale_export(request: HttpRequest) -> HttpResponseBase:
    """Hand the whole list out as a file, masked as on the page."""
    lines = stale_lines(request_viewer(request), days_asked(request.GET), utc_now())
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="stale.csv"'
    return answer


def stale_lines(viewer: Viewer, days: int, now: datetime) -> Iterator[bytes]:
    """Yield one line per value, and how many there are; a file without that line is cut."""
    yield BOM
    yield csv_line(["id", _("属性"), _("值"), _("来源"), _("上次核实")])
    written = 0
    for persons in stale_pages(viewer, now=now, days=days):
        ids = {one.person_id for one in persons}
        if ids:
            access_record(user_id=viewer.user_id, route_code=EXPORT_ROUTE, person_ids=ids, now=utc_now())
        for person in persons:
            for name, text, source, observed_at in _values(person):
                yield csv_line(
                    [
                        person.person_id,
                        name,
                        text,
                        str(words.word(words_intake.SOURCES, source)),
                        observed_at.isoformat(timespec="seconds"),
                    ]
                )
                written += 1
    yield csv_line([f"# {written} rows"])


def _values(person: StalePerson) -> Iterator[tuple[str, str, str, datetime]]:
    for field in person.fields:
        yield (
            str(words.word(words_person.FIELDS, field.name)),
            str(words_person.fact_text(field.name, field.text)),
            field.source_code,
            field.observed_at,
        )
    for value in person.attributes:
        yield value.attribute.title, value.text, value.source_code, value.observed_at
    names = tag_names([person])
    for tag in person.tags:
        yield _("标签"), names[tag.tag_id], MANUAL, tag.told_at


def tag_names(persons: list[StalePerson]) -> dict[int, str]:
    """Return what the listed tags of persons are called, by their ids; an interest by its category."""
    tags = [one for person in persons for one in person.tags]
    if not tags:
        return {}
    defined, categories = given_tag_names(), category_names()
    return {
        one.tag_id: categories.get(one.category_id, "") if one.category_id else defined.get(one.code, one.code) for one in tags
    }


def days_asked(given: QueryDict) -> int:
    """Return how long nobody verified what is listed: one of those on offer."""
    asked = given.get("days", "")
    return int(asked) if asked in {str(days) for days in DAYS_OFFERED} else STALE_AFTER_DAYS
