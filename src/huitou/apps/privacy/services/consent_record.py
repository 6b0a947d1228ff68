"""Store what a person said about being contacted."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import minors, persons_in_reach
from huitou.apps.privacy.consent import GUARDIANS, MINOR, PURPOSES, REASONS, SOURCES
from huitou.apps.privacy.models import Consent
from huitou.core.consent import CHANNELS, Answer
from huitou.core.periods import business_date


class ConsentRefused(Exception):
    """
    The answer is not stored. code: not_found (nobody in reach), unknown (a code that does not exist), future, of_age (a
    guardian's answer for somebody who is not under 14).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@transaction.atomic
def consent_record(
    *,
    viewer: Viewer,
    person_id: int,
    channel: str,
    purpose: str,
    answer: str,
    source: str,
    reason: str,
    said_at: datetime,
    now: datetime,
) -> Consent:
    """
    Append one answer of a living person in reach, or of a child's guardian, with an audit entry. Raises ConsentRefused.

    An older answer stored late is history only: a refusal that was said after it stays in force.
    """
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        raise ConsentRefused("not_found")
    channels, purposes = (GUARDIANS, (MINOR,)) if purpose == MINOR else (CHANNELS, PURPOSES)
    codes = ((channel, channels), (purpose, purposes), (source, SOURCES), (reason, REASONS), (answer, tuple(Answer)))
    if any(code not in known for code, known in codes):
        raise ConsentRefused("unknown")
    if said_at > now:
        raise ConsentRefused("future")
    if purpose == MINOR and not minors(today=business_date(now), person_ids=[person_id]):
        raise ConsentRefused("of_age")
    row = Consent.objects.create(
        person_id=person_id, channel_code=channel, purpose_code=purpose, answer_code=answer, source_code=source,
        reason_code=reason, said_at=said_at, recorded_at=now, by=viewer.user_id,
    )  # fmt: skip
    audit_record(
        action_code="privacy.consent", subject_kind="person", subject_id=person_id, now=now, user_id=viewer.user_id,
        channel=channel, purpose=purpose, answer=answer, source=source, reason=reason,
    )  # fmt: skip
    return row
