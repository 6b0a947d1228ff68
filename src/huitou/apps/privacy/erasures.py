"""Who asked to be erased and is not yet: how long it takes, who waits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huitou.apps.base import hooks, seen
from huitou.apps.base.hooks import PersonCopy
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import live_ids, merged_into, persons_in_reach
from huitou.apps.privacy.models import ErasureDelay, ErasureRequest, RequestState

LONGEST_DELAY_DAYS = 15
DEFAULT_DELAY_DAYS = 0
OPEN = (RequestState.WAITING, RequestState.RUNNING)
CLOSE_REASONS = ("withdrawn", "other_request", "not_theirs", "gone")  # why a request without its person ends; stored codes


@dataclass(frozen=True, slots=True)
class Waiting:
    """An erasure that was asked for. person_id: who the person is now."""

    request_id: int
    person_id: int
    asked_at: datetime
    asked_by: int
    due_at: datetime
    reason_code: str
    may_cancel: bool


def delay_days() -> int:
    """Return how many days an erasure that is asked for now waits."""
    newest = ErasureDelay.objects.order_by("-pk").first()
    return DEFAULT_DELAY_DAYS if newest is None else newest.days


def persons_waiting() -> set[int]:
    """Return the living persons who are to be erased. For gates and jobs, no screen."""
    return set(live_ids(ErasureRequest.objects.filter(state__in=OPEN).values_list("person_id", flat=True)).values())


def erasures_waiting(viewer: Viewer, *, person_id: int | None = None) -> list[Waiting]:
    """Return the requests of persons in reach, or of this one, in the order in which they fall due."""
    rows = list(ErasureRequest.objects.filter(state__in=OPEN).order_by("due_at", "pk"))
    lives = live_ids(row.person_id for row in rows)
    reach = set(persons_in_reach(viewer).filter(pk__in_list=sorted(set(lives.values()))).values_list("pk", flat=True))
    found = []
    for row in rows:
        live = lives.get(row.person_id)
        if live not in reach or (person_id is not None and live != person_id):
            continue
        seen.note(live)
        may_cancel = row.state == RequestState.WAITING
        found.append(Waiting(row.pk, live, row.asked_at, row.asked_by, row.due_at, row.reason_code, may_cancel))
    return found


@dataclass(frozen=True, slots=True)
class Missing:
    """A request of somebody whom a restored backup does not hold. person_ids: who holds the records that came again."""

    request_id: int
    asked_at: datetime
    asked_by: int
    due_at: datetime
    reason_code: str
    person_ids: tuple[int, ...]


def erasures_missing(viewer: Viewer, *, request_id: int | None = None) -> list[Missing]:
    """Return the requests whose person is missing, or this one; they are in nobody's reach, so for chain-wide viewers."""
    if viewer.store_ids is not None:
        return []
    rows = ErasureRequest.objects.filter(state=RequestState.MISSING).order_by("due_at", "pk")
    rows = rows if request_id is None else rows.filter(pk=request_id)
    return [
        Missing(row.pk, row.asked_at, row.asked_by, row.due_at, row.reason_code, tuple(sorted(holders_of(row))))
        for row in list(rows)
    ]


def holders_of(row: ErasureRequest) -> set[int]:
    """Return the living persons who hold the records of a missing request now. For services."""
    told = hooks.run(hooks.Hook.RECORDS_FOUND, row.record_keys)
    return {person_id for answer in told for person_id in answer}


def erasures_copy(wanted: PersonCopy) -> dict[str, Any]:
    """Return the requests of the person, also those made for files that were merged into it."""
    ids = [wanted.person_id, *merged_into(wanted.person_id)]
    rows = ErasureRequest.objects.filter(person_id__in_list=ids).order_by("pk")
    said = [{"asked_at": row.asked_at.isoformat(), "due_at": row.due_at.isoformat(), "state": row.state} for row in rows]
    return {"erasure_requests": said} if said else {}
