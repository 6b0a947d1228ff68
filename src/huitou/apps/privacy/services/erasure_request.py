"""Ask that a person be erased, and think better of it."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.privacy.erasures import LONGEST_DELAY_DAYS, OPEN, delay_days, erasures_waiting
from huitou.apps.privacy.journal import RequestEntry, request_append
from huitou.apps.privacy.models import ErasureDelay, ErasureRequest, RequestState
from huitou.apps.privacy.services.person_erase import PersonNotFound, person_parts, record_keys
from huitou.core.labels import Refusal, mark

ERASE_JOB = "privacy.erase_due"


class ErasureRefused(Refusal):
    """The request is not taken or cannot be cancelled; the sentence says why."""


@transaction.atomic
def delay_save(*, days: int, by: int, now: datetime) -> None:
    """Let erasures wait so many days that are asked for from now on; the others keep their day. Raises ErasureRefused."""
    if not 0 <= days <= LONGEST_DELAY_DAYS:
        raise ErasureRefused(mark("等待期是 0 到 {most} 天"), most=LONGEST_DELAY_DAYS)
    if days == delay_days():
        return
    ErasureDelay.objects.create(days=days, saved_at=now, by=by)
    audit_record(action_code="privacy.erase_delay", subject_kind="rule", subject_id=0, now=now, user_id=by, days=days)


@transaction.atomic
def erasure_request(*, viewer: Viewer, person_id: int, reason_code: str, now: datetime) -> ErasureRequest:
    """
    Ask that a living person in reach be erased once the delay in force is over; who is waiting already keeps the first day.

    Until then the person stays out of marketing. Without a delay the work is planned at once. Raises PersonNotFound.
    """
    person = person_id_in_reach(viewer, person_id)
    if person is None:
        raise PersonNotFound(person_id)
    if known := erasures_waiting(viewer, person_id=person):
        return ErasureRequest.objects.get(pk=known[0].request_id)
    due_at = now + timedelta(days=delay_days())
    asked = ErasureRequest.objects.create(
        person_id=person, asked_by=viewer.user_id, asked_at=now, due_at=due_at, reason_code=reason_code
    )
    request_append(entry_of_person(asked, person))
    audit_record(
        action_code="privacy.erase_asked", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id,
        reason_code=reason_code, due_at=due_at.isoformat(),
    )  # fmt: skip
    if due_at <= now:
        jobs.plan_once(ERASE_JOB, now=now)
    return asked


@transaction.atomic
def erasure_cancel(*, viewer: Viewer, request_id: int, now: datetime) -> int:
    """Take a request back before it is begun; return the living person's id. Raises ErasureRefused, PersonNotFound."""
    row = ErasureRequest.objects.select_for_update().filter(pk=request_id, state__in=OPEN).first()
    person = None if row is None else person_id_in_reach(viewer, row.person_id)
    if row is None or person is None:
        raise PersonNotFound(request_id)
    if row.state != RequestState.WAITING or row.due_at <= now:
        raise ErasureRefused(mark("已经到期，正在删除，不能再取消"))
    row.state, row.ended_at, row.ended_by = RequestState.CANCELLED, now, viewer.user_id
    request_append(entry_of(row))
    row.save()
    audit_record(
        action_code="privacy.erase_cancelled", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id
    )  # fmt: skip
    return person


def entry_of(row: ErasureRequest) -> RequestEntry:
    """Return how a request stands, as the journal keeps it."""
    return RequestEntry(
        row.person_id, row.asked_at.isoformat(), row.due_at.isoformat(), row.asked_by, row.reason_code,
        row.state == RequestState.CANCELLED, None if row.ended_at is None else row.ended_at.isoformat(), row.ended_by,
    )  # fmt: skip


def entry_of_person(row: ErasureRequest, person_id: int) -> RequestEntry:
    """Return a request with what the living person is known by when a restored backup does not hold them."""
    return replace(entry_of(row), identifiers=person_parts(person_id)[1], record_keys=record_keys(person_id))
