"""Seek the persons of records that were stored a moment ago, in the same transaction."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base.secrets import keyring
from huitou.apps.identity.changes import Author, changes_planned, changes_write, hooks_run, persons_touched
from huitou.apps.identity.component import clusters_of, component_records, few_resolve, memberships_of
from huitou.apps.identity.findings import edges_write, hubs_write, reviews_write
from huitou.apps.identity.groups import Group, groups_of, is_unchanged
from huitou.apps.identity.marks import last_mark, marks_clear
from huitou.apps.identity.record_keys import keyless, keys_of_few, keys_write
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.map_resolve import changes_explain, records_holding
from huitou.apps.identity.stored import NOBODY, StoredRecord, stored_records
from huitou.core.identity import DEFAULT_POLICY, Policy, Resolution


@dataclass(frozen=True, slots=True)
class Arrived:
    """person_of: whose the records of the part are now. asks: does the matcher have a question about one of them?"""

    person_of: Mapping[int, int]
    asks: bool


def arrivals_resolve(
    record_ids: Collection[int],
    *,
    opened: Mapping[int, StoredRecord] = NOBODY,
    fresh: Collection[int] = (),
    now: datetime,
    limit: int,
    policy: Policy = DEFAULT_POLICY,
) -> Arrived | None:
    """
    Resolve what these records can concern, as `map_resolve` does, but under the lock from the reading to the writing, so that
    nothing changes meanwhile and everything is read once. None, and nothing done, when that is more than `limit` records.

    opened: those of the records that the caller has open. fresh: those that nobody knew before. Call it in a transaction that
    holds the map's lock, after the records were stored.
    """
    ring, new = keyring(), set(fresh)
    lacking = keyless(set(record_ids) - new - opened.keys())
    if lacking:  # stored in bulk and never looked at
        keys_write(keys_of_few(ring, list(stored_records(ring, lacking).values())))
    scope = component_records(record_ids, limit=limit, opened=opened, new=new)
    if scope is None:
        return None
    known = {**stored_records(ring, scope - opened.keys()), **opened}
    is_alone = len(scope) == 1 and scope <= new  # nothing ties it to anybody: a person of its own, whatever the weights
    resolution = few_resolve(dict(sorted(known.items())), policy) if known and not is_alone else None
    found = clusters_of(resolution) if resolution else [sorted(scope)] if is_alone else []  # none: all of it was erased
    renewed = {*record_ids, *(_findings_write(resolution, scope - new, now) if resolution else ())}
    previous = memberships_of(scope - new)
    unheld, groups = groups_of(previous, found)
    groups = [group for group in groups if not is_unchanged(group, previous, renewed)]
    groups += [Group((cluster,), frozenset()) for cluster in unheld]
    clusters = [cluster for group in groups for cluster in group.clusters]
    records = [record for cluster in clusters for record in cluster]
    changes = changes_planned({record: previous[record] for record in records if record in previous}, clusters)
    if resolution:
        changes_explain(changes, resolution)
    events = changes_write(changes, Author(by=None, reason="", policy_version=policy.version, now=now))
    moved = {move.record_id: move.to_person_id for change in changes for move in change.moves if move.to_person_id is not None}
    person_of = {**previous, **moved}
    touched = persons_touched(changes) | {person_of[record] for record in records if record in renewed}
    persons_refresh(touched, now=now, known=known, new={person for change in changes for person in change.opened})
    hooks_run(changes, events)
    marks_clear({*records, *record_ids} - new, upto=last_mark())
    return Arrived(person_of, asks=resolution is not None and len(resolution.review) > 0)


def _findings_write(resolution: Resolution, stored: Collection[int], now: datetime) -> set[int]:
    """Store hubs, links and questions; return the records that hold a new hub. stored: records that may have such rows."""
    fresh_hubs = hubs_write(resolution, now, everything=False)
    edges_write(stored, resolution)
    reviews_write(stored, resolution, now)
    return records_holding(fresh_hubs)
