"""Erase whom it is time to erase, and bring the requests of a restored database to where they stood."""

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from huitou.apps.customers.queries import live_ids
from huitou.apps.customers.services import person_ids_skip
from huitou.apps.privacy.erasures import OPEN
from huitou.apps.privacy.journal import RequestEntry, ids_journalled, requests_newest
from huitou.apps.privacy.models import Erasure, ErasureRequest, RequestState
from huitou.apps.privacy.services.erasure_missing import missing_found
from huitou.apps.privacy.services.person_erase import PersonNotFound, identifiers_suppress, person_erase


def erasures_run(*, now: datetime) -> int:
    """
    Erase everybody whose day has come; return how many. One that fails waits for the next run and keeps nobody else waiting.

    Somebody who is nobody any more (erased otherwise) is done. Raises the first failure after the others were tried.
    """
    missing_found(now=now)
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
        elif row is not None and entry.is_cancelled and row.state in (*OPEN, RequestState.MISSING) and entry.ended_at:
            row.state, row.ended_by = RequestState.CANCELLED, entry.ended_by
            row.ended_at, row.record_keys = datetime.fromisoformat(entry.ended_at), []
            row.save()
            changed += 1
        elif row is not None and row.state == RequestState.WAITING and row.due_at > datetime.fromisoformat(entry.due_at):
            row.due_at = datetime.fromisoformat(entry.due_at)  # brought forward by an earlier request of the same person
            row.save(update_fields=["due_at"])
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
