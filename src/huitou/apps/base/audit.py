"""Write the audit trail."""

from datetime import datetime
from typing import Any

from huitou.apps.base.models import AuditEvent


def audit_record(
    *, action_code: str, subject_kind: str, subject_id: int | str, now: datetime, user_id: int | None = None, **detail: Any
) -> None:
    """Append one event in the caller's transaction. `detail` is JSON without personal data: ids, codes, counts."""
    AuditEvent.objects.create(
        at=now, user_id=user_id, action_code=action_code, subject_kind=subject_kind, subject_id=str(subject_id), detail=detail
    )
