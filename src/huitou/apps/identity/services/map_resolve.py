"""Run the matcher and bring the map, the evidence and the files of the persons to what it found."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base.bulk import chunked
from huitou.apps.base.pace import Pace
from huitou.apps.base.secrets import keyring
from huitou.apps.identity.bulk_create import BulkLoad, claim_owners
from huitou.apps.identity.changes import (
    Author,
    changes_planned,
    changes_write,
    hooks_run,
    map_lock,
    persons_touched,
)
from huitou.apps.identity.component import (
    IN_LIST,
    clusters_of,
    column_among,
    component_records,
    component_resolve,
    landed_resolve,
    memberships_of,
    stored_tables,
)
from huitou.apps.identity.findings import edges_write, hubs_write, reviews_write
from huitou.apps.identity.groups import Group, groups_of, is_unchanged
from huitou.apps.identity.landed_view import LandedView, landed_view
from huitou.apps.identity.marks import last_mark, marks_clear, marks_set
from huitou.apps.identity.models import HubValue, Identifier, Membership, PersonIdentifier
from huitou.apps.identity.record_keys import keyless, keys_fill
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.watch import Watch
from huitou.apps.identity.weights import model_keep
from huitou.core.identity import DEFAULT_POLICY, Policy, Resolution
from huitou.core.identity.changes import Change, ChangeKind

_FEW_EDGES = 1_000  # as many are gone through faster than they are filtered
COMPONENT_LIMIT = 50_000  # records; from here on everything is resolved


def map_resolve(
    *, changed: Collection[int] | None, now: datetime, policy: Policy = DEFAULT_POLICY, upto: int | None = None
) -> Resolution | None:
    """
    Resolve whatever the changed records can concern, or everything (`changed` None); return what the matcher found.

    Nothing changed gives None; running it again writes nothing. Reading and matching lock nothing; the findings are written in
    short transactions, each of them whole persons. What others changed meanwhile is left to the next run, under its mark.
    """
    if changed is not None and not changed:
        return None
    upto = last_mark() if upto is None else upto
    watch = Watch()
    if changed is not None and len(changed) <= COMPONENT_LIMIT and (lacking := keyless(changed)):
        keys_fill(keyring(), *stored_tables(lacking))  # those stored in bulk get their keys when they are first looked at
    scope = None if changed is None else component_records(changed, limit=COMPONENT_LIMIT)
    view = landed_view() if scope is None else None
    resolution = component_resolve(scope, policy) if view is None else landed_resolve(view, policy)
    if scope is None:
        model_keep(resolution, now)
        keys_fill(keyring(), *(stored_tables(None) if view is None else view.matcher_tables()))
    renewed_hubs = hubs_write(resolution, now, everything=scope is None)
    edges_write(scope, resolution)
    reviews_write(scope, resolution, now)
    previous = memberships_of(scope)
    clusters = clusters_of(resolution)
    if scope is None:
        inside = {record for cluster in clusters for record in cluster}
        previous = {record: person for record, person in previous.items() if record in inside}
    fresh, groups = groups_of(previous, clusters)
    renewed = set(changed or ()) | records_holding(renewed_hubs)
    groups = [group for group in groups if not is_unchanged(group, previous, renewed)]
    author = Author(by=None, reason="", policy_version=policy.version, now=now)
    if view is not None and fresh:
        _create_all(view, fresh, clusters, previous, author=author, watch=watch, upto=upto)
    else:
        groups = [*groups, *(Group((cluster,), frozenset()) for cluster in fresh)]
    for part in Pace().cut(groups):
        _groups_write(part, resolution, renewed, author=author, watch=watch, upto=upto)
    for gone in chunked(sorted(renewed - {record for cluster in clusters for record in cluster}), IN_LIST):
        marks_clear(gone, upto=upto)  # erased or withdrawn meanwhile
    return resolution


def _create_all(
    view: LandedView,
    fresh: Sequence[Sequence[int]],
    clusters: Sequence[Sequence[int]],
    previous: Mapping[int, int],
    *,
    author: Author,
    watch: Watch,
    upto: int,
) -> None:
    """Open the persons nobody knew, from the landing's view; a present person gives way where a new one verified later."""
    hubs = set(HubValue.objects.values_list("value_hash", flat=True))
    owners = claim_owners(view, hubs, clusters, previous)
    if previous:
        first_of_fresh = {cluster[0] for cluster in fresh}
        lost = [value_hash for (_, value_hash), first in owners.items() if first in first_of_fresh]
        for part in Pace().cut(lost):
            with transaction.atomic():
                PersonIdentifier.objects.filter(value_hash__in_list=part, verified=True).update(verified=False)
    BulkLoad(view, hubs, author, watch, upto).create(fresh, owners)


@transaction.atomic
def _groups_write(
    groups: Sequence[Group], resolution: Resolution, renewed: Collection[int], *, author: Author, watch: Watch, upto: int
) -> None:
    """Write some groups whole: events, memberships, files of the persons, hooks; take the marks off."""
    map_lock()
    watch.look()
    mine = [group for group in groups if not watch.touched(group.records(), group.persons)]
    left = [record for group in groups if group not in mine for record in group.records()] if len(mine) < len(groups) else []
    if left:
        marks_set(sorted(left))
    clusters = [cluster for group in mine for cluster in group.clusters]
    records = [record for cluster in clusters for record in cluster]
    changes = changes_planned(memberships_of(records), clusters)
    changes_explain(changes, resolution)
    events = changes_write(changes, author)
    watch.own(events)
    persons_refresh(persons_touched(changes) | _persons_of([record for record in records if record in renewed]), now=author.now)
    hooks_run(changes, events)
    marks_clear(records, upto=upto)


def changes_explain(changes: Iterable[Change], resolution: Resolution) -> None:
    """Count in each event which kinds of shared values brought the moved records in."""
    wanted = {
        move.record_id: change
        for change in changes
        if change.kind in (ChangeKind.JOIN, ChangeKind.MERGE)
        for move in change.moves
    }
    if not wanted:
        return
    edges = resolution.edges
    if len(edges) > _FEW_EDGES:
        ids = pa.array(list(wanted), edges.schema.field("a").type)
        edges = edges.filter(pc.or_(*(pc.is_in(edges.column(side), value_set=ids) for side in ("a", "b"))))
    kinds: dict[int, Counter[str]] = {}
    columns = (edges.column(name).to_pylist() for name in ("a", "b", "kind"))
    for record_a, record_b, kind in zip(*columns, strict=True):
        for change in {id(found): found for found in (wanted.get(record_a), wanted.get(record_b)) if found}.values():
            kinds.setdefault(id(change), Counter())[kind] += 1
    for change in changes:
        if id(change) in kinds:
            change.detail["evidence"] = dict(sorted(kinds[id(change)].items()))


def _persons_of(records: Collection[int]) -> set[int]:
    return column_among(Membership, "person_id", "record_id", records, null=("valid_to",))


def records_holding(value_hashes: Collection[int]) -> set[int]:
    """Return the records that hold one of these values."""
    return column_among(Identifier, "record_id", "value_hash", value_hashes)
