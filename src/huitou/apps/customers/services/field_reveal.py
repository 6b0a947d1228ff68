"""Uncover one masked value, for a reason, on the record."""

from datetime import datetime, timedelta

from django.db import transaction

from huitou.apps.base import seen
from huitou.apps.base.audit import audit_record
from huitou.apps.base.models import AuditEvent
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import live_person
from huitou.apps.customers.rules import REVEAL_RULES

REVEAL_ACTION = "customers.reveal"
_HOUR = timedelta(hours=1)


class RevealRefused(Exception):
    """The value stays masked. `code`: not_found, not_allowed, no_reason, limit, empty."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def reveals_left(viewer: Viewer, *, now: datetime) -> int:
    """Return how many values the viewer may still see whole within this hour; 0 for a role that may see none."""
    rule = REVEAL_RULES.get(viewer.role_code)
    if rule is None:
        return 0
    shown = AuditEvent.objects.filter(user_id=viewer.user_id, action_code=REVEAL_ACTION, at__gt=now - _HOUR).count()
    return max(0, rule.per_hour - shown)


@transaction.atomic
def field_reveal(*, viewer: Viewer, person_id: int, field: str, reason_code: str, now: datetime) -> str:
    """
    Return one field of a person's file whole and write who saw what and why into the audit trail.

    reason_code: a short code of the caller's list, never free text about the person. Raises RevealRefused.
    """
    rule = REVEAL_RULES.get(viewer.role_code)
    if rule is None or field not in rule.fields:
        raise RevealRefused("not_allowed")
    if not reason_code:
        raise RevealRefused("no_reason")
    person = live_person(viewer, person_id)
    if person is None:
        raise RevealRefused("not_found")
    if reveals_left(viewer, now=now) < 1:
        raise RevealRefused("limit")
    value = profile_open(keyring(), person.pk, person.profile).get(field)
    if value is None:
        raise RevealRefused("empty")
    seen.note(person.pk)
    audit_record(
        action_code=REVEAL_ACTION, subject_kind="person", subject_id=person.pk, now=now, user_id=viewer.user_id,
        field=field, reason_code=reason_code,
    )  # fmt: skip
    return value["value"]
