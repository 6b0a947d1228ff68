"""Read who is who: the record map, its changes and history, and why two records are one person."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db.models import Max, Q

from huitou.apps.base.bulk import chunked, ids_at_once
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.customers.rules import PERSONAL_FIELDS, whole_fields
from huitou.apps.identity.component import hub_context
from huitou.apps.identity.content import content_open, facts_of
from huitou.apps.identity.corrections import CorrectionView
from huitou.apps.identity.evidence import KIND_TITLES, Link, links_between, shortest_path
from huitou.apps.identity.models import (
    UNDOABLE,
    Correction,
    Decision,
    EventKind,
    HubValue,
    IdentityEvent,
    Membership,
    PersonIdentifier,
    SourceRecord,
    Verdict,
)
from huitou.core.identity.masks import masked
from huitou.core.identity.normalise import KIND_NORMALISERS

MAP_SCHEMA = pa.schema([("record_id", pa.int64()), ("person_id", pa.int64())])
_CHUNK = 100_000
_LOSSES_PER_STATEMENT = 1_000


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


def contact_holders(kinds: Collection[str], *, person_ids: Collection[int] | None = None) -> set[int]:
    """
    Return the living persons, of these or of all, who hold a current value of one of these kinds that is their own, not one
    that many hold. For gates and jobs, no screen.
    """
    rows = PersonIdentifier.objects.filter(kind_code__in=kinds, valid_to=None, is_hub=False).order_by()
    if person_ids is not None:
        rows = rows.filter(person_id__in_list=sorted(person_ids))
    return set(ids_at_once(rows.values_list("person_id", flat=True)))  # a page asks: of a million a row each takes seconds


def records_of_person(person_id: int) -> list[int]:
    """Return the records of a living person, ascending. The caller checked its viewer's reach."""
    rows = Membership.objects.filter(person_id=person_id, valid_to=None).order_by("record_id")
    return list(rows.values_list("record_id", flat=True))


def corrections_open(viewer: Viewer, person_id: int) -> list[CorrectionView]:
    """Return what was put right in the file of a living person in reach, newest first; nothing for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    rows = Correction.objects.filter(record_id__in_list=records_of_person(person_id), retired_at=None).order_by("-pk")
    return [CorrectionView(row.pk, row.field_code, row.reason_code, row.at, row.by) for row in rows]


def person_known_by(viewer: Viewer, kind_code: str, value: str) -> int | None:
    """
    Return the living person in reach who holds this identifier now; whoever has it verified goes before others.

    None for nobody, for an unreadable value, for a shared number, and where several hold it and none has it verified.
    Raises KeyError for a kind that does not exist.
    """
    normal = KIND_NORMALISERS[kind_code](value)
    if normal is None:
        return None
    value_hash = keyring().hash(kind_code, normal)
    held = PersonIdentifier.objects.filter(kind_code=kind_code, value_hash=value_hash, valid_to=None, is_hub=False)
    holders = dict(held.order_by("verified").values_list("person_id", "verified"))
    sure = [person_id for person_id, verified in holders.items() if verified] or list(holders)
    if len(sure) != 1 or not persons_in_reach(viewer).filter(pk=sure[0]).exists():
        return None
    return sure[0]


def records_that_left(losses: Collection[tuple[int, int]]) -> dict[tuple[int, int], set[int]]:
    """Return (event, person) -> the records that the person lost by it. For the apps whose rows follow them, no screen."""
    found: dict[tuple[int, int], set[int]] = {loss: set() for loss in losses}
    for part in chunked(sorted(losses), _LOSSES_PER_STATEMENT):
        events, persons = zip(*part, strict=True)
        lost = Membership.objects.filter(closed_event_id__in_list=events, person_id__in_list=persons)
        for event_id, person_id, record_id in lost.values_list("closed_event_id", "person_id", "record_id"):
            loss = (event_id or 0, person_id)
            if loss in found:  # the lists are of each part, not of its pairs
                found[loss].add(record_id)
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
    touched = Membership.objects.filter(Q(event_id__gt=seq) | Q(closed_event_id__gt=seq)).values("record_id")
    now: dict[int, int | None] = dict.fromkeys(touched.order_by("record_id").values_list("record_id", flat=True).distinct())
    now.update(Membership.objects.filter(valid_to=None, record_id__in=touched).values_list("record_id", "person_id"))
    return pa.table({"record_id": list(now), "person_id": list(now.values())}, schema=MAP_SCHEMA), last


def _map_table(rows: Iterator[tuple[int, int]]) -> pa.Table:
    """Gather (record, person) rows in bounded pieces."""
    batches = []
    while chunk := list(islice(rows, _CHUNK)):
        records, persons = zip(*chunk, strict=True)
        batches.append(pa.record_batch([pa.array(records, pa.int64()), pa.array(persons, pa.int64())], schema=MAP_SCHEMA))
    return pa.Table.from_batches(batches, schema=MAP_SCHEMA)


def as_of(record_id: int, moment: datetime) -> int | None:
    """Return the person a record belonged to at a moment (aware), as it was known then; None for nobody."""
    ended = Q(valid_to=None) | Q(valid_to__gt=moment)
    rows = Membership.objects.filter(ended, record_id=record_id, valid_from__lte=moment).order_by("-valid_from", "-pk")
    return rows.values_list("person_id", flat=True).first()


@dataclass(frozen=True, slots=True)
class SourceView:
    """One source record behind a person, as the viewer may see it; `joined_by` are the links to the person's other records."""

    record_id: int
    source_code: str
    source_id: str  # masked
    received_at: datetime
    version_at: datetime | None
    store_id: int | None
    fields: Mapping[str, str]
    joined_by: tuple[Link, ...]


