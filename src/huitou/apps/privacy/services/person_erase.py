"""Remove a person's data everywhere, and remember only what keeps the removal true."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base import hooks
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import rows_write
from huitou.apps.privacy.models import Erasure, Suppression

SUPPRESSED_KINDS = frozenset({"phone", "email"})  # what marketing could reach


class PersonNotFound(Exception):
    """There is no living person under this id: merged away (erase the survivor), erased before, or never there."""


@transaction.atomic
def person_erase(*, person_id: int, by: int | None, reason_code: str, now: datetime) -> Erasure:
    """
    Erase one person: every app drops its part, the landing rewrites its record files, reachable identifiers are suppressed.

    Sums over orders stay, without a person. reason_code: a short code, never text about the person. All or nothing in the
    operations database; files that were rewritten before a failure are rewritten again to the same end. Raises PersonNotFound.
    """
    records, identifiers = person_parts(person_id)
    if not records:
        raise PersonNotFound(person_id)
    _suppress(identifiers, now)
    hooks.run(hooks.Hook.ERASE, hooks.PersonErased(person_id=person_id, record_ids=records, at=now))
    audit_record(
        action_code="privacy.erase", subject_kind="person", subject_id=person_id, now=now, user_id=by,
        reason_code=reason_code, records=len(records),
    )  # fmt: skip
    return Erasure.objects.create(person_id=person_id, record_ids=list(records), at=now, by=by, reason_code=reason_code)


def person_parts(person_id: int) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """Return the person's records and identifiers (kind, keyed hash); both empty for nobody."""
    answers = hooks.run(hooks.Hook.PERSON_RECORDS, person_id)
    records = tuple(sorted({record for answer in answers for record in answer.record_ids}))
    return records, tuple(sorted({identifier for answer in answers for identifier in answer.identifiers}))


def _suppress(identifiers: tuple[tuple[str, int], ...], now: datetime) -> None:
    rows = [(kind, value_hash, "erased", now) for kind, value_hash in identifiers if kind in SUPPRESSED_KINDS]
    rows_write(Suppression, ("kind_code", "value_hash", "reason_code", "since"), rows, conflict=("value_hash", "kind_code"))


def erasures_replay() -> int:
    """Run every logged erasure again, after a restore from a backup older than it; return how many."""
    erasures = list(Erasure.objects.order_by("at", "pk"))
    for erasure in erasures:
        payload = hooks.PersonErased(person_id=erasure.person_id, record_ids=tuple(erasure.record_ids), at=erasure.at)
        with transaction.atomic():
            hooks.run(hooks.Hook.ERASE, payload)
    return len(erasures)
