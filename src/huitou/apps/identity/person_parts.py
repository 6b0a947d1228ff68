"""What identity holds on one person: for an erasure and for the person's own copy."""

from collections.abc import Collection
from typing import Any

from huitou.apps.base.hooks import PersonCopy, PersonRecords
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.content import content_open
from huitou.apps.identity.corrections import correction_open
from huitou.apps.identity.models import Confirmation, Correction, Identifier, Membership, SourceRecord
from huitou.apps.intake.documents import document_hashes, documents_hashed


def person_records(person_id: int) -> PersonRecords:
    """Return the person's open records and their identifiers (hubs too: their holder is who asks)."""
    records = list(
        Membership.objects.filter(person_id=person_id, valid_to=None).order_by("record_id").values_list("record_id", flat=True)
    )
    held = Identifier.objects.filter(record_id__in_list=records).values_list("kind_code", "value_hash").distinct()
    return PersonRecords(tuple(records), tuple(sorted(held)), tuple(document_hashes(records)))


def persons_holding(key_hashes: Collection[int]) -> set[int]:
    """Return the persons who hold records with these keyed hashes of source and key."""
    records = documents_hashed(key_hashes)
    return set(Membership.objects.filter(record_id__in_list=records, valid_to=None).values_list("person_id", flat=True))


def identity_copy(asked: PersonCopy) -> dict[str, Any]:
    """Return the person's source records as they were received, and the history of what belonged to the person."""
    ring = keyring()
    records = []
    for record in SourceRecord.objects.filter(pk__in_list=asked.record_ids).order_by("pk"):
        content = content_open(ring, record.pk, record.fields)
        records.append({
            "record_id": record.pk,
            "source_code": record.source_code,
            "source_id": content.source_id,
            "received_at": record.received_at.isoformat(),
            "fields": dict(content.texts),
            "verified": list(content.verified),
            "identifiers": [{name: getattr(held, name) for name in held.__slots__} for held in content.identifiers],
        })  # fmt: skip
    history = Membership.objects.filter(record_id__in_list=asked.record_ids, person_id=asked.person_id).order_by("pk")
    corrections = Correction.objects.filter(record_id__in_list=list(asked.record_ids)).order_by("pk")
    return {
        "source_records": records,
        "corrections": [
            {
                "field": row.field_code,
                "value": correction_open(row),
                "reason": row.reason_code,
                "at": row.at.isoformat(),
                "until": None if row.retired_at is None else row.retired_at.isoformat(),
            }
            for row in corrections
        ],
        "confirmations": [
            {"field": row.field_code, "at": row.at.isoformat()}
            for row in Confirmation.objects.filter(record_id__in_list=list(asked.record_ids)).order_by("pk")
        ],
        "memberships": [
            {
                "record_id": row.record_id,
                "from": row.valid_from.isoformat(),
                "to": None if row.valid_to is None else row.valid_to.isoformat(),
            }
            for row in history
        ],
    }
