"""Everything that is held on one person, for that person."""

from datetime import datetime
from typing import Any

from django.db import transaction

from huitou.apps.base import hooks
from huitou.apps.base.audit import audit_record
from huitou.apps.privacy.services.person_erase import PersonNotFound, person_parts


@transaction.atomic
def person_copy(*, person_id: int, by: int | None, now: datetime) -> dict[str, Any]:
    """Return {section: JSON-able} from every app; the handing out is audited. Raises PersonNotFound."""
    records, _ = person_parts(person_id)
    if not records:
        raise PersonNotFound(person_id)
    copy: dict[str, Any] = {"made_at": now.isoformat()}
    for part in hooks.run(hooks.Hook.PERSON_COPY, hooks.PersonCopy(person_id=person_id, record_ids=records)):
        copy |= part
    audit_record(action_code="privacy.copy", subject_kind="person", subject_id=person_id, now=now, user_id=by)
    return copy
