"""
The guard against joining strangers: re-splits a component that holds a contradiction.

Two records contradict when both have full names, the names differ, and gender or birthday differ too, or when a person
said that they are different (a veto). The strongest links of a component are taken first; a link that would bring a
contradiction together is dropped. A nameless record that two contradicting sides claim equally belongs to neither.
A group that a person joined by hand contradicts another record only if all its members do.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from huitou.core.identity.columns import Ints, Records
from huitou.core.identity.names import keys_differ

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Split:
    """labels: one per member, the position of the part's first member. undecided: position pairs and why."""

    labels: list[int]
    undecided: list[tuple[int, int, str]]


def contradictions(records: Records, rows: Ints) -> list[set[int]]:
    """Return for each of k records the positions of those it contradicts."""
    told = list(zip(*(codes[rows].tolist() for codes in (records.name, records.gender, records.birthday)), strict=True))
    found: list[set[int]] = [set() for _ in told]
    by_person: dict[tuple[int, int, int], list[int]] = defaultdict(list)  # equal records contradict the same ones
    for position, facts in enumerate(told):
        if facts[0] >= 0:
            by_person[facts].append(position)
    for (one, left), (two, right) in combinations(by_person.items(), 2):
        if one[0] != two[0] and _any_differ(one[1:], two[1:]) and keys_differ(records.names[one[0]], records.names[two[0]]):
            for position in left:
                found[position].update(right)
            for position in right:
                found[position].update(left)
    return found


def _any_differ(one: tuple[int, ...], two: tuple[int, ...]) -> bool:
    return any(left != right and left >= 0 and right >= 0 for left, right in zip(one, two, strict=True))


def split_component(
    *,
    size: int,
    soft: Sequence[set[int]],
    named: Sequence[bool],
    weights: Mapping[Pair, int],
    joins: Sequence[Pair] = (),
    vetoes: Sequence[Pair] = (),
) -> Split:
    """
    Part one component of `size` records (positions 0..size-1, in id order).

    soft: the contradictions of each. named: has a full name. weights: linked pairs (low, high) and how strongly.
    joins, vetoes: pairs that a person decided; a veto beats everything but is never among joins too.
    """
    parts = _Parts(size, soft, vetoes)
    for left, right in sorted(joins):
        if not parts.vetoed(left, right):
            parts.union(left, right)
    parts.fix_blocks()
    undecided: list[tuple[int, int, str]] = []
    levels: dict[int, list[Pair]] = defaultdict(list)
    for pair, weight in weights.items():
        levels[weight].append(pair)
    for weight in sorted(levels, reverse=True):
        pairs = sorted(levels[weight])
        contested = _contested(parts, pairs, named)
        for left, right in pairs:
            one, two = parts.find(left), parts.find(right)
            if one == two:
                continue
            if one in contested or two in contested:
                undecided.append((left, right, "contested"))
            elif parts.contradict(one, two):
                undecided.append((left, right, "contradiction"))
            else:
                parts.union(one, two)
    labels = [parts.find(position) for position in range(size)]
    return Split(labels, [item for item in undecided if labels[item[0]] != labels[item[1]]])


def _contested(parts: "_Parts", pairs: Sequence[Pair], named: Sequence[bool]) -> set[int]:
    """Return the nameless parts that links of one strength tie to two sides which contradict each other."""
    sides: dict[int, set[int]] = defaultdict(set)
    for left, right in pairs:
        one, two = parts.find(left), parts.find(right)
        if one == two:
            continue
        one_named = any(named[member] for member in parts.members[one])
        two_named = any(named[member] for member in parts.members[two])
        if two_named and not one_named:
            sides[one].add(two)
        if one_named and not two_named:
            sides[two].add(one)
    return {
        part
        for part, claims in sides.items()
        if any(parts.contradict(left, right) for left in claims for right in claims if left < right)
    }


class _Parts:
    """Disjoint sets that know which of them may not come together."""

    def __init__(self, size: int, soft: Sequence[set[int]], vetoes: Sequence[Pair]) -> None:
        self.parent = list(range(size))
        self.members: dict[int, list[int]] = {position: [position] for position in range(size)}
        self.soft = list(soft)
        self.hard: dict[int, set[int]] = defaultdict(set)
        for left, right in vetoes:
            self.hard[left].add(right)
            self.hard[right].add(left)

    def find(self, position: int) -> int:
        while self.parent[position] != position:
            position = self.parent[position]
        return position

    def union(self, left: int, right: int) -> None:
        """The part keeps its first member as its label."""
        low, high = sorted((self.find(left), self.find(right)))
        if low != high:
            self.parent[high] = low
            self.members[low] += self.members.pop(high)

    def fix_blocks(self) -> None:
        """Spread the contradictions of hand-joined groups: such a group contradicts what all its members contradict."""
        for members in self.members.values():
            if len(members) > 1:
                together = set(members)
                common = set.intersection(*(self.soft[member] for member in members)) - together
                for position, others in enumerate(self.soft):
                    if position in together:
                        self.soft[position] = common
                    elif position in common:
                        others |= together
                    else:
                        others -= together

    def vetoed(self, left: int, right: int) -> bool:
        one, two = self.members[self.find(left)], set(self.members[self.find(right)])
        return any(not two.isdisjoint(self.hard[member]) for member in one if member in self.hard)

    def contradict(self, left: int, right: int) -> bool:
        one, two = self.members[self.find(left)], self.members[self.find(right)]
        return any(not self.soft[member].isdisjoint(two) for member in one) or self.vetoed(left, right)
