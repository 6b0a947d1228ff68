"""Run the matcher and bring the map, the evidence and the files of the persons to what it found."""

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

import pyarrow as pa
from django.db import transaction
from django.db.models import Q

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import (
    Author,
    Change,
    changes_planned,
    changes_write,
    hooks_run,
    map_lock,
    persons_touched,
)
from huitou.apps.identity.component import (
    IN_LIST,
    clusters_of,
    component_records,
    component_resolve,
    hub_context,
    in_lists,
    memberships_of,
)
from huitou.apps.identity.models import Edge, EventKind, HubValue, Identifier, Membership, ReviewPair
from huitou.apps.identity.refresh import persons_refresh
from huitou.core.identity import DEFAULT_POLICY, Policy, Resolution

COMPONENT_LIMIT = 50_000  # records; from here on everything is resolved


@transaction.atomic
def map_resolve(
    *, changed: Collection[int] | None, now: datetime, policy: Policy = DEFAULT_POLICY, batch_id: int | None = None
) -> Resolution | None:
    """
    Resolve whatever the changed records can concern, or everything (`changed` None); return what the matcher found.

    Nothing changed gives None. Running it again writes nothing.
    """
    if changed is not None and not changed:
        return None
    map_lock()
    scope = None if changed is None else component_records(changed, limit=COMPONENT_LIMIT)
    resolution = component_resolve(scope, policy)
    previous = memberships_of(scope)
    clusters = clusters_of(resolution)
    if scope is None:
        inside = {record for cluster in clusters for record in cluster}
        previous = {record: person for record, person in previous.items() if record in inside}
    changes = changes_planned(previous, clusters)
    _explain(changes, resolution, batch_id)
    author = Author(by=None, reason="", policy_version=policy.version, now=now)
    events = changes_write(changes, author)
    _evidence_write(scope, resolution, now)
    renewed = _hubs_write(resolution, now, everything=scope is None)
    touched = persons_touched(changes) | _persons_of(changed or ()) | _persons_holding(renewed)
    persons_refresh(touched, now=now)
    hooks_run(changes, events)
    return resolution


def _explain(changes: Iterable[Change], resolution: Resolution, batch_id: int | None) -> None:
    """Count in each event which kinds of shared values brought the moved records in."""
    wanted = {
        move.record_id: change for change in changes if change.kind in (EventKind.JOIN, EventKind.MERGE) for move in change.moves
    }
    kinds: dict[int, Counter[str]] = {}
    if wanted:
        columns = (resolution.edges.column(name).to_pylist() for name in ("a", "b", "kind"))
        for record_a, record_b, kind in zip(*columns, strict=True):
            for change in {id(found): found for found in (wanted.get(record_a), wanted.get(record_b)) if found}.values():
                kinds.setdefault(id(change), Counter())[kind] += 1
    for change in changes:
        if id(change) in kinds:
            change.detail["evidence"] = dict(sorted(kinds[id(change)].items()))
        if batch_id is not None:
            change.detail["batch"] = batch_id


def _evidence_write(scope: Collection[int] | None, resolution: Resolution, now: datetime) -> None:
    """Make the stored edges and review pairs of the resolved records what the matcher found; unchanged rows stay."""
    edges = _rows(resolution.edges, ("a", "b", "kind", "evidence"))
    known = _stored(Edge, scope, ("record_a", "record_b", "kind_code", "evidence_code"))
    gone = [pk for row, pk in known.items() if row not in edges]
    for part in chunked(gone, IN_LIST):
        Edge.objects.filter(pk__in_list=part).delete()
    rows_write(
        Edge,
        ("record_a", "record_b", "kind_code", "evidence_code", "policy_version"),
        ((*row, resolution.policy_version) for row in sorted(edges - known.keys())),
    )
    pairs: set[tuple[object, ...]] = set(dict.fromkeys(_rows(resolution.review, ("a", "b"))))
    reasons = {(row[0], row[1]): row[2] for row in _rows(resolution.review, ("a", "b", "reason"))}
    open_pairs = _stored(ReviewPair, scope, ("record_a", "record_b"))
    for part in chunked([pk for row, pk in open_pairs.items() if row not in pairs], IN_LIST):
        ReviewPair.objects.filter(pk__in_list=part).delete()
    rows_write(
        ReviewPair,
        ("record_a", "record_b", "reason_code", "found_at"),
        ((*row, reasons[row[0], row[1]], now) for row in sorted(pairs - open_pairs.keys())),
    )


def _rows(table: pa.Table, names: Iterable[str]) -> set[tuple[object, ...]]:
    return set(zip(*(table.column(name).to_pylist() for name in names), strict=True))


def _stored(
    model: type[Edge] | type[ReviewPair], scope: Collection[int] | None, names: tuple[str, ...]
) -> dict[tuple[object, ...], int]:
    """Return the stored rows that touch the scope, by content."""
    if scope is None:
        return {row[1:]: row[0] for row in model._default_manager.values_list("pk", *names).iterator(chunk_size=IN_LIST)}
    found: dict[tuple[object, ...], int] = {}
    for part in chunked(scope, IN_LIST):
        rows = model._default_manager.filter(Q(record_a__in_list=part) | Q(record_b__in_list=part)).values_list("pk", *names)
        found.update({row[1:]: row[0] for row in rows})
    return found


def _hubs_write(resolution: Resolution, now: datetime, *, everything: bool) -> set[int]:
    """
    Store the hubs that were not known yet; return the hashes of values that became one or, in a run over everything,
    ceased to be one.
    """
    ring = keyring()
    known = dict(HubValue.objects.values_list("value_hash", "reason_code"))
    found = {ring.hash(hub["kind"], hub["value"]): hub for hub in resolution.hubs.to_pylist()}
    ceased = {value_hash for value_hash, reason in known.items() if reason != "blocked"} - found.keys() if everything else set()
    for part in chunked(ceased, IN_LIST):
        HubValue.objects.filter(value_hash__in_list=part).delete()
    rows = []
    for value_hash in sorted(found.keys() - known.keys()):
        hub = found[value_hash]
        sealed = ring.encrypt(hub["value"].encode(), context=hub_context(hub["kind"], value_hash))
        store = None if hub["store_id"] is None else int(hub["store_id"])
        rows.append((hub["kind"], value_hash, sealed, hub["records"], hub["names"], store, hub["reason"], now))
    columns = ("kind_code", "value_hash", "value", "record_count", "name_count", "store_id", "reason_code", "found_at")
    rows_write(HubValue, columns, rows)
    return ceased | {row[1] for row in rows}


def _persons_of(records: Collection[int]) -> set[int]:
    return in_lists(
        records,
        lambda part: Membership.objects.filter(record_id__in_list=part, valid_to=None).values_list("person_id", flat=True),
    )


def _persons_holding(value_hashes: Collection[int]) -> set[int]:
    return _persons_of(
        in_lists(
            value_hashes, lambda part: Identifier.objects.filter(value_hash__in_list=part).values_list("record_id", flat=True)
        )
    )
