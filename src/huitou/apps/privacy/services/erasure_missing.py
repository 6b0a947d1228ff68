"""
Requests whose person a restored backup does not hold. Their records come again: to one person, and the request goes on by itself;
to several or to nobody, and the privacy officer decides.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import live_ids
from huitou.apps.privacy.erasures import CLOSE_REASONS, OPEN, holders_of
from huitou.apps.privacy.journal import request_append
from huitou.apps.privacy.models import ErasureRequest, RequestState
from huitou.apps.privacy.services.erasure_request import ERASE_JOB, ErasureRefused, entry_of, entry_of_person
from huitou.apps.privacy.services.person_erase import PersonNotFound
from huitou.core.labels import mark


@transaction.atomic
def missing_found(*, now: datetime) -> None:
    """
    Let requests wait for their person again whose records have come back to exactly one. Records that came to several are left
    to people: one of those persons may be somebody else.
    """
    for row in list(ErasureRequest.objects.select_for_update().filter(state=RequestState.MISSING)):
        persons = holders_of(row)
        if len(persons) == 1:
            _hand_on(row, persons, "privacy.erase_found", by=None, now=now)


@transaction.atomic
def missing_choose(*, viewer: Viewer, request_id: int, person_ids: Collection[int], now: datetime) -> list[int]:
    """
    Say which of the persons who hold the records asked; return their ids. Each is erased on the day of the request.

    Raises PersonNotFound, and ErasureRefused for nobody or somebody who holds none of the records.
    """
    row = _missing(viewer, request_id)
    chosen = set(person_ids)
    if not chosen or not chosen <= holders_of(row):
        raise ErasureRefused(mark("请选记录所在的客户；名单可能已经变了"))
    _hand_on(row, chosen, "privacy.erase_chosen", by=viewer.user_id, now=now)
    if row.due_at <= now:
        jobs.plan_once(ERASE_JOB, now=now)
    return sorted(chosen)


@transaction.atomic
def missing_close(*, viewer: Viewer, request_id: int, reason_code: str, now: datetime) -> None:
    """
    End a request without an erasure, for one of CLOSE_REASONS. What marketing was kept from reaching stays out of its reach.

    Raises PersonNotFound, and ErasureRefused for an unknown reason.
    """
    row = _missing(viewer, request_id)
    if reason_code not in CLOSE_REASONS:
        raise ErasureRefused(mark("请选一个结束的原因"))
    row.state, row.ended_at, row.ended_by, row.record_keys = RequestState.CANCELLED, now, viewer.user_id, []
    request_append(entry_of(row))
    row.save()
    audit_record(
        action_code="privacy.erase_closed", subject_kind="erasure_request", subject_id=row.pk, now=now, user_id=viewer.user_id,
        reason_code=reason_code,
    )  # fmt: skip


def _missing(viewer: Viewer, request_id: int) -> ErasureRequest:
    row = ErasureRequest.objects.select_for_update().filter(pk=request_id, state=RequestState.MISSING).first()
    if row is None or viewer.store_ids is not None:
        raise PersonNotFound(request_id)
    return row


def _hand_on(row: ErasureRequest, person_ids: Collection[int], action_code: str, *, by: int | None, now: datetime) -> None:
    """
    Put a request for each person in the place of the missing one. The journal learns both, so that the next restore asks for the
    same persons and not once more for the one who is missing.

    Who waits already for a request of their own is erased on the earlier of both days.
    """
    waiting = _waiting()
    for person_id in sorted(person_ids):
        own = waiting.get(person_id)
        if own is None:
            fresh = ErasureRequest.objects.create(
                person_id=person_id, asked_by=row.asked_by, asked_at=row.asked_at, due_at=row.due_at, reason_code=row.reason_code
            )
            request_append(entry_of_person(fresh, person_id))
        elif own.state == RequestState.WAITING and row.due_at < own.due_at:
            own.due_at = row.due_at
            own.save(update_fields=["due_at"])
            request_append(entry_of_person(own, person_id))
        audit_record(
            action_code=action_code, subject_kind="person", subject_id=person_id, now=now, user_id=by, request_id=row.pk,
            asked_at=row.asked_at.isoformat(),
        )  # fmt: skip
    request_append(replace(entry_of(row), is_cancelled=True, ended_at=now.isoformat(), ended_by=by))
    row.delete()


def _waiting() -> dict[int, ErasureRequest]:
    """Return by living person the open request that falls due first."""
    found: dict[int, ErasureRequest] = {}
    rows = list(ErasureRequest.objects.select_for_update().filter(state__in=OPEN).order_by("due_at", "pk"))
    lives = live_ids(row.person_id for row in rows)
    for row in rows:
        if (person_id := lives.get(row.person_id)) is not None:
            found.setdefault(person_id, row)
    return found
