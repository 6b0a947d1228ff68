"""Confirm that a value of a person's file is still true."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.hooks import Hook, ValuesVerified, run
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.profiles import profile_open
from huitou.apps.customers.queries.person import live_person
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.models import Confirmation
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import PersonNotLive


@transaction.atomic
def value_confirm(*, viewer: Viewer, person_id: int, field_code: str, now: datetime) -> int:
    """
    Let the value of a field count as told now; return the living person. Its source and who wins stay as they are.

    Raises PersonNotLive for nobody, for a person out of reach, and for a field without a value.
    """
    if live_person(viewer, person_id) is None:  # the lock is a write, which nobody out of reach may cause
        raise PersonNotLive(f"no person {person_id} in reach")
    map_lock()
    person = live_person(viewer, person_id)
    value = profile_open(keyring(), person.pk, person.profile).get(field_code) if person is not None else None
    if person is None or value is None:
        raise PersonNotLive(f"no person {person_id} in reach with a value of {field_code}")
    Confirmation.objects.update_or_create(
        record_id=value["record_id"], field_code=field_code,
        defaults={"value_hash": keyring().hash(field_code, value["value"]), "at": now, "by": viewer.user_id},
    )  # fmt: skip
    persons_refresh([person.pk], now=now)
    audit_record(
        action_code="person.confirmed", subject_kind="person", subject_id=person.pk, now=now, user_id=viewer.user_id,
        field=field_code,
    )  # fmt: skip
    run(Hook.VALUES_VERIFIED, ValuesVerified(person.pk, viewer.user_id, now))
    return person.pk
