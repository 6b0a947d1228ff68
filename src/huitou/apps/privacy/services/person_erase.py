"""Remove a person's data everywhere, and remember only what keeps the removal true."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base import hooks
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import rows_write
from huitou.apps.privacy.journal import JournalEntry, journal_append, journal_since
from huitou.apps.privacy.models import Erasure, Suppression

_ATTEMPTS = 3
SUPPRESSED_KINDS = frozenset({"phone", "email"})  # what marketing could reach


class PersonNotFound(Exception):
    """There is no living person under this id: merged away (erase the survivor), erased before, or never there."""


class PersonChanging(Exception):
    """New records joined the person each time while its files were being rewritten: erase again."""


def person_erase(*, person_id: int, by: int | None, reason_code: str, now: datetime) -> Erasure:
    """
    Erase one person: the landing rewrites its record files, every app drops its part, reachable identifiers are suppressed.

    Sums over orders stay, without a person. reason_code: a short code, never text about the person. The files go first and
    outside the transaction, which would keep everybody else from writing meanwhile; the rest is all or nothing, and after a
    failure erasing again ends it. Raises PersonNotFound, PersonChanging, and what a handler of the files refuses with.
    """
    for _ in range(_ATTEMPTS):
        parts = person_parts(person_id)
        if not parts[0]:
            raise PersonNotFound(person_id)
        erased = hooks.PersonErased(person_id=person_id, record_ids=parts[0], at=now)
        hooks.run(hooks.Hook.ERASE_FILES, erased)
        with transaction.atomic():
            if person_parts(person_id) == parts:
                return _forget(erased, parts[1], by=by, reason_code=reason_code)
    raise PersonChanging(person_id)


def _forget(erased: hooks.PersonErased, identifiers: tuple[tuple[str, int], ...], *, by: int | None, reason_code: str) -> Erasure:
    records = list(erased.record_ids)
    journal_append(JournalEntry(erased.person_id, erased.record_ids, erased.at.isoformat(), by, reason_code, identifiers))
    identifiers_suppress(identifiers, erased.at)
    hooks.run(hooks.Hook.ERASE, erased)
    audit_record(
        action_code="privacy.erase", subject_kind="person", subject_id=erased.person_id, now=erased.at, user_id=by,
        reason_code=reason_code, records=len(records),
    )  # fmt: skip
    return Erasure.objects.create(person_id=erased.person_id, record_ids=records, at=erased.at, by=by, reason_code=reason_code)


def record_keys(person_id: int) -> tuple[int, ...]:
    """Return the keyed hashes by which the person's records are known when they land again."""
    answers = hooks.run(hooks.Hook.PERSON_RECORDS, person_id)
    return tuple(sorted({key for answer in answers for key in answer.record_keys}))


def person_parts(person_id: int) -> tuple[tuple[int, ...], tuple[tuple[str, int], ...]]:
    """Return the person's records and identifiers (kind, keyed hash); both empty for nobody."""
    answers = hooks.run(hooks.Hook.PERSON_RECORDS, person_id)
    records = tuple(sorted({record for answer in answers for record in answer.record_ids}))
    return records, tuple(sorted({identifier for answer in answers for identifier in answer.identifiers}))


def identifiers_suppress(identifiers: tuple[tuple[str, int], ...], now: datetime) -> None:
    """Let no marketing reach whoever is found under these phones and e-mails."""
    rows = [(kind, value_hash, "erased", now) for kind, value_hash in identifiers if kind in SUPPRESSED_KINDS]
    rows_write(Suppression, ("kind_code", "value_hash", "reason_code", "since"), rows, conflict=("value_hash", "kind_code"))


def erasures_import(*, made_at: datetime) -> int:
    """
    Take the erasures that the journal knows and a restored database (of a backup made then) does not; return how many.

    Call it before anything new lands: only now do the ids of the journal mean the same records.
    """
    known = {(row.person_id, row.at) for row in Erasure.objects.filter(at__gte=made_at)}
    count = 0
    for entry in journal_since(made_at):
        at = datetime.fromisoformat(entry.at)
        if (entry.person_id, at) in known:
            continue
        with transaction.atomic():
            identifiers_suppress(entry.identifiers, at)
            Erasure.objects.create(
                person_id=entry.person_id, record_ids=list(entry.record_ids), at=at, by=entry.by, reason_code=entry.reason_code
            )
        count += 1
    return count


def erasures_replay() -> int:
    """Run every logged erasure again, after a restore from a backup older than it; return how many."""
    erasures = list(Erasure.objects.order_by("at", "pk"))
    for erasure in erasures:
        payload = hooks.PersonErased(person_id=erasure.person_id, record_ids=tuple(erasure.record_ids), at=erasure.at)
        hooks.run(hooks.Hook.ERASE_FILES, payload)
        with transaction.atomic():
            hooks.run(hooks.Hook.ERASE, payload)
    return len(erasures)
