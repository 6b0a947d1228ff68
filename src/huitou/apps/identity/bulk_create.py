"""
Open many new persons from what the landing says, past the row-by-row way of `refresh`.

Per block: memberships and persons first, then identifiers and search keys in order of hash (an index page is met once per
block, not once per person), the marks last. A kill in between leaves marks, and the next run refreshes those persons.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.hooks import HoldingsChanged, Hook, run
from huitou.apps.base.pace import Pace
from huitou.apps.customers.services import person_ids_reserve, person_rows, persons_add, search_keys_add, search_rows
from huitou.apps.identity.changes import Author, changes_write, map_lock
from huitou.apps.identity.landed_view import LandedView
from huitou.apps.identity.marks import marks_clear
from huitou.apps.identity.models import Membership, PersonIdentifier
from huitou.apps.identity.person_file import IDENTIFIER_COLUMNS, Claim, identifier_rows, person_file
from huitou.apps.identity.survivorship import rules_in_force
from huitou.apps.identity.watch import Watch
from huitou.core.identity.changes import Change, ChangeKind, Move

_BLOCK = 50_000
_KINDS = ("person", "identifier", "key", "mark")
_NOT_YET = 1 << 62  # a person to be is younger than any
Cluster = Sequence[int]


@dataclass(frozen=True, slots=True)
class BulkLoad:
    """What all blocks share. hubs: value hashes that identify nobody; upto: the newest mark that was seen."""

    view: LandedView
    hubs: Collection[int]
    author: Author
    watch: Watch
    upto: int
    paces: Mapping[str, Pace] = field(default_factory=lambda: {kind: Pace() for kind in _KINDS})  # their rows cost differently

    def create(self, clusters: Sequence[Cluster], owner: Mapping[Claim, int]) -> None:
        """Open a person per cluster. owner: as `claim_owners` gives it."""
        for block in chunked(clusters, _BLOCK):
            self._block(block, owner)
        with transaction.atomic():
            run(Hook.HOLDINGS_CHANGED, HoldingsChanged(None))

    def _block(self, clusters: list[Cluster], owner: Mapping[Claim, int]) -> None:
        with transaction.atomic():
            ids = person_ids_reserve(len(clusters))
        held = self.view.held(clusters)
        rules = rules_in_force()
        files = [person_file(person, records, self.hubs, rules) for person, records in zip(ids, held, strict=True)]
        rows = person_rows(files, now=self.author.now)
        left_out: set[int] = set()
        for part in self.paces["person"].cut(zip(ids, clusters, rows, strict=True)):
            left_out |= self._open(part)
        kept = [place for place, person in enumerate(ids) if person not in left_out]
        here = {cluster[0]: person for person, cluster in zip(ids, clusters, strict=True)}
        winner = {claim: here.get(first, 0) for claim, first in owner.items()}
        identifiers = [row for place in kept for row in identifier_rows(ids[place], held[place], self.hubs, winner)]
        identifiers.sort(key=lambda row: row[2])
        for rows_part in self.paces["identifier"].cut(identifiers):
            with transaction.atomic():
                rows_write(PersonIdentifier, IDENTIFIER_COLUMNS, rows_part, skip=True)
        for keys in self.paces["key"].cut(search_rows(files[place] for place in kept)):
            with transaction.atomic():
                search_keys_add(keys)
        for done in self.paces["mark"].cut(record for place in kept for record in clusters[place]):
            with transaction.atomic():
                marks_clear(done, upto=self.upto)

    @transaction.atomic
    def _open(self, part: Iterable[tuple[int, Cluster, tuple[object, ...]]]) -> set[int]:
        """Write memberships and persons; return the ids of those whose records somebody else has taken meanwhile."""
        map_lock()
        listed = list(part)
        records = [record for _, cluster, _ in listed for record in cluster]
        taken = set(Membership.objects.filter(record_id__in_list=records, valid_to=None).values_list("record_id", flat=True))
        mine = [entry for entry in listed if taken.isdisjoint(entry[1])] if taken else listed
        change = Change(
            ChangeKind.CREATE,
            [Move(record, None, person) for person, cluster, _ in mine for record in cluster],
            {person for person, _, _ in mine},
        )
        if mine:
            self.watch.look()
            self.watch.own(changes_write([change], self.author))
            persons_add(row for _, _, row in mine)
        return {person for person, _, _ in listed} - change.opened


def claim_owners(
    view: LandedView, hubs: Collection[int], clusters: Sequence[Cluster], previous: Mapping[int, int]
) -> dict[Claim, int]:
    """
    Return the verified, current values that several clusters claim, each with the first record of the cluster that keeps it:
    the one that verified it last, among equals the older person.
    """
    firsts = {record: cluster[0] for cluster in clusters for record in cluster}
    verified = view.postings.filter(
        pc.and_(view.postings.column("verified"), pc.is_null(view.postings.column("valid_to")))
    ).sort_by("value_hash")
    hashes = verified.column("value_hash").to_numpy()
    several = np.zeros(len(hashes), dtype=bool)
    if len(hashes) > 1:
        same = hashes[1:] == hashes[:-1]
        several[1:] |= same
        several[:-1] |= same
    claims: dict[Claim, dict[int, tuple[float, int]]] = defaultdict(dict)
    for row in verified.filter(pa.array(several)).to_pylist():
        record, value_hash = row["record_id"], row["value_hash"]
        if record not in firsts or value_hash in hubs:
            continue
        since = 0.0 if row["valid_from"] is None else row["valid_from"].timestamp()
        held = claims[row["kind_code"], value_hash]
        first = firsts[record]
        held[first] = max(held.get(first, (0.0, 0)), (since, -previous.get(record, _NOT_YET)))
    return {claim: max(held, key=lambda first: (held[first], -first)) for claim, held in claims.items() if len(held) > 1}
