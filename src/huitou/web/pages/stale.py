"""What nobody verified for long, person by person: the file's facts and contacts and custom attributes; as a page and a file."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.attributes.queries import stale_count
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries.stale import persons_stale_count
from huitou.apps.privacy.services import access_record
from huitou.apps.quality.stale import DAYS_OFFERED, STALE_AFTER_DAYS, StalePerson, stale_page, stale_pages
from huitou.core.periods import business_date
from huitou.web import words
from huitou.web.csv_lines import BOM, csv_line
from huitou.web.policy import may_open

EXPORT_ROUTE = "quality:stale_export"


@require_GET
def stale(request: HttpRequest) -> HttpResponse:
    """List the persons in reach with a value out of date."""
    viewer, now, days = request_viewer(request), utc_now(), _days(request)
    after = request.GET.get("after", "")
    page = stale_page(viewer, now=now, days=days, after=int(after) if after.isdecimal() and len(after) < 19 else 0)
    before = business_date(now) - timedelta(days=days)
    context = {
        "page": page,
        "days": days,
        "offered": DAYS_OFFERED,
        "persons": persons_stale_count(viewer, before=before),
        "values": stale_count(viewer, now=now),
        "may_verify": may_open("attributes:verify", viewer.role_code),
        "may_export": may_open(EXPORT_ROUTE, viewer.role_code),
    }
    return render(request, "attributes/stale.html", context)


@require_GET
def stale_export(request: HttpRequest) -> HttpResponseBase:
    """Hand the whole list out as a file, masked as on the page."""
    lines = stale_lines(request_viewer(request), _days(request), utc_now())
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
                        str(words.word(words.SOURCES, source)),
                        observed_at.isoformat(timespec="seconds"),
                    ]
                )
                written += 1
    yield csv_line([f"# {written} rows"])


def _values(person: StalePerson) -> Iterator[tuple[str, str, str, datetime]]:
    for field in person.fields:
        yield (
            str(words.word(words.FIELDS, field.name)),
            str(words.fact_text(field.name, field.text)),
            field.source_code,
            field.observed_at,
        )
    for value in person.attributes:
        yield value.attribute.title, value.text, value.source_code, value.observed_at


def _days(request: HttpRequest) -> int:
    asked = request.GET.get("days", "")
    return int(asked) if asked in {str(days) for days in DAYS_OFFERED} else STALE_AFTER_DAYS
