"""Household: persons who share a phone or a card. A relation weaker than "one person": it never merges anybody."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

HOUSEHOLD_KINDS = ("phone", "card")  # of core.identity.policy.KINDS: a mailbox or an openid is one person's own
MOST_PERSONS = 6  # holders of one value; more are a workplace or a shop, not a family
Value = tuple[str, int]  # kind, hash


@dataclass(frozen=True, slots=True)
class HouseholdTie:
    """Another person and by which kinds of values the two are tied, in the order of HOUSEHOLD_KINDS."""

    person_id: int
    kinds: tuple[str, ...]


def household_ties(person_id: int, holders: Iterable[tuple[int, str, int]], *, most: int = MOST_PERSONS) -> list[HouseholdTie]:
    """
    Return who shares a value with this person.

    holders: (person, kind, hash of the value), the person's own included; repeated rows count once. A value that more than
    `most` persons hold ties nobody. Those who share more values come first, among equals the smaller id. Empty without holders.
    """
    held: dict[Value, set[int]] = defaultdict(set)
    for holder, kind, value in holders:
        if kind in HOUSEHOLD_KINDS:
            held[kind, value].add(holder)
    shared = _shared(person_id, held, most)
    ordered = sorted(shared.items(), key=lambda item: (-len(item[1]), item[0]))
    return [
        HouseholdTie(other, tuple(kind for kind in HOUSEHOLD_KINDS if any(kind == one for one, _ in values)))
        for other, values in ordered
    ]


def _shared(person_id: int, held: Mapping[Value, set[int]], most: int) -> dict[int, set[Value]]:
    shared: dict[int, set[Value]] = defaultdict(set)
    for value, persons in held.items():
        if person_id in persons and len(persons) <= most:
            for other in persons - {person_id}:
                shared[other].add(value)
    return shared
