"""Consent on the person page: the matrix of channel and purpose, and the form that appends an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.consent import GUARDIANS, MINOR, PURPOSES, REASONS, SOURCES, ConsentEntry, ConsentFile
from huitou.apps.privacy.services import ConsentRefused, consent_record
from huitou.core.consent import CHANNELS, Answer
from huitou.core.periods import BUSINESS_ZONE, business_date
from huitou.web import words, words_person
from huitou.web.lazy import LazyText
from huitou.web.toasts import toast

REFUSALS: Mapping[str, LazyText] = {
    "unknown": gettext_lazy("没有登记：渠道、用途、答复、方式和原因都要选。"),
    "of_age": gettext_lazy("没有登记：客户已满 14 岁，由本人答复。"),
    "future": gettext_lazy("没有登记：日期在以后。填客户答复的那一天。"),
}


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """One purpose with the answer of every channel, in the order of CHANNELS; None: never asked."""

    purpose: str
    cells: Sequence[tuple[str, ConsentEntry | None]]


@dataclass(frozen=True, slots=True)
class ConsentChoices:
    """What the form offers: codes in order; the words are looked up by the template. today: the latest day it takes."""

    channels: Sequence[str]
    purposes: Sequence[str]
    answers: Sequence[str]
    sources: Sequence[str]
    reasons: Sequence[str]
    guardians: Sequence[str]
    minor: str
    today: date


def consent_rows(file: ConsentFile) -> list[ConsentRow]:
    """Return the matrix, a row per purpose."""
    return [
        ConsentRow(purpose, [(channel, file.current.get((channel, purpose))) for channel in CHANNELS]) for purpose in PURPOSES
    ]


def guardian_cells(file: ConsentFile) -> list[tuple[str, ConsentEntry]]:
    """Return which guardians answered for a child, with what counts."""
    return [(who, file.current[who, MINOR]) for who in GUARDIANS if (who, MINOR) in file.current]


def consent_choices(today: date) -> ConsentChoices:
    return ConsentChoices(CHANNELS, PURPOSES, tuple(Answer), SOURCES, REASONS, GUARDIANS, MINOR, today)


@require_POST
def consent(request: HttpRequest, person_id: int) -> HttpResponse:
    """Append what the person said; what is missing is told, and nothing is stored."""
    posted, now = request.POST, utc_now()
    try:
        row = consent_record(
            viewer=request_viewer(request),
            person_id=person_id,
            channel=posted.get("channel", ""),
            purpose=posted.get("purpose", ""),
            answer=posted.get("answer", ""),
            source=posted.get("source", ""),
            reason=posted.get("reason", ""),
            said_at=_said_at(posted.get("day", ""), now),
            now=now,
        )
    except ConsentRefused as refusal:
        if refusal.code == "not_found":
            raise Http404 from refusal
        messages.error(request, str(REFUSALS[refusal.code]))
    else:
        said = {
            "channel": words.word(words_person.CONSENT_CHANNELS, row.channel_code),
            "purpose": words.word(words_person.CONSENT_PURPOSES, row.purpose_code),
            "answer": words.word(words_person.CONSENT_ANSWERS, row.answer_code),
        }
        toast(request, _("已登记：%(channel)s、%(purpose)s，%(answer)s") % said)
    return redirect("customers:person", person_id)


def _said_at(text: str, now: datetime) -> datetime:
    """Return when it was said: now for today (and for no day), else the end of that day, so that the day's last word counts."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return now
    return now if day == business_date(now) else datetime.combine(day, time(23, 59, 59), tzinfo=BUSINESS_ZONE)
