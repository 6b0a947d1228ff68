"""Which persons an import touched, and how: told from the map once its batches are applied."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base import jobs
from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.storage import layout
from huitou.apps.identity.models import EventKind, IdentityEvent, ImportedPerson, ImportPart, Membership, SourceRecord
from huitou.apps.intake.queries import import_batches, imports_of_batches
from huitou.warehouse.landing.read import read_table

JOB = "identity.import_persons"
_IDS = 5_000
_RANK = {part.value: place for place, part in enumerate(ImportPart)}  # where records of one person say several, the first counts


def persons_counting(batch_ids: Iterable[int], *, now: datetime) -> None:
    """Let the persons of the imports among these applied batches be told."""
    for import_id in imports_of_batches(batch_ids):
        jobs.plan_once(JOB, now=now, import_id=import_id)


def import_persons(*, import_id: int) -> int:
    """Write whom an import touched, in place of what was written before; return how many persons of today they are."""
    parts = _parts(import_id)
    ImportedPerson.objects.filter(import_id=import_id).delete()
    rows = ((import_id, person_id, part) for person_id, part in sorted(parts.items()))
    for chunk in Pace().cut(rows):
        with transaction.atomic():
            rows_write(ImportedPerson, ("import_id", "person_id", "part_code"), chunk, skip=True)
    return len(parts)


def persons_forget(batch_ids: Iterable[int]) -> None:
    """Forget the persons of undone imports."""
    ImportedPerson.objects.filter(import_id__in=imports_of_batches(batch_ids)).delete()


def _parts(import_id: int) -> dict[int, str]:
    found = import_batches(import_id)
    own = SourceRecord.objects.filter(batch_id__in=[batch.pk for batch in found.batches]).values_list("pk", flat=True)
    told = [(person_id, part) for ids in chunked(own, _IDS) for person_id, part in _of_records(ids, found.started_at)]
    buyers: set[int] = set()
    for batch in found.batches:
        records = read_table(layout(), batch.source_code, batch.pk, "lines")["record_id"]
        buyers |= set(pc.unique(records.drop_null()).to_pylist())
    for ids in chunked(sorted(buyers), _IDS):
        held = Membership.objects.filter(record_id__in_list=ids, valid_to=None).values_list("person_id", flat=True)
        told += [(person_id, ImportPart.BUYER.value) for person_id in held]
    parts: dict[int, str] = {}
    for person_id, part in told:
        before = parts.get(person_id)
        parts[person_id] = part if before is None or _RANK[part] < _RANK[before] else before
    return parts


def _of_records(record_ids: list[int], started_at: datetime) -> Iterator[tuple[int, str]]:
    held = list(
        Membership.objects.filter(record_id__in_list=record_ids, valid_to=None).values_list("person_id", "valid_from", "event_id")
    )
    late = [event_id for _, valid_from, event_id in held if valid_from >= started_at]
    opened = set(
        IdentityEvent.objects.filter(pk__in_list=sorted(set(late)), kind_code=EventKind.CREATE).values_list("pk", flat=True)
    )
    for person_id, valid_from, event_id in held:
        if event_id in opened:
            yield person_id, ImportPart.NEW.value
        else:
            yield person_id, ImportPart.JOINED.value if valid_from >= started_at else ImportPart.UPDATED.value
