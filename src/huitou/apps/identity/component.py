"""The records that a change can concern, and what the matcher needs to know of them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from itertools import chain

import pyarrow as pa
from django.db.models import Model, Q, QuerySet

from huitou.apps.base.bulk import chunked
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.content import content_open
from huitou.apps.identity.landed_view import LandedView
from huitou.apps.identity.matcher_tables import POSTING_SCHEMA, RECORD_SCHEMA, tables_of_contents
from huitou.apps.identity.models import Decision, HubValue, Identifier, Membership, SourceRecord, Verdict
from huitou.apps.identity.record_keys import crowds_of, neighbours
from huitou.apps.identity.weights import model_kept
from huitou.core.identity import DEFAULT_POLICY, Policy, Resolution, resolve

IN_LIST = 20_000  # values in one SQL list
_BATCH = 50_000
_SMALL = 1_000  # records of a batch that is never worth counting all for
_WORTH_ALL = 4  # a seed of at least a quarter of all records is resolved with all of them


def in_lists(ids: Iterable[int], rows: Callable[[list[int]], Iterable[int]]) -> set[int]:
    """Return the union of `rows` over the ids cut into SQL-sized lists."""
    return set(chain.from_iterable(rows(part) for part in chunked(ids, IN_LIST)))


def component_records(seed: Collection[int], *, limit: int) -> set[int] | None:
    """
    Return every record that the seed records can be tied to: those that share a key with one of them, and all that are tied to
    any of these by shared values that are no hubs, by decisions, and by the persons they belong to now. None when there are
    more than `limit`, or the seed is a good part of all records: then resolving everything is less work.
    """
    if len(seed) > limit or (len(seed) > _SMALL and len(seed) * _WORTH_ALL > Membership.objects.filter(valid_to=None).count()):
        return None
    hubs = set(HubValue.objects.values_list("value_hash", flat=True))
    seen_values: set[int] = set(hubs)
    seen: set[int] = set()
    fresh = set(seed) | neighbours(seed)
    while fresh:
        seen |= fresh
        if len(seen) > limit:
            return None
        values = in_lists(fresh, lambda part: _column(Identifier, "value_hash", record_id__in_list=part)) - seen_values
        seen_values |= values
        persons = in_lists(fresh, lambda part: _column(Membership, "person_id", record_id__in_list=part, valid_to=None))
        fresh = (
            in_lists(values, lambda part: _column(Identifier, "record_id", value_hash__in_list=part))
            | in_lists(persons, lambda part: _column(Membership, "record_id", person_id__in_list=part, valid_to=None))
            | in_lists(fresh, lambda part: _column(Decision, "record_b", record_a__in_list=part, retired_event_id=None))
            | in_lists(fresh, lambda part: _column(Decision, "record_a", record_b__in_list=part, retired_event_id=None))
        ) - seen
    return seen


def _column(model: type[Model], name: str, **conditions: object) -> "QuerySet[Model, int]":
    return model._default_manager.filter(**conditions).values_list(name, flat=True)


def memberships_of(records: Collection[int] | None) -> dict[int, int]:
    """Return the open membership (record -> person) of these records, or of all."""
    rows = Membership.objects.filter(valid_to=None)
    if records is None:
        return dict(rows.values_list("record_id", "person_id").iterator(chunk_size=_BATCH))
    found: dict[int, int] = {}
    for part in chunked(records, IN_LIST):
        found.update(rows.filter(record_id__in_list=part).values_list("record_id", "person_id"))
    return found


def _stored(records: Collection[int] | None) -> Iterator[tuple[int, str, bytes | memoryview | None, int | None]]:
    """Yield id, source, encrypted content and store of the records that still say something, in order of id."""
    rows = SourceRecord.objects.exclude(fields=None).order_by("pk").values_list("pk", "source_code", "fields", "store_id")
    if records is None:
        yield from rows.iterator(chunk_size=5_000)
        return
    for part in chunked(sorted(records), IN_LIST):
        yield from rows.filter(pk__in_list=part).iterator(chunk_size=5_000)


def component_resolve(records: Collection[int] | None, policy: Policy = DEFAULT_POLICY) -> Resolution:
    """
    Run the matcher over these records (a whole component), or over everything.

    A component sees only some holders of a known hub, so known hubs are handed over as blocked; a run over everything
    finds them anew and keeps only the values that a person blocked.
    """
    table, postings = stored_tables(records)
    joins, vetoes = _decisions(records)
    return resolve(
        {"records": table},
        policy=replace(policy, blocked=_blocked(records is None, policy)),
        identifiers=postings,
        joins=joins,
        vetoes=vetoes,
        model=None if records is None else model_kept(policy.version),
        crowds=None if records is None else crowds_of(keyring(), table, postings),
    )


def landed_resolve(view: LandedView, policy: Policy = DEFAULT_POLICY) -> Resolution:
    """Run the matcher over everything, as the landing has it."""
    table, postings = view.matcher_tables()
    joins, vetoes = _decisions(None)
    blocked = replace(policy, blocked=_blocked(True, policy))
    return resolve({"records": table}, policy=blocked, identifiers=postings, joins=joins, vetoes=vetoes)


def stored_tables(records: Collection[int] | None) -> tuple[pa.Table, pa.Table]:
    """Decrypt in pieces into the matcher's two tables; only the pieces are ever Python objects."""
    ring = keyring()
    pairs = [
        tables_of_contents(
            (record_id, source, content_open(ring, record_id, fields), store) for record_id, source, fields, store in part
        )
        for part in chunked(_stored(records), _BATCH)
    ]
    return (
        pa.Table.from_batches([pair[0] for pair in pairs], RECORD_SCHEMA),
        pa.Table.from_batches([pair[1] for pair in pairs], POSTING_SCHEMA),
    )


def _decisions(records: Collection[int] | None) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    rows = Decision.objects.filter(retired_event_id=None).order_by("pk")
    if records is not None:
        chosen: set[int] = set()
        for part in chunked(records, IN_LIST):
            chosen |= set(rows.filter(Q(record_a__in_list=part) | Q(record_b__in_list=part)).values_list("pk", flat=True))
        rows = rows.filter(pk__in_list=sorted(chosen))
    pairs: dict[str, list[tuple[int, int]]] = {Verdict.SAME: [], Verdict.DIFFERENT: []}
    for record_a, record_b, verdict in rows.values_list("record_a", "record_b", "verdict_code"):
        pairs[verdict].append((record_a, record_b))
    return pairs[Verdict.SAME], pairs[Verdict.DIFFERENT]


def hub_context(kind_code: str, value_hash: int) -> str:
    return f"identity.hub:{kind_code}:{value_hash}"


def _blocked(only_decided: bool, policy: Policy) -> dict[str, frozenset[str]]:
    ring = keyring()
    rows = HubValue.objects.filter(reason_code="blocked") if only_decided else HubValue.objects.all()
    found: dict[str, set[str]] = {kind: set(values) for kind, values in policy.blocked.items()}
    for hub in rows:
        value = ring.decrypt(bytes(hub.value), context=hub_context(hub.kind_code, hub.value_hash)).decode()
        found.setdefault(hub.kind_code, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def clusters_of(resolution: Resolution) -> list[list[int]]:
    """Return the record lists of the entities, each ascending, in order of their first record."""
    table = resolution.entities.sort_by([("entity_id", "ascending"), ("record_id", "ascending")])
    clusters: list[list[int]] = []
    last = None
    for record, entity in zip(table.column("record_id").to_pylist(), table.column("entity_id").to_pylist(), strict=True):
        if entity != last:
            clusters.append([])
            last = entity
        clusters[-1].append(record)
    return clusters
