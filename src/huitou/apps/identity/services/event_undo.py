"""Take a change of the map back on a person's word: within the reach of whoever asks, and on the record."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.models import Decision, IdentityEvent, Membership
from huitou.apps.identity.services.errors import CannotUndo
from huitou.apps.identity.services.identity_undo import identity_undo


@transaction.atomic
def event_undo(*, viewer: Viewer, event_id: int, now: datetime) -> IdentityEvent:
    """Undo one event for a viewer who may see everybody it concerns. Raises CannotUndo, also for one out of reach."""
    persons = _persons_concerned(event_id)
    if not persons or persons_in_reach(viewer).filter(pk__in=persons).count() != len(persons):
        raise CannotUndo(f"event {event_id} concerns nobody in reach")
    undoing = identity_undo(event_id=event_id, by=viewer.user_id, reason="undo", now=now)
    audit_record(
        action_code="identity.undo", subject_kind="identity_event", subject_id=event_id, now=now, user_id=viewer.user_id,
        undoing=undoing.pk,
    )  # fmt: skip
    return undoing


def _persons_concerned(event_id: int) -> set[int]:
    """Return whom the records of the event belong to now."""
    records = set(Membership.objects.filter(event_id=event_id).values_list("record_id", flat=True))
    for pair in Decision.objects.filter(event_id=event_id).values_list("record_a", "record_b"):
        records.update(pair)
    owners = Membership.objects.filter(record_id__in=records, valid_to=None)
    return set(owners.values_list("person_id", flat=True))
