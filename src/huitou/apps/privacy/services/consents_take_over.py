"""Store the answers that another system kept until now, many at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.privacy.consent import PURPOSES, SOURCES
from huitou.apps.privacy.models import Consent
from huitou.apps.privacy.services.consent_record import ConsentRefused
from huitou.core.consent import CHANNELS, Answer

_CHUNK = 5_000
_KNOWN = (frozenset(CHANNELS), frozenset(PURPOSES), frozenset(Answer), frozenset(SOURCES))


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """One answer as the other system kept it. said_at: when the person gave it (aware)."""

    person_id: int
    channel: str
    purpose: str
    answer: str
    source: str
    said_at: datetime


@transaction.atomic
def consents_take_over(*, viewer: Viewer, answers: Iterable[KeptAnswer], now: datetime) -> int:
    """
    Append the answers of living persons in reach and return how many; one audit entry tells that and how many were left out.

    Left out are the answers of anybody else. As with `consent_record` nothing is overwritten: an older answer is history. Whoever
    takes the same answers over twice has them twice. A guardian's answer is no part of this. Raises ConsentRefused on an
    unknown code or an answer of the future; nothing is stored then.
    """
    given = stored = 0
    for part in chunked(answers, _CHUNK):
        whose = sorted({one.person_id for one in part})
        in_reach = set(persons_in_reach(viewer).filter(pk__in_list=whose).values_list("pk", flat=True))
        rows = [_row(one, viewer, now) for one in part if one.person_id in in_reach]
        Consent.objects.bulk_create(rows)
        given, stored = given + len(part), stored + len(rows)
    if given:
        audit_record(
            action_code="privacy.consents", subject_kind="person", subject_id=0, now=now, user_id=viewer.user_id,
            answers=stored, left_out=given - stored,
        )  # fmt: skip
    return stored


def _row(one: KeptAnswer, viewer: Viewer, now: datetime) -> Consent:
    codes = (one.channel, one.purpose, one.answer, one.source)
    if any(code not in known for code, known in zip(codes, _KNOWN, strict=True)):
        raise ConsentRefused("unknown")
    if one.said_at > now:
        raise ConsentRefused("future")
    return Consent(
        person_id=one.person_id, channel_code=one.channel, purpose_code=one.purpose, answer_code=one.answer,
        source_code=one.source, reason_code="asked", said_at=one.said_at, recorded_at=now, by=viewer.user_id,
    )  # fmt: skip
