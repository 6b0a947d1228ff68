"""Ask that a person be erased, think better of it, and erase whom it is time to erase."""

from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max

from huitou.apps.base import hooks, jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import live_ids, person_id_in_reach
from huitou.apps.customers.services import person_ids_skip
from huitou.apps.privacy.erasures import LONGEST_DELAY_DAYS, OPEN, delay_days, erasures_waiting
from huitou.apps.privacy.journal import RequestEntry, ids_journalled, request_append, requests_newest
from huitou.apps.privacy.models import Erasure, ErasureDelay, ErasureRequest, RequestState
from huitou.apps.privacy.services.person_erase import (
    PersonNotFound,
    identifiers_suppress,
    person_erase,
    person_parts,
    record_keys,
)
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
    identifiers = person_parts(person)[1]
    request_append(replace(_entry(asked), identifiers=identifiers, record_keys=record_keys(person)))
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
    request_append(_entry(row))
    row.save()
    audit_record(
        action_code="privacy.erase_cancelled", subject_kind="person", subject_id=person, now=now, user_id=viewer.user_id
    )  # fmt: skip
    return person


def erasures_run(*, now: datetime) -> int:
    """
    Erase everybody whose day has come; return how many. One that fails waits for the next run and keeps nobody else waiting.

    Somebody who is nobody any more (erased otherwise) is done. Raises the first failure after the others were tried.
    """
    _missing_found()
    failure: Exception | None = None
    count = 0
    for row in ErasureRequest.objects.filter(state__in=OPEN, due_at__lte=now).order_by("due_at", "pk"):
        begun = ErasureRequest.objects.filter(pk=row.pk, state__in=OPEN).update(state=RequestState.RUNNING)
        if not begun:  # cancelled while others were erased
            continue
        try:
            count += _erase(row, now)
        except Exception as error:
            failure = failure or error
            continue
        ErasureRequest.objects.filter(pk=row.pk).update(state=RequestState.DONE, ended_at=now)
    if failure is not None:
        raise failure
    return count


def _erase(row: ErasureRequest, now: datetime) -> int:
    person = live_ids([row.person_id]).get(row.person_id)
    if person is None:
        return 0
    try:
        person_erase(person_id=person, by=row.asked_by, reason_code=row.reason_code, now=now)
    except PersonNotFound:
        return 0
    return 1


@transaction.atomic
def erasure_requests_import() -> int:
    """
    Bring the requests of a restored database to where the journal says they stand; return how many changed.

    Call it after the erasures and before anything new lands: only now do the ids of the journal mean the same persons. Who is
    not in the backup came later: the request waits for their records, and nothing reaches their phone and e-mail.
    """
    changed = 0
    person_ids_skip(last_id=ids_journalled()[0])
    erased = dict(Erasure.objects.values_list("person_id").annotate(last=Max("at")))
    newest = requests_newest()
    lives = live_ids({entry.person_id for entry in newest})
    for entry in newest:
        asked_at = datetime.fromisoformat(entry.asked_at)
        row = ErasureRequest.objects.filter(person_id=entry.person_id, asked_at=asked_at).first()
        is_done = entry.person_id in erased and erased[entry.person_id] >= asked_at
        if row is None and not entry.is_cancelled and not is_done:
            _taken_up(entry, asked_at, is_here=entry.person_id in lives)
            changed += 1
        elif row is not None and entry.is_cancelled and row.state in OPEN and entry.ended_at:
            row.state, row.ended_by = RequestState.CANCELLED, entry.ended_by
            row.ended_at = datetime.fromisoformat(entry.ended_at)
            row.save()
            changed += 1
    return changed


def _taken_up(entry: RequestEntry, asked_at: datetime, *, is_here: bool) -> None:
    ErasureRequest.objects.create(
        person_id=entry.person_id, asked_by=entry.asked_by, asked_at=asked_at, due_at=datetime.fromisoformat(entry.due_at),
        reason_code=entry.reason_code, state=RequestState.WAITING if is_here else RequestState.MISSING,
        record_keys=[] if is_here else list(entry.record_keys),
    )  # fmt: skip
    if not is_here:
        identifiers_suppress(entry.identifiers, asked_at)


@transaction.atomic
def _missing_found() -> None:
    """
    Let requests wait for their person again whose records have come back to exactly one. Records that came to several are left
    to people: one of those persons may be somebody else.
    """
    for row in ErasureRequest.objects.select_for_update().filter(state=RequestState.MISSING):
        told = hooks.run(hooks.Hook.RECORDS_FOUND, row.record_keys)
        persons = {person for answer in told for person in answer}
        if len(persons) != 1:
            continue
        (person,) = persons
        if ErasureRequest.objects.filter(person_id=person, state__in=OPEN).exists():
            row.delete()
            continue
        row.person_id, row.state, row.record_keys = person, RequestState.WAITING, []
        row.save()


def _entry(row: ErasureRequest) -> RequestEntry:
    return RequestEntry(
        row.person_id, row.asked_at.isoformat(), row.due_at.isoformat(), row.asked_by, row.reason_code,
        row.state == RequestState.CANCELLED, None if row.ended_at is None else row.ended_at.isoformat(), row.ended_by,
    )  # fmt: skip