def source_records(viewer: Viewer, person_id: int) -> list[SourceView]:
    """Return the records of a living person in reach, oldest first; nothing for a person out of reach."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    ids = list(Membership.objects.filter(person_id=person_id, valid_to=None).values_list("record_id", flat=True))
    links = links_between(ids)
    ring = keyring()
    whole = whole_fields(viewer.role_code)
    views = []
    for record in SourceRecord.objects.filter(pk__in_list=ids).order_by("received_at", "pk"):
        content = content_open(ring, record.pk, record.fields)
        texts = facts_of(record.pk, record.source_code, record.received_at, content).fields
        views.append(
            SourceView(
                record_id=record.pk,
                source_code=record.source_code,
                source_id=masked("source_id", content.source_id or ""),
                received_at=record.received_at,
                version_at=record.version_at,
                store_id=record.store_id,
                fields={
                    name: text if name in whole else masked(name, text) for name in PERSONAL_FIELDS if (text := texts.get(name))
                },
                joined_by=tuple(link for link in links if record.pk in (link.record_a, link.record_b)),
            )
        )
    return views


def why(viewer: Viewer, record_a: int, record_b: int) -> list[Link] | None:
    """Return the links that lead from one record to another of a person in reach; None when they are not one person."""
    persons = dict(
        Membership.objects.filter(record_id__in_list=[record_a, record_b], valid_to=None).values_list("record_id", "person_id")
    )
    if record_a not in persons or persons.get(record_a) != persons.get(record_b):
        return None
    if not persons_in_reach(viewer).filter(pk=persons[record_a]).exists():
        return None
    ids = list(Membership.objects.filter(person_id=persons[record_a], valid_to=None).values_list("record_id", flat=True))
    return shortest_path(links_between(ids), record_a, record_b)


@dataclass(frozen=True, slots=True)
class EntityWhy:
    """Why these records are one person: every link between them, and the pairs that a person keeps apart from others."""

    records: tuple[SourceView, ...]
    links: tuple[Link, ...]
    apart_from: Mapping[int, tuple[int, ...]]  # record of this person -> records of others that are kept apart


def why_entity(viewer: Viewer, person_id: int) -> EntityWhy | None:
    """Return what holds a living person's records together; None for a person out of reach."""
    records = source_records(viewer, person_id)
    if not records:
        return None
    ids = [record.record_id for record in records]
    said = Decision.objects.filter(verdict_code=Verdict.DIFFERENT, retired_event_id=None)
    apart: dict[int, list[int]] = {}
    for record_a, record_b in said.filter(Q(record_a__in=ids) | Q(record_b__in=ids)).values_list("record_a", "record_b"):
        mine, other = (record_a, record_b) if record_a in ids else (record_b, record_a)
        apart.setdefault(mine, []).append(other)
    return EntityWhy(tuple(records), tuple(links_between(ids)), {record: tuple(others) for record, others in apart.items()})


@dataclass(frozen=True, slots=True)
class HubView:
    """A value that identifies nobody, masked."""

    kind_code: str
    value: str
    record_count: int
    name_count: int
    store_id: int | None
    reason_code: str
    found_at: datetime

    @property
    def kind_title(self) -> str:
        return str(KIND_TITLES[self.kind_code])


def hub_list(*, limit: int | None = None) -> list[HubView]:
    """
    Return hub values, most records first, no more than limit. They belong to nobody, so no viewer's reach cuts them; they come
    masked.
    """
    ring = keyring()
    return [
        HubView(
            hub.kind_code,
            masked(hub.kind_code, ring.decrypt(bytes(hub.value), context=hub_context(hub.kind_code, hub.value_hash)).decode()),
            hub.record_count,
            hub.name_count,
            hub.store_id,
            hub.reason_code,
            hub.found_at,
        )
        for hub in HubValue.objects.order_by("-record_count", "pk")[:limit]
    ]


@dataclass(frozen=True, slots=True)
class EventView:
    """One change of the map that this person gained or lost records by."""

    event_id: int
    kind_code: str
    at: datetime
    by: int | None
    reason: str
    policy_version: str
    undoes_id: int | None
    detail: Mapping[str, Any]
    moved: int  # records that came to or left this person
    can_undo: bool  # by its kind, and not undone yet; a later move of its records may still forbid it


def identity_events(viewer: Viewer, person_id: int) -> list[EventView]:
    """Return the changes that concern a living person in reach, newest first; nothing for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    held = Membership.objects.filter(person_id=person_id)
    moved: Counter[int] = Counter(held.values_list("event_id", flat=True))
    moved.update(closed for closed in held.values_list("closed_event_id", flat=True) if closed is not None)
    records = held.filter(valid_to=None).values("record_id")
    said = Decision.objects.filter(Q(record_a__in=records) | Q(record_b__in=records)).values("event_id")
    verdicts = IdentityEvent.objects.filter(pk__in=said, kind_code=EventKind.VERDICT)
    ids = {*moved, *verdicts.values_list("pk", flat=True)}
    undone = set(IdentityEvent.objects.filter(undoes__in=ids).values_list("undoes_id", flat=True))
    return [
        EventView(
            event.pk, event.kind_code, event.at, event.by, event.reason, event.policy_version, event.undoes_id, event.detail,
            moved[event.pk], event.kind_code in UNDOABLE and event.pk not in undone,
        )
        for event in IdentityEvent.objects.filter(pk__in=ids).order_by("-pk")
    ]  # fmt: skip
