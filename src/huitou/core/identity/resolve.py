"""
Who is who: from the records of several sources to entities.

Records that hold an equal phone, card, openid, unionid or e-mail belong together, except where the value is a hub (many
records or many names hold it, or it is blocked) or the guard finds a contradiction. The result does not depend on the
order of rows or sources.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from huitou.core.identity.columns import Flags, Ints, Postings, Records, gather
from huitou.core.identity.guard import Pair, contradictions, split_component
from huitou.core.identity.pairs import DECISION, Edge, LinkIndex, pair_weights
from huitou.core.identity.policy import DEFAULT_POLICY, KINDS, Policy

RecordId = int | str
HUB_SCHEMA = pa.schema([
    ("kind", pa.string()), ("value", pa.string()), ("records", pa.int64()), ("names", pa.int64()),
    ("store_id", pa.string()), ("reason", pa.string()),
])  # fmt: skip
_EVIDENCE = ("stated", "one_verified", "both_verified", "decision")


@dataclass(frozen=True, slots=True)
class Resolution:
    """
    entities: record_id, entity_id (the entity's smallest record id), one row per record.
    edges: a, b (record ids, a < b), kind, evidence (stated, one_verified, both_verified, decision): the links that hold
    the entities together; enough to connect each, not every pair.
    review: a, b, reason (contradiction, contested): linked pairs that were left apart for a person to decide.
    hubs: kind, value, records, names, store_id (where most of the holders are), reason (blocked, records, names).
    """

    entities: pa.Table
    edges: pa.Table
    review: pa.Table
    hubs: pa.Table
    policy_version: str

    def profile(self) -> dict[str, Any]:
        """Return counts: records, entities, duplicate_share (1 - entities / records, 0..1), largest, hubs, review."""
        records = len(self.entities)
        sizes = np.unique(self.entities.column("entity_id").to_numpy(), return_counts=True)[1] if records else np.zeros(0, int)
        return {
            "records": records,
            "entities": len(sizes),
            "duplicate_share": 1 - len(sizes) / records if records else None,
            "largest_entity": int(sizes.max()) if records else 0,
            "hubs": len(self.hubs),
            "review": len(self.review),
            "policy_version": self.policy_version,
        }


def resolve(
    sources: Mapping[str, pa.Table],
    *,
    policy: Policy = DEFAULT_POLICY,
    identifiers: pa.Table | None = None,
    joins: Sequence[tuple[RecordId, RecordId]] = (),
    vetoes: Sequence[tuple[RecordId, RecordId]] = (),
) -> Resolution:
    """
    Find the entities behind the records of all sources.

    sources: per source a table of text columns, all optional but record_id (text or integer, unique over all tables):
    name phone member_card wx_openid wx_unionid email gender birthday address store_id created_at, and phone_verified.
    identifiers: further values of the records: record_id, kind_code (phone, card, openid, unionid, email), value, optional
    verified and valid_to (an ended phone or e-mail links nobody; an ended card still does).
    joins, vetoes: pairs that a person decided to be the same or different; unknown records in them are ignored.
    No rows give an empty resolution. Raises ValueError on missing, empty or repeated record ids and unknown kinds.
    """
    records, postings = gather(sources, identifiers)
    hubs, is_hub = _hubs(records, postings, policy)
    links = _without(postings, is_hub)
    place = {record: row for row, record in enumerate(records.ids.to_pylist())} if joins or vetoes else {}
    join_rows, veto_rows = _rows(joins, place), _rows(vetoes, place)
    chains = _chains(links)
    labels = _components(links, len(records), chains, join_rows)
    first = _first_rows(labels)
    edges: list[Edge] = [(left, right, DECISION, 0) for left, right in join_rows]
    review: list[tuple[int, int, str]] = []
    suspects = _members(labels, _suspects(records, labels, join_rows, veto_rows))
    index = LinkIndex(links) if suspects else None
    for rows in suspects:
        assert index is not None
        found = index.pairs(rows)
        split = split_component(
            size=len(rows),
            soft=contradictions(records, rows),
            named=(records.name[rows] >= 0).tolist(),
            weights=pair_weights(found, records.name[rows], records.names, policy),
            joins=_positions(join_rows, rows),
            vetoes=_positions(veto_rows, rows),
        )
        first[rows] = rows[np.array(split.labels)]
        review += [(int(rows[left]), int(rows[right]), reason) for left, right, reason in split.undecided]
        edges += [(int(rows[left]), int(rows[right]), kind, verified) for left, right, kind, verified in found]
    parted = np.zeros(len(records), dtype=bool)
    parted[np.concatenate(suspects) if suspects else []] = True
    return Resolution(
        entities=pa.table({"record_id": records.ids, "entity_id": records.ids.take(pa.array(first, pa.int64()))}),
        edges=_edge_table(records, links, chains[~parted[links.row[chains]]], edges, first),
        review=_review_table(records, review),
        hubs=hubs,
        policy_version=policy.version,
    )


def _groups(postings: Postings) -> tuple[Ints, Ints]:
    """Return start and length of each run of equal (kind, value)."""
    if not len(postings.row):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    fresh = np.ones(len(postings.row), dtype=bool)
    fresh[1:] = (postings.value[1:] != postings.value[:-1]) | (postings.kind[1:] != postings.kind[:-1])
    starts = np.flatnonzero(fresh)
    return starts, np.diff(np.append(starts, len(postings.row)))


def _hubs(records: Records, postings: Postings, policy: Policy) -> tuple[pa.Table, Flags]:
    """Find the values that identify nobody; returns their table and a flag per posting."""
    starts, lengths = _groups(postings)
    group = np.repeat(np.arange(len(starts)), lengths)
    name = records.name[postings.row]
    named = name >= 0
    pairs = np.unique(np.stack([group[named], name[named]]), axis=1) if named.any() else np.empty((2, 0), np.int64)
    names = np.bincount(pairs[0], minlength=len(starts))
    blocked = np.zeros(len(starts), dtype=bool)
    for code, kind in enumerate(KINDS):
        values = policy.blocked_values(kind)
        if values:
            listed = np.flatnonzero(np.isin(np.array(postings.values[code].to_pylist(), dtype=object), list(values)))
            blocked |= (postings.kind[starts] == code) & np.isin(postings.value[starts], listed)
    hub = blocked | (lengths > policy.hub_records) | (names >= policy.hub_names)
    rows = []
    for index in np.flatnonzero(hub):
        start, length = int(starts[index]), int(lengths[index])
        kind_code = int(postings.kind[start])
        reason = "blocked" if blocked[index] else "records" if length > policy.hub_records else "names"
        rows.append({
            "kind": KINDS[kind_code],
            "value": postings.values[kind_code][int(postings.value[start])].as_py(),
            "records": length,
            "names": int(names[index]),
            "store_id": _main_store(records, postings.row[start : start + length]),
            "reason": reason,
        })  # fmt: skip
    rows.sort(key=lambda row: (row["kind"], row["value"]))
    return pa.Table.from_pylist(rows, schema=HUB_SCHEMA), hub[group] if len(group) else np.empty(0, bool)


def _main_store(records: Records, rows: Ints) -> str | None:
    counts: dict[str, int] = defaultdict(int)
    for store in records.stores.take(pa.array(rows)).to_pylist():
        if store is not None:
            counts[store] += 1
    return min(counts, key=lambda store: (-counts[store], store)) if counts else None


def _without(postings: Postings, dropped: Flags) -> Postings:
    kept = ~dropped
    return replace(
        postings, row=postings.row[kept], kind=postings.kind[kept], value=postings.value[kept], verified=postings.verified[kept]
    )


def _rows(pairs: Sequence[tuple[RecordId, RecordId]], place: Mapping[RecordId, int]) -> list[Pair]:
    return sorted(
        (min(place[left], place[right]), max(place[left], place[right]))
        for left, right in pairs
        if left in place and right in place and left != right
    )


def _positions(pairs: Sequence[Pair], rows: Ints) -> list[Pair]:
    """Return the pairs inside these ascending rows as positions."""
    inside = {int(row): position for position, row in enumerate(rows)} if pairs else {}
    return [(inside[left], inside[right]) for left, right in pairs if left in inside and right in inside]


def _chains(postings: Postings) -> Ints:
    """Return the postings that are followed by another record's posting of the same value."""
    if len(postings.row) < 2:
        return np.empty(0, np.int64)
    return np.flatnonzero((postings.value[1:] == postings.value[:-1]) & (postings.kind[1:] == postings.kind[:-1]))


def _components(links: Postings, size: int, chains: Ints, joins: Sequence[Pair]) -> Ints:
    if size == 0:
        return np.empty(0, np.int64)
    more = np.array(joins, dtype=np.int64).reshape(-1, 2)
    left = np.concatenate([links.row[chains], more[:, 0]])
    right = np.concatenate([links.row[chains + 1], more[:, 1]])
    graph = coo_array((np.ones(len(left), dtype=np.int32), (left, right)), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _first_rows(labels: Ints) -> Ints:
    """Return for each record the first row of its component."""
    if not len(labels):
        return labels
    first = np.full(int(labels.max()) + 1, len(labels), dtype=np.int64)
    np.minimum.at(first, labels, np.arange(len(labels)))
    return first[labels]


def _suspects(records: Records, labels: Ints, joins: Sequence[Pair], vetoes: Sequence[Pair]) -> Flags:
    """Flag the components that may hold a contradiction, or that a person's decision concerns."""
    size = int(labels.max()) + 1 if len(labels) else 0
    flags = _varies(labels, records.name, size)
    flags &= _varies(labels, records.gender, size) | _varies(labels, records.birthday, size)
    for left, right in (*joins, *vetoes):
        if labels[left] == labels[right]:
            flags[labels[left]] = True
    return flags


def _varies(labels: Ints, codes: Ints, size: int) -> Flags:
    """Does a component hold two different known codes?"""
    known = codes >= 0
    low = np.full(size, np.iinfo(np.int64).max)
    high = np.full(size, -1, dtype=np.int64)
    np.minimum.at(low, labels[known], codes[known])
    np.maximum.at(high, labels[known], codes[known])
    return high > low


def _members(labels: Ints, chosen: Flags) -> list[Ints]:
    """Return the rows of each chosen component, ascending."""
    rows = np.flatnonzero(chosen[labels]) if len(labels) else np.empty(0, np.int64)
    order = rows[np.argsort(labels[rows], kind="stable")]
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [part for part in np.split(order, cuts) if len(part)]


def _edge_table(records: Records, links: Postings, chains: Ints, more: Sequence[Edge], first: Ints) -> pa.Table:
    """Return the chain links of whole components and those guard edges whose ends stayed together."""
    kept = np.array([edge for edge in more if first[edge[0]] == first[edge[1]]], dtype=np.int64).reshape(-1, 4)
    level = links.verified[chains].astype(np.int64) + links.verified[chains + 1]
    table = np.concatenate(
        [np.stack([links.row[chains], links.row[chains + 1], links.kind[chains], level], axis=1), kept]
    ).astype(np.int64)
    table = table[np.lexsort((table[:, 2], table[:, 1], table[:, 0]))]
    evidence = np.where(table[:, 2] == DECISION, len(_EVIDENCE) - 1, table[:, 3])
    return pa.table({
        "a": records.ids.take(pa.array(table[:, 0])),
        "b": records.ids.take(pa.array(table[:, 1])),
        "kind": pa.array([*KINDS, "decision"]).take(pa.array(table[:, 2])),
        "evidence": pa.array(_EVIDENCE).take(pa.array(evidence)),
    })  # fmt: skip


def _review_table(records: Records, review: Sequence[tuple[int, int, str]]) -> pa.Table:
    ordered = sorted(set(review))
    return pa.table({
        "a": records.ids.take(pa.array([pair[0] for pair in ordered], pa.int64())),
        "b": records.ids.take(pa.array([pair[1] for pair in ordered], pa.int64())),
        "reason": pa.array([pair[2] for pair in ordered], pa.string()),
    })  # fmt: skip
