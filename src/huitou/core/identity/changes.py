"""
How the map from records to persons changes, as plain values: what a run of the matcher, a merge, a split and an undo move.

Planning is here, storing is the app's. Every plan is exact: put to the map it was made from it gives the wanted map, and the
plan of its undo gives the old one back, ids included.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations, product
from typing import Any

from huitou.core.identity.naming import assign_ids

Pair = tuple[int, int]  # two records


class ChangeKind(StrEnum):
    """What happens to the map."""

    CREATE = "create"  # new persons from records nobody had
    JOIN = "join"  # new records go to a person that was there
    MERGE = "merge"
    SPLIT = "split"
    UNDO = "undo"
    ERASE = "erase"  # records leave the map: erased, or their import was undone
    VERDICT = "verdict"  # a person said that two persons are not one; nobody moves


@dataclass(frozen=True, slots=True)
class Move:
    """One source record goes from one person to another; None: it was new, or it is gone."""

    record_id: int
    from_person_id: int | None
    to_person_id: int | None


@dataclass(slots=True)
class Change:
    """
    One event to be: its moves, the persons it opens, and those it closes with the survivor each of them names.

    `opened` are persons that were not living before; to_person_id None closes a membership for good.
    """

    kind: ChangeKind
    moves: list[Move] = field(default_factory=list)
    opened: set[int] = field(default_factory=set)
    closed: dict[int, int | None] = field(default_factory=dict)
    detail: dict[str, Any] = field(default_factory=dict)


def planned(
    previous: Mapping[int, int], clusters: Sequence[Sequence[int]], new_ids: Callable[[int], Sequence[int]]
) -> list[Change]:
    """
    Return what turns the present map into these clusters, with the fewest ids changed; [] when nothing changes.

    clusters hold every record of the persons in `previous` (record -> person). new_ids(n) gives n ids that no person ever had.
    New records of new persons make one `create`; new records of a known person one `join` per person; a person taken over
    whole one `merge` per survivor; the rest one `split` per person.
    """
    naming = assign_ids(previous, clusters)
    fresh = iter(new_ids(sum(name is None for name in naming.names)))
    names = [next(fresh) if name is None else name for name in naming.names]
    opened = {name for name, kept in zip(names, naming.names, strict=True) if kept is None}
    absorbed = {person: names[index] for person, index in naming.absorbed.items()}
    targets: dict[int, set[int]] = defaultdict(set)
    moves: list[tuple[int, int | None, int]] = []
    for name, cluster in zip(names, clusters, strict=True):
        for record in cluster:
            source = previous.get(record)
            if source is not None:
                targets[source].add(name)
            if source != name:
                moves.append((record, source, name))
    changes: dict[tuple[ChangeKind, int], Change] = {}
    for record, source, name in moves:
        if source is None:
            kind, key = (ChangeKind.CREATE, 0) if name in opened else (ChangeKind.JOIN, name)
        elif source in absorbed and targets[source] == {absorbed[source]}:
            kind, key = ChangeKind.MERGE, name
        else:
            kind, key = ChangeKind.SPLIT, source
        change = changes.setdefault((kind, key), Change(kind))
        change.moves.append(Move(record, source, name))
        if name in opened:
            change.opened.add(name)
        if source in absorbed:
            change.closed[source] = absorbed[source]
    order = list(ChangeKind)
    return [changes[key] for key in sorted(changes, key=lambda key: (order.index(key[0]), key[1]))]


def merged(one: int, one_records: Collection[int], other: int, other_records: Collection[int]) -> Change:
    """Return the change that makes one person of two; the one with more records stays, of equals the older."""
    parts = {one: one_records, other: other_records}
    previous = {record: person for person, records in parts.items() for record in records}
    survivor = assign_ids(previous, [sorted(previous)]).names[0]
    gone = other if survivor == one else one
    return Change(ChangeKind.MERGE, [Move(record, gone, survivor) for record in parts[gone]], closed={gone: survivor})


def parted(person: int, chosen: Sequence[int], rest: Sequence[int], fresh: int) -> Change:
    """Return the change that makes two persons of one; the id stays with the larger part, `fresh` is the other's."""
    naming = assign_ids(dict.fromkeys((*chosen, *rest), person), [rest, chosen])
    leaving = chosen if naming.names[0] == person else rest
    return Change(ChangeKind.SPLIT, [Move(record, person, fresh) for record in leaving], opened={fresh})


