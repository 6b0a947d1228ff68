"""The records that a change can concern, and what the matcher needs to know of them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from django.db.models import Model

from huitou.apps.base.bulk import chunked, rows_read
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.content import content_open
from huitou.apps.identity.landed_view import LandedView
from huitou.apps.identity.matcher_tables import POSTING_SCHEMA, RECORD_SCHEMA, tables_of_contents
from huitou.apps.identity.models import Decision, HubValue, Identifier, Membership, SourceRecord, Verdict
from huitou.apps.identity.record_keys import crowds, neighbours
from huitou.apps.identity.stored import NOBODY, StoredRecord, stored_records, values_of
from huitou.apps.identity.weights import model_corrected, model_kept
from huitou.core.identity import DEFAULT_POLICY, Policy, Resolution, resolve, resolve_few

if TYPE_CHECKING:
    from huitou.core.identity.match.model import Model as Weights

IN_LIST = 20_000  # values in one SQL list
_BATCH = 50_000
_FEW = 2_000  # records that are handed to the matcher one by one
_SMALL = 1_000  # records of a batch that is never worth counting all for
_WORTH_ALL = 4  # a seed of at least a quarter of all records is resolved with all of them


def column_among(model: type[Model], column: str, by: str, ids: Iterable[int], *, null: Sequence[str] = ()) -> set[int]:
    """Return the values of one column in the rows where `by` is one of the ids and the fields of `null` are null."""
    return {row[0] for part in chunked(ids, IN_LIST) for row in rows_read(model, (column,), among={by: part}, null=null)}


def component_records(
    seed: Collection[int], *, limit: int, opened: Mapping[int, StoredRecord] = NOBODY, new: Collection[int] = ()
) -> set[int] | None:
    """
    Return every record that the seed records can be tied to: those that share a key with one of them, and all that are tied to
    any of these by shared values that are no hubs, by decisions, and by the persons they belong to now. None when there are
    more than `limit`, or the seed is a good part of all records: then resolving everything is less work.

    opened: records that the caller has open. new: those of the seed that nobody decided about and no person has.
    """
    if len(seed) > limit or (len(seed) > _SMALL and len(seed) * _WORTH_ALL > SourceRecord.objects.count()):
        return None
    seen_values: set[int] = set()
    seen: set[int] = set()
    fresh = set(seed) | neighbours(seed)
    while fresh:
        seen |= fresh
        if len(seen) > limit:
            return None
        values = {value for record in fresh & opened.keys() for value, _ in opened[record].postings}
        values |= column_among(Identifier, "value_hash", "record_id", fresh - opened.keys())
        values -= seen_values
        seen_values |= values
        values -= column_among(HubValue, "value_hash", "value_hash", values)
        old = fresh.difference(new)
        persons = column_among(Membership, "person_id", "record_id", old, null=("valid_to",))
        fresh = (
            column_among(Identifier, "record_id", "value_hash", values)
            | column_among(Membership, "record_id", "person_id", persons, null=("valid_to",))
            | column_among(Decision, "record_b", "record_a", old, null=("retired_event_id",))
            | column_among(Decision, "record_a", "record_b", old, null=("retired_event_id",))
        ) - seen
    return seen


def memberships_of(records: Collection[int] | None) -> dict[int, int]:
    """Return the open membership (record -> person) of these records, or of all."""
    columns = ("record_id", "person_id")
    if records is None:
        return dict(Membership.objects.filter(valid_to=None).values_list(*columns).iterator(chunk_size=_BATCH))
    found: dict[int, int] = {}
    for part in chunked(records, IN_LIST):
        found.update(rows_read(Membership, columns, among={"record_id": part}, null=("valid_to",)))
    return found


def _stored(records: Collection[int] | None) -> Iterator[tuple[int, str, bytes | memoryview | None, int | None]]:
    """Yield id, source, encrypted content and store of the records that still say something, in order of id."""
    columns = ("pk", "source_code", "fields", "store_id")
    if records is None:
        yield from SourceRecord.objects.exclude(fields=None).order_by("pk").values_list(*columns).iterator(chunk_size=5_000)
        return
    for part in chunked(sorted(records), 5_000):
        rows = rows_read(SourceRecord, columns, among={"pk": part})
        yield from sorted((row for row in rows if row[2] is not None), key=lambda row: row[0])


def component_resolve(records: Collection[int] | None, policy: Policy = DEFAULT_POLICY) -> Resolution:
    """
    Run the matcher over these records (a whole component), or over everything.

    A component sees only some holders of a known hub, so known hubs are handed over as blocked; a run over everything
    finds them anew and keeps only the values that a person blocked.
    """
    if records is None:
        return _everything_resolve(*stored_tables(records), policy)
    if len(records) <= _FEW:
        return few_resolve(stored_records(keyring(), records), policy)
    table, postings = stored_tables(records)
    return resolve({"records": table}, identifiers=postings, **_known_of(records, policy))


def few_resolve(records: Mapping[int, StoredRecord], policy: Policy = DEFAULT_POLICY) -> Resolution:
    """Run the matcher over some hundred records that are a whole component, in order of id."""
    few = [record.few() for record in records.values()]
    return resolve_few(few, values_of(records.values()), **_known_of(records.keys(), policy))


def _known_of(records: Collection[int], policy: Policy) -> dict[str, Any]:
    """Return what the matcher is told about a part: what people decided, what links nobody, the weights, the whole's crowds."""
    joins, vetoes = _decisions(records)
    return {
        "policy": replace(policy, blocked=_blocked(records, policy)), "joins": joins, "vetoes": vetoes,
        "model": model_kept(policy.version), "crowds": crowds(keyring()),
    }  # fmt: skip


