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

import numpy as np
import numpy.typing as npt

from huitou.core.identity.columns import Ints, Records
from huitou.core.identity.names import keys_differ

Matrix = npt.NDArray[np.bool_]
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Split:
    """labels: one per member, the position of the part's first member. undecided: position pairs and why."""

    labels: list[int]
    undecided: list[tuple[int, int, str]]


def contradictions(records: Records, rows: Ints) -> Matrix:
    """Return the (k, k) symmetric matrix of contradicting pairs among k records."""
    name, gender, birthday = records.name[rows], records.gender[rows], records.birthday[rows]
    distinct = [int(code) for code in np.unique(name) if code >= 0]
    position = {code: index for index, code in enumerate(distinct)}
    keys = [records.names[code] for code in distinct]
    table = np.array([[keys_differ(left, right) for right in keys] for left in keys], dtype=bool).reshape(len(keys), len(keys))
    named = name >= 0
    place = np.array([position.get(int(code), 0) for code in name], dtype=np.int64)
    other_name = table[np.ix_(place, place)] & np.outer(named, named) if keys else np.zeros((len(rows), len(rows)), dtype=bool)
    found: Matrix = other_name & (_unequal(gender) | _unequal(birthday))
    return found


def _unequal(codes: Ints) -> Matrix:
    known = codes >= 0
    unequal: Matrix = (codes[:, None] != codes[None, :]) & known[:, None] & known[None, :]
    return unequal


def split_component(
    *,
    size: int,
    soft: Matrix,
    named: Sequence[bool],
    weights: Mapping[Pair, int],
    joins: Sequence[Pair] = (),
    vetoes: Sequence[Pair] = (),
) -> Split:
    """
    Part one component of `size` records (positions 0..size-1, in id order).

    soft: contradictions. named: has a full name. weights: linked pairs (low, high) and how strongly.
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

    def __init__(self, size: int, soft: Matrix, vetoes: Sequence[Pair]) -> None:
        self.parent = list(range(size))
        self.members: dict[int, list[int]] = {position: [position] for position in range(size)}
        self.soft = soft
        self.hard: dict[int, set[int]] = defaultdict(set)
        for left, right in vetoes:
            self.hard[left].add(right)
            self.hard[right].add(left)
        self.blocks: dict[int, list[int]] = {}

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
        for members in list(self.members.values()):
            if len(members) > 1:
                together = np.array(members)
                common = self.soft[together].all(axis=0)
                self.soft[together] = common
                self.soft[:, together] = common[:, None]
                self.soft[np.ix_(together, together)] = False

    def vetoed(self, left: int, right: int) -> bool:
        one, two = self.members[self.find(left)], set(self.members[self.find(right)])
        return any(not two.isdisjoint(self.hard[member]) for member in one if member in self.hard)

    def contradict(self, left: int, right: int) -> bool:
        one, two = self.members[self.find(left)], self.members[self.find(right)]
        return bool(self.soft[np.ix_(one, two)].any()) or self.vetoed(left, right)
