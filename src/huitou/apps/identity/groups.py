"""A resolution cut into independent parts: persons and clusters of records that have nothing to do with each other."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Group:
    """Clusters (each ascending) that take over all records of some present persons; either all of it is written or nothing."""

    clusters: tuple[Sequence[int], ...]
    persons: frozenset[int]

    def records(self) -> Iterator[int]:
        for cluster in self.clusters:
            yield from cluster


def groups_of(previous: Mapping[int, int], clusters: Sequence[Sequence[int]]) -> tuple[list[Sequence[int]], list[Group]]:
    """
    Return the clusters without any record of a present person, and the rest gathered into groups, in order.

    previous: record -> person. Two clusters are of one group when a person has records in both.
    """
    fresh: list[Sequence[int]] = []
    held: list[tuple[int, list[int]]] = []
    parent: dict[int, int] = {}

    def root(person: int) -> int:
        while parent.setdefault(person, person) != person:
            parent[person] = parent[parent[person]]
            person = parent[person]
        return person

    for index, cluster in enumerate(clusters):
        persons = [previous[record] for record in cluster if record in previous]
        if not persons:
            fresh.append(cluster)
            continue
        held.append((index, persons))
        for person in persons[1:]:
            parent[root(person)] = root(persons[0])
    gathered: dict[int, list[tuple[int, list[int]]]] = defaultdict(list)
    for index, persons in held:
        gathered[root(persons[0])].append((index, persons))
    groups = [
        Group(
            tuple(clusters[index] for index, _ in parts),
            frozenset(person for _, persons in parts for person in persons),
        )
        for parts in gathered.values()
    ]
    return fresh, groups


def is_unchanged(group: Group, previous: Mapping[int, int], renewed: Collection[int]) -> bool:
    """Is a group one person as before, and none of its records (or of its persons) renewed?"""
    return (
        len(group.clusters) == 1
        and len(group.persons) == 1
        and all(record in previous and record not in renewed for record in group.clusters[0])
    )