def landed_resolve(view: LandedView, policy: Policy = DEFAULT_POLICY) -> Resolution:
    """Run the matcher over everything, as the landing has it."""
    return _everything_resolve(*view.matcher_tables(), policy)


def _everything_resolve(table: pa.Table, postings: pa.Table, policy: Policy) -> Resolution:
    """Fit the weights to the data; where people decided enough, correct them by that and judge everything again."""
    joins, vetoes = _decisions(None)
    blocked = replace(policy, blocked=_blocked(None, policy))

    def judged(model: "Weights | None") -> Resolution:
        return resolve({"records": table}, policy=blocked, identifiers=postings, joins=joins, vetoes=vetoes, model=model)

    found = judged(None)
    corrected = model_corrected(found, joins, vetoes)
    if corrected is None:
        return found
    del found  # beside the second run it would double the memory
    return judged(corrected)


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
    columns = ("pk", "record_a", "record_b", "verdict_code")
    if records is None:
        rows = set(Decision.objects.filter(retired_event_id=None).values_list(*columns))
    else:
        rows = set()
        for part in chunked(records, IN_LIST):
            for side in ("record_a", "record_b"):
                rows.update(rows_read(Decision, columns, among={side: part}, null=("retired_event_id",)))
    pairs: dict[str, list[tuple[int, int]]] = {Verdict.SAME: [], Verdict.DIFFERENT: []}
    for _, record_a, record_b, verdict in sorted(rows):
        pairs[verdict].append((record_a, record_b))
    return pairs[Verdict.SAME], pairs[Verdict.DIFFERENT]


def hub_context(kind_code: str, value_hash: int) -> str:
    return f"identity.hub:{kind_code}:{value_hash}"


def _blocked(records: Collection[int] | None, policy: Policy) -> dict[str, frozenset[str]]:
    """Return the values that link nobody: all that a person blocked; of a part, the known hubs that its records hold, too."""
    ring, columns = keyring(), ("kind_code", "value_hash", "value")
    if records is None:
        rows = list(HubValue.objects.filter(reason_code="blocked").values_list(*columns))
    else:
        held = column_among(Identifier, "value_hash", "record_id", records)
        rows = [row for part in chunked(held, IN_LIST) for row in rows_read(HubValue, columns, among={"value_hash": part})]
    found: dict[str, set[str]] = {kind: set(values) for kind, values in policy.blocked.items()}
    for kind_code, value_hash, sealed in rows:
        value = ring.decrypt(bytes(sealed), context=hub_context(kind_code, value_hash)).decode()
        found.setdefault(kind_code, set()).add(value)
    return {kind: frozenset(values) for kind, values in found.items()}


def clusters_of(resolution: Resolution) -> list[list[int]]:
    """Return the record lists of the entities, each ascending, in order of their first record."""
    records, entities = (resolution.entities.column(name).to_numpy() for name in ("record_id", "entity_id"))
    order = np.lexsort((records, entities))
    starts = np.flatnonzero(np.diff(entities[order], prepend=-1)).tolist()
    ordered = records[order].tolist()
    return [ordered[low:high] for low, high in pairwise([*starts, len(ordered)])]