def undone(moved: Iterable[Pair], before: Mapping[int, int], after: Mapping[int, Collection[int]], fresh: int | None) -> Change:
    """
    Return the change that puts every record of an event back where it was.

    moved: record and the person that the event gave it, who still has it. before: the person it had before the event; a
    record that had none goes to `fresh`. after: the records that each person concerned has now; who has none lives again.
    """
    back = []
    for record, person in moved:
        target = before.get(record, fresh)
        if target is None:
            raise ValueError(f"record {record} had no person before and gets none now")
        back.append((record, person, target))
    leaving: dict[int, set[int]] = defaultdict(set)
    closed: dict[int, int | None] = {}
    for record, person, target in back:
        leaving[person].add(record)
        if leaving[person] == set(after[person]):
            closed[person] = target
    opened = {target for _, _, target in back if target not in after}
    return Change(ChangeKind.UNDO, [Move(*move) for move in back], opened=opened, closed=closed)


def standing(history: Iterable[tuple[int, int | None]]) -> int | None:
    """
    Return the event whose outcome a record stands in; None: it was taken back to before all of these.

    history: the events that moved the record, in order, each with the event it took back. Whoever undoes the later event can
    undo the earlier one next.
    """
    now: int | None = None
    before: dict[int, int | None] = {}
    for event, undoes in history:
        before[event] = now
        now = event if undoes is None else before[undoes]
    return now


def star(records: Collection[int]) -> list[Pair]:
    """Return pairs that tie every record to the smallest."""
    centre = min(records)
    return [(centre, record) for record in records if record != centre]


def kept_together(chosen: Collection[int], rest: Collection[int], retired: Iterable[Pair]) -> list[Pair]:
    """
    Return the pairs that stay one when `chosen` is parted from `rest`.

    retired: what held the two sides together. The records of one side that only the other side tied are tied directly now.
    """
    ends = {record for pair in retired for record in pair}
    sides = ([record for record in part if record in ends] for part in (chosen, rest))
    return [pair for side in sides if side for pair in star(side)]


def undo_across(back: Iterable[Move], after: Mapping[int, Collection[int]]) -> tuple[set[Pair], set[Pair]]:
    """
    Return the pairs that an undo parts, and those it brings together: later decisions to the contrary do not hold any more.
    """
    moves = list(back)
    moved = {move.record_id for move in moves}
    stayed = {person: set(records) - moved for person, records in after.items()}
    apart: set[Pair] = set()
    together: set[Pair] = set()
    for move in moves:
        for found, person in ((apart, move.from_person_id), (together, move.to_person_id)):
            for other in stayed.get(person, ()) if person is not None else ():
                found.add((min(move.record_id, other), max(move.record_id, other)))
    return apart, together


def answered_apart(back: Iterable[Move], after: Mapping[int, Collection[int]]) -> list[Pair]:
    """Return the pairs that the undo of a joining keeps apart, so that the matcher does not join them again."""
    parts: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for move in back:
        if move.from_person_id is not None and move.to_person_id is not None:
            parts[move.from_person_id][move.to_person_id].append(move.record_id)
    found = []
    for person, leaving in sorted(parts.items()):
        stayed = sorted(set(after[person]).difference(*leaving.values()))
        groups = [stayed, *(leaving[target] for target in sorted(leaving))]
        found += [pair for one, two in combinations(groups, 2) for pair in product(one, two)]
    return found


def answered_together(back: Iterable[Move], after: Mapping[int, Collection[int]]) -> list[Pair]:
    """Return the pairs that the undo of a split holds together, so that the matcher does not part them again."""
    found: dict[int, list[int]] = defaultdict(list)
    for move in back:
        if move.to_person_id is not None:
            found[move.to_person_id].append(move.record_id)
    return [pair for person in sorted(found) for pair in star([*found[person], *after.get(person, ())])]
