"""Values of the file that somebody said to be still true: they count as told again at that moment."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.customers.services import PersonFile
from huitou.apps.identity.models import Confirmation
from huitou.core.crypto import Keyring
from huitou.core.identity.survivorship import ProfileValue

_CHUNK = 5_000
Said = Mapping[tuple[int, str], tuple[int, datetime]]  # (record, field) -> hash of the value, when


def confirmations_of(record_ids: list[int]) -> Said:
    """Return what was confirmed of these records."""
    found: dict[tuple[int, str], tuple[int, datetime]] = {}
    columns = ("record_id", "field_code", "value_hash", "at")
    for part in chunked(sorted(record_ids), _CHUNK):
        for record_id, field, value_hash, at in rows_read(Confirmation, columns, among={"record_id": part}):
            found[record_id, field] = (value_hash, at)
    return found


def confirmed(file: PersonFile, said: Said, ring: Keyring) -> PersonFile:
    """Return the file with the day of every value that was confirmed as it stands."""
    values = dict(_newer(file.values, said, ring)) if said else {}
    return replace(file, values={**file.values, **values}) if values else file


def _newer(values: Mapping[str, ProfileValue], said: Said, ring: Keyring) -> Iterator[tuple[str, ProfileValue]]:
    for field, value in values.items():
        value_hash, at = said.get((value["record_id"], field), (None, None))
        if (
            at is not None
            and value_hash == ring.hash(field, value["value"])
            and at > datetime.fromisoformat(value["observed_at"])
        ):
            yield field, {**value, "observed_at": at.isoformat()}
