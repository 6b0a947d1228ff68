"""Put one field of a person's file right, or take that back; every source stays as it is."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from huitou.apps.base.audit import audit_record
from huitou.apps.base.hooks import Hook, ValuesVerified, run
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.corrections import CORRECTION_REASONS, correction_seal
from huitou.apps.identity.models import Correction, Membership
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import PersonNotLive
from huitou.apps.identity.services.person_merge import records_of
from huitou.core.identity.normalise import NORMALISERS
from huitou.core.labels import Refusal, mark

CORRECTABLE = ("name", "phone", "email", "gender", "birthday", "address")


class CorrectionRefused(Refusal):
    """The value is not taken; the sentence says why and never repeats it."""


@transaction.atomic
def value_correct(*, viewer: Viewer, person_id: int, field_code: str, value: str, reason_code: str, now: datetime) -> Correction:
    """
    Let this value stand in the person's file whatever the sources say, until it is taken back. Audited without the value.

    Raises PersonNotLive for nobody and for a person out of reach, CorrectionRefused.
    """
    map_lock()
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        raise PersonNotLive(f"no person {person_id} in reach")
    if field_code not in CORRECTABLE:
        raise CorrectionRefused(mark("这一项不能更正"))
    if reason_code not in CORRECTION_REASONS:
        raise CorrectionRefused(mark("先选更正的原因"))
    text = value.strip()
    if not 0 < len(text) <= 200 or not text.isprintable() or NORMALISERS[field_code](text) is None:
        raise CorrectionRefused(mark("这个值不能用：检查格式后再填"))
    records = records_of(person)
    _open(records, field_code).update(retired_at=now)
    row = Correction.objects.create(
        record_id=records[0], field_code=field_code, value=correction_seal(records[0], field_code, text),
        reason_code=reason_code, at=now, by=viewer.user_id,
    )  # fmt: skip
    persons_refresh([person], now=now)
    audit_record(
        action_code="person.corrected", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
        field=field_code, reason=reason_code,
    )  # fmt: skip
    run(Hook.VALUES_VERIFIED, ValuesVerified(person, viewer.user_id, now))
    return row


@transaction.atomic
def correction_retire(*, viewer: Viewer, correction_id: int, now: datetime) -> int:
    """Take a correction back and return the person; again it changes nothing. Raises PersonNotLive."""
    map_lock()
    row = Correction.objects.filter(pk=correction_id).first()
    held = Membership.objects.filter(record_id=row.record_id, valid_to=None).first() if row else None
    person = person_id_in_reach(viewer, held.person_id) if held else None
    if row is None or person is None:
        raise PersonNotLive(f"no correction {correction_id} in reach")
    if Correction.objects.filter(pk=row.pk, retired_at=None).update(retired_at=now):
        persons_refresh([person], now=now)
        audit_record(
            action_code="person.correction_retired", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
            field=row.field_code,
        )  # fmt: skip
    return person


def _open(records: list[int], field_code: str) -> QuerySet[Correction]:
    return Correction.objects.filter(record_id__in_list=records, field_code=field_code, retired_at=None)
