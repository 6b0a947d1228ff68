"""Read who is who: the record map, its changes, and why two records are one person."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import pyarrow as pa
from django.db.models import Max, Q

from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.identity.content import content_open
from huitou.apps.identity.models import Edge, IdentityEvent, Membership, SourceRecord
from huitou.core.identity.masks import masked

MAP_SCHEMA = pa.schema([("record_id", pa.int64()), ("person_id", pa.int64())])
_CHUNK = 100_000


def record_map() -> pa.Table:
    """Return the current map, one row per record that belongs to a living person, in order of record."""
    rows = Membership.objects.filter(valid_to=None).order_by("record_id").values_list("record_id", "person_id")
    return _map_table(rows.iterator(chunk_size=_CHUNK))


def persons_of_records(record_ids: Iterable[int]) -> dict[int, int]:
    """Return the living person of each record that has one."""
    found: dict[int, int] = {}
    for part in chunked(record_ids, _CHUNK // 10):
        found.update(Membership.objects.filter(valid_to=None, record_id__in=part).values_list("record_id", "person_id"))
    return found


def current_map_seq() -> int:
    """Return the number of the map's last change; 0 before the first."""
    return IdentityEvent.objects.aggregate(last=Max("id"))["last"] or 0


def map_changes_since(seq: int) -> tuple[pa.Table, int]:
    """
    Return the records whose person changed after change number `seq`, with their person now, and the new number.

    person_id is null for a record that belongs to nobody any more (erased). Running it again from the new number gives
    no rows until the map changes.
    """
    last = current_map_seq()
    touched = (
        Membership.objects.filter(Q(event_id__gt=seq) | Q(closed_event_id__gt=seq)).order_by("record_id").values("record_id")
    )
    now: dict[int, int | None] = dict.fromkeys(touched.values_list("record_id", flat=True).distinct())
    now.update(Membership.objects.filter(valid_to=None, record_id__in=touched.order_by()).values_list("record_id", "person_id"))
    return pa.table({"record_id": list(now), "person_id": list(now.values())}, schema=MAP_SCHEMA), last


def _map_table(rows: Iterator[tuple[int, int]]) -> pa.Table:
    """Gather (record, person) rows in bounded pieces."""
    batches = []
    while chunk := list(islice(rows, _CHUNK)):
        records, persons = zip(*chunk, strict=True)
        batches.append(pa.record_batch([pa.array(records, pa.int64()), pa.array(persons, pa.int64())], schema=MAP_SCHEMA))
    return pa.Table.from_batches(batches, schema=MAP_SCHEMA)


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One source record behind a person. joined_by: the kinds of value that tie it to the person's other records."""

    record_id: int
    source_code: str
    source_id: str  # masked
    received_at: datetime
    version_at: datetime | None
    joined_by: tuple[str, ...]


def person_records(viewer: Viewer, person_id: int) -> list[PersonRecord]:
    """Return the records of a living person in reach, by source and id; nothing for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    ids = list(Membership.objects.filter(person_id=person_id, valid_to=None).values_list("record_id", flat=True))
    kinds: dict[int, set[str]] = defaultdict(set)
    edges = Edge.objects.filter(record_a__in=ids, record_b__in=ids).values_list("record_a", "record_b", "kind_code")
    for record_a, record_b, kind_code in edges:
        kinds[record_a].add(kind_code)
        kinds[record_b].add(kind_code)
    ring = keyring()
    return [
        PersonRecord(
            record_id=record.pk,
            source_code=record.source_code,
            source_id=masked("source_id", content_open(ring, record.pk, record.fields).source_id or ""),
            received_at=record.received_at,
            version_at=record.version_at,
            joined_by=tuple(sorted(kinds[record.pk])),
        )
        for record in SourceRecord.objects.filter(pk__in=ids).order_by("source_code", "pk")
    ]
