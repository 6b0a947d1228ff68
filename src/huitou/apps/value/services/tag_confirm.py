"""Say that a given tag still holds."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.hooks import Hook, ValuesVerified, run
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonTag
from huitou.apps.value.services.tags import TagRefused


@transaction.atomic
def tag_confirm(*, viewer: Viewer, person_id: int, tag_id: int, now: datetime) -> PersonTag:
    """Say that a tag of a person in reach still holds. Raises TagRefused "not_found"."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    row = PersonTag.objects.select_for_update().filter(
        pk=tag_id, person_id__in=reached.values("pk"), is_current=True, note=None
    ).first()  # fmt: skip
    if row is None:
        raise TagRefused("not_found")
    row.verified_at, row.verified_by = now, viewer.user_id
    row.save(update_fields=["verified_at", "verified_by"])
    audit_record(
        action_code="tag.confirmed", subject_kind="person", subject_id=row.person_id, now=now, user_id=viewer.user_id,
        tag=row.tag_code,
    )  # fmt: skip
    run(Hook.VALUES_VERIFIED, ValuesVerified(row.person_id, viewer.user_id, now))
    return row
