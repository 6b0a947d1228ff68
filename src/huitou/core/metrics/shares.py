"""Formulas of the registry's shares. Nothing to divide by is "no answer", never 0."""

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole that keeps both. Raises ValueError unless 0 <= numerator <= denominator."""

    numerator: float
    denominator: float

    def __post_init__(self) -> None:
        if not 0 <= self.numerator <= self.denominator:
            raise ValueError(f"not a share: {self.numerator} of {self.denominator}")

    @property
    def value(self) -> float | None:
        """0..1, or None when there is nothing to divide by."""
        return self.numerator / self.denominator if self.denominator else None


def surplus_share(rows: int, distinct: int) -> Share:
    """
    Return how much of the rows is surplus: (rows - distinct) / rows.

    With source records and the persons they resolve to it is the duplicate rate before resolution; with live persons and
    the groups of persons that look alike, the rate after it. Raises ValueError when distinct exceeds rows.
    """
    return Share(rows - distinct, rows)


def dormancy_rate(*, dormant: int, buyers: int) -> Share:
    """Return dormant members of the members with at least one order (R2): 450 of 1,000 -> 45.0 %."""
    return Share(dormant, buyers)


def surplus_of_groups(groups: Iterable[Sequence[int]]) -> int:
    """
    Return how many members are surplus when every group is one: groups that overlap are one, too.

    {1, 2} and {2, 3} are one of three: 2 surplus. Groups of one add nothing.
    """
    parent: dict[int, int] = {}

    def root(member: int) -> int:
        while parent.setdefault(member, member) != member:
            parent[member] = parent[parent[member]]
            member = parent[member]
        return member

    surplus = 0
    for group in groups:
        for member in group[1:]:
            one, other = root(group[0]), root(member)
            if one != other:
                parent[other] = one
                surplus += 1
    return surplus


def apportioned(whole: int, parts: Mapping[Key, int]) -> dict[Key, int]:
    """
    Return whole numbers in the proportions of `parts` that add up to `whole` (largest remainder; of equals the first part).

    Parts count from 0; those of nothing at all give an empty answer, since they say no proportion.
    """
    total = sum(parts.values())
    if not total:
        return {}
    shares = {key: divmod(whole * part, total) for key, part in parts.items()}
    rest = whole - sum(floor for floor, _ in shares.values())
    raised = set(sorted(shares, key=lambda key: -shares[key][1])[:rest])
    return {key: floor + (key in raised) for key, (floor, _) in shares.items()}


Z_95 = 1.959964


def share_interval(share: Share, *, z: float = Z_95) -> tuple[float, float] | None:
    """
    Return the Wilson interval of a share of counts (95 % by default); None when there is nothing to divide by.

    It stays inside 0..1 and is honest for few persons: 0 of 10 -> 0..0.28. Source: Wilson 1927, without continuity correction.
    """
    n = share.denominator
    if not n:
        return None
    p, spread = share.numerator / n, z * z / n
    middle = (p + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(p * (1 - p) / n + spread / (4 * n))
    return max(middle - half, 0.0), min(middle + half, 1.0)
