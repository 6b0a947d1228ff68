"""Say that a value (a shop's phone, a public card) identifies nobody."""

from datetime import datetime

from django.db import transaction

from huitou.apps.base.audit import audit_record
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import map_lock
from huitou.apps.identity.component import hub_context
from huitou.apps.identity.models import HubValue, Identifier
from huitou.apps.identity.services.map_resolve import map_resolve
from huitou.core.identity.normalise import KIND_NORMALISERS


@transaction.atomic
def value_block(*, kind_code: str, value: str, by: int, now: datetime) -> bool:
    """
    Block a value and part whoever it alone held together; False when it cannot be read as one of its kind anyway.

    Raises KeyError on an unknown kind.
    """
    plain = KIND_NORMALISERS[kind_code](value)
    if plain is None:
        return False
    map_lock()
    value_hash = keyring().hash(kind_code, plain)
    holders = set(Identifier.objects.filter(value_hash=value_hash).values_list("record_id", flat=True))
    HubValue.objects.update_or_create(
        kind_code=kind_code,
        value_hash=value_hash,
        defaults={
            "value": keyring().encrypt(plain.encode(), context=hub_context(kind_code, value_hash)),
            "record_count": len(holders),
            "name_count": 0,
            "reason_code": "blocked",
            "found_at": now,
        },
    )
    audit_record(
        action_code="identity.block", subject_kind="identifier", subject_id=value_hash, now=now, user_id=by, kind=kind_code
    )
    map_resolve(changed=holders, now=now)
    return True
