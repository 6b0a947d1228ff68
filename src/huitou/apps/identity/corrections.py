"""What stewards put right: how a correction is stored, and how the person's file takes it in."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.models import Correction
from huitou.core.identity.survivorship import CORRECTION, RecordFacts

CORRECTION_REASONS = ("asked", "checked", "typing")  # the person asked; checked against a document; a typing mistake
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """An open correction: which field, why, when and by whom; never the value."""

    correction_id: int
    field_code: str
    reason_code: str
    at: datetime
    by: int


def correction_context(record_id: int, field_code: str) -> str:
    """Return what a corrected value is sealed with."""
    return f"identity.correction:{record_id}:{field_code}"


def correction_seal(record_id: int, field_code: str, value: str) -> bytes:
    """Return a value as it is stored."""
    return keyring().encrypt(value.encode(), context=correction_context(record_id, field_code))


def correction_open(row: Correction) -> str:
    """Return a stored value in clear."""
    return keyring().decrypt(bytes(row.value), context=correction_context(row.record_id, row.field_code)).decode()


def corrections_of(person_of: Mapping[int, int]) -> dict[int, list[RecordFacts]]:
    """Return the open corrections of persons as survivorship takes them. person_of: {record: person}."""
    found: dict[int, list[RecordFacts]] = defaultdict(list)
    for part in chunked(sorted(person_of), _CHUNK):
        open_ones = [pk for (pk,) in rows_read(Correction, ("pk",), among={"record_id": part}, null=("retired_at",))]
        for row in Correction.objects.filter(pk__in_list=open_ones).order_by("pk") if open_ones else ():
            facts = RecordFacts(row.record_id, CORRECTION, row.at, {row.field_code: correction_open(row)}, {row.field_code})
            found[person_of[row.record_id]].append(facts)
    return found
