"""Say that two persons are one."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.identity.changes import Author, changes_write, hooks_run, map_lock, persons_touched
from huitou.apps.identity.decisions import decisions_retire, decisions_write
from huitou.apps.identity.models import IdentityEvent, Membership, Verdict
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import PersonNotLive
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import merged, star


def records_of(person_id: int) -> list[int]:
    """Return the person's records, ascending. Raises PersonNotLive when there are none."""
    records = list(
        Membership.objects.filter(person_id=person_id, valid_to=None).order_by("record_id").values_list("record_id", flat=True)
    )
    if not records:
        raise PersonNotLive(f"person {person_id} has no records")
    return records


@transaction.atomic
def person_merge(
    *, person_id: int, other_id: int, by: int, reason: str, now: datetime, detail: Mapping[str, Any] | None = None
) -> IdentityEvent:
    """
    Make one person of two; the one with more records (then the older) stays, the other names it as survivor.

    detail: what else the event is to say.

    The word is kept: later runs of the matcher do not part them. Raises PersonNotLive, also when both ids are the same.
    """
    map_lock()
    if person_id == other_id:
        raise PersonNotLive(f"person {person_id} cannot be merged with itself")
    one, other = records_of(person_id), records_of(other_id)
    change = merged(person_id, one, other_id, other)
    change.detail.update(detail or {})
    author = Author(by=by, reason=reason, policy_version=DEFAULT_POLICY.version, now=now)
    (event,) = changes_write([change], author)
    decisions_retire(event, one, other, verdict=Verdict.DIFFERENT)
    decisions_write(event, star([*one, *other]), verdict=Verdict.SAME)
    persons_refresh(persons_touched([change]), now=now)
    hooks_run([change], [event])
    return event
