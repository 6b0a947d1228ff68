"""
Who is who: from the records of several sources to entities.

Candidates share a key (an identifier, or a name with a birthday, a phone's tail, a home); each pair's levels are weighed as
log odds, linked pairs make components, the guard parts those that hold contradictions (docs/algorithms/identity.md). The
result does not depend on the order of rows or sources. The matcher is compiled: it is imported on the first call.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from huitou.core.identity.policy import DEFAULT_POLICY, Policy

if TYPE_CHECKING:
    from huitou.core.identity.match.crowds import Ask
    from huitou.core.identity.match.engine import Match
    from huitou.core.identity.match.features import Features
    from huitou.core.identity.match.model import Model

RecordId = int | str
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FewRecord:
    """One record. texts: the columns of the matcher, a missing one says nothing."""

    record_id: int
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FewValue:
    """An identifier that a record holds, in normal form. has_ended: the record no longer holds it."""

    record_id: int
    kind_code: str
    value: str
    is_verified: bool
    has_ended: bool


@dataclass(frozen=True)
class Resolution:
    """
    entities: record_id, entity_id (the entity's smallest record id), one row per record.
    model: the weights used; hand it to later runs over parts of the same data, so that they judge alike.

    The tables below are made when they are first asked for:
    edges: a, b (record ids, a < b), kind, evidence (stated, one_verified, both_verified, decision, scored), weight (log
    odds of the pair), levels: the pairs inside entities that speak for them, enough to connect each; one row per equal
    identifier, kind "similar" for a pair without one.
    review: a, b, reason (contradiction, contested, uncertain), probability (0..1), value (how many pairs of records an answer
    is expected to set right, as in `questions`), levels: pairs left apart for a person to decide, the most useful answers
    first, among equals the likelier one.
    hubs: kind, value, records, names, store_id (where most of the holders are), reason (blocked, records, names).
    households: a, b, kind (phone, card, address): records of different entities that share it; no merge, a weaker relation.
    """

    entities: pa.Table
    policy_version: str
    model: "Model"
    policy: Policy
    _match: "Match"

    @cached_property
    def edges(self) -> pa.Table:
        from huitou.core.identity.match.tables import edge_table

        return edge_table(self._match, self.policy)

    @cached_property
    def review(self) -> pa.Table:
        from huitou.core.identity.match.tables import review_table

        return review_table(self._match, self.policy)

    @cached_property
    def hubs(self) -> pa.Table:
        from huitou.core.identity.match.tables import hub_table

        return hub_table(self._match)

    @cached_property
    def households(self) -> pa.Table:
        from huitou.core.identity.match.tables import household_table

        return household_table(self._match, self.policy)

    @property
    def hub_count(self) -> int:
        return len(self._match.hubs)

    def questions(self, count: int) -> pa.Table:
        """Return a, b: pairs whose answers set most right, the most useful first; of records joined in doubt, too."""
        from huitou.core.identity.match.questions import questions

        pairs = self._match.pairs[questions(self._match, count)]
        ids, total = self._match.features.ids, max(len(self._match.roots), 1)
        return pa.table({"a": ids.take(pa.array(pairs // total)), "b": ids.take(pa.array(pairs % total))})

    def learned(self, labels: Sequence[tuple[RecordId, RecordId, bool]]) -> "Model":
        """
        Return this run's model corrected by pairs that a person judged (a, b, same); unknown records are ignored.

        Hand it to the next `resolve`, and the answers as joins and vetoes. Raises ValueError unless both answers occur.
        """
        from huitou.core.identity.match.levels import patterns
        from huitou.core.identity.match.model import learn

        features = self._match.features
        place = _places(features.ids, [(left, right) for left, right, _ in labels])
        known = [(place[a], place[b], same) for a, b, same in labels if a in place and b in place and a != b]
        count = len(features.ids)
        pairs = np.array([min(a, b) * count + max(a, b) for a, b, _ in known], np.int64)
        seen = np.empty(len(pairs), np.int64)
        patterns(features.matrix, features.links, features.spans, pairs, max(count, 1), seen)
        version = f"{self.policy_version}+{len(known)}-labels"
        others = self._match.patterns[~np.isin(self._match.pairs, pairs)]
        return learn(seen, np.array([same for _, _, same in known], bool), self.model, version=version, others=others)

    def profile(self) -> dict[str, Any]:
        """Return counts: records, entities, duplicate_share (1 - entities / records, 0..1), largest, hubs, review."""
        records = len(self.entities)
        sizes = np.bincount(self._match.roots) if records else np.zeros(0, int)
        entities = int((sizes > 0).sum())
        return {
            "records": records,
            "entities": entities,
            "duplicate_share": 1 - entities / records if records else None,
            "largest_entity": int(sizes.max()) if records else 0,
            "hubs": len(self._match.hubs),
            "review": len(self.review),
            "policy_version": self.policy_version,
        }


def resolve(
    sources: Mapping[str, pa.Table | PathLike[str]],
    *,
    policy: Policy = DEFAULT_POLICY,
    identifiers: pa.Table | None = None,
    joins: Sequence[tuple[RecordId, RecordId]] = (),
    vetoes: Sequence[tuple[RecordId, RecordId]] = (),
    model: "Model | None" = None,
    crowds: "Ask | None" = None,
) -> Resolution:
    """
    Find the entities behind the records of all sources.

    sources: per source a table, or the path of a Parquet file, which is parsed while it is read and takes a third of the
    memory. Text columns, all optional but record_id (text or integer, unique over all sources):
    name phone member_card wx_openid wx_unionid email gender birthday address store_id created_at, and phone_verified.
    identifiers: further values of the records: record_id, kind_code (phone, card, openid, unionid, email), value, optional
    verified and valid_to (an ended phone or e-mail links nobody; an ended card still does).
    joins, vetoes: pairs that a person decided to be the same or different; unknown records in them are ignored.
    model: weights of an earlier run; None fits them to this data when there is enough of it.
    crowds: for a part of the data, says of blocking keys (kind as a place in match.row_keys.BLOCKS, key) how many records of the
    whole hold each. With it a part is judged as the whole would be.
    No rows give an empty resolution. Raises ValueError on missing, empty or repeated record ids, unknown kinds, and tables
    with none of the columns to match on.
    """
    from huitou.core.identity.match.features import gather

    return _resolved(gather(sources, identifiers), policy, joins, vetoes, model, crowds)


def resolve_few(
    records: Sequence[FewRecord],
    values: Iterable[FewValue],
    *,
    policy: Policy = DEFAULT_POLICY,
    joins: Sequence[tuple[int, int]] = (),
    vetoes: Sequence[tuple[int, int]] = (),
    model: "Model | None" = None,
    crowds: "Ask | None" = None,
) -> Resolution:
    """Do the same for some records given as Python values, which takes a fraction of the time for a handful of them."""
    from huitou.core.identity.match.few import features_of_few

    return _resolved(features_of_few(records, values), policy, joins, vetoes, model, crowds)


def _resolved(
    features: "Features",
    policy: Policy,
    joins: Sequence[tuple[RecordId, RecordId]],
    vetoes: Sequence[tuple[RecordId, RecordId]],
    model: "Model | None",
    crowds: "Ask | None",
) -> Resolution:
    from huitou.core.identity.match.crowds import Crowds
    from huitou.core.identity.match.engine import match
    from huitou.core.identity.match.entities import named_rows

    place = _places(features.ids, (*joins, *vetoes))
    joined, parted = (_packed(pairs, place, len(features.ids)) for pairs in (joins, vetoes))
    held = None if crowds is None else Crowds.asked(features, crowds)
    found = match(features, policy, joined, parted, model, crowds=held)
    entity = features.ids.take(pa.array(named_rows(features.ids, found.roots), pa.int64()))
    return Resolution(
        entities=pa.table({"record_id": features.ids, "entity_id": entity}),
        policy_version=policy.version,
        model=found.model,
        policy=policy,
        _match=found,
    )


def _places(ids: pa.Array, pairs: Sequence[tuple[RecordId, RecordId]]) -> dict[RecordId, int]:
    """Return the rows of the records that are named in these pairs and known."""
    if not pairs:
        return {}
    wanted = {record for pair in pairs for record in pair}
    return {record: row for row, record in enumerate(ids.to_pylist()) if record in wanted}


def _packed(pairs: Sequence[tuple[RecordId, RecordId]], place: Mapping[RecordId, int], count: int) -> Ints:
    rows = {
        (min(place[left], place[right]), max(place[left], place[right]))
        for left, right in pairs
        if left in place and right in place and left != right
    }
    return np.array(sorted(left * count + right for left, right in rows), np.int64)
