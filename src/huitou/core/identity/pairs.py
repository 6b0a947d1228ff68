"""All linked pairs inside one component, and how strong each is."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from huitou.core.identity.columns import Ints, Postings
from huitou.core.identity.names import keys_differ
from huitou.core.identity.policy import KINDS, Policy

Edge = tuple[int, int, int, int]  # two records, low first; kind code; how many of the two hold the value verified
DECISION = len(KINDS)  # the kind code of an edge that a person made


class LinkIndex:
    """The postings of any record, found by binary search."""

    def __init__(self, links: Postings) -> None:
        self._links = links
        self._order = np.argsort(links.row, kind="stable")
        self._rows = links.row[self._order]

    def pairs(self, rows: Ints) -> list[Edge]:
        """Return every pair of these ascending rows that shares a value, as positions in `rows`, once per kind and value."""
        low, high = np.searchsorted(self._rows, rows, side="left"), np.searchsorted(self._rows, rows, side="right")
        holders: dict[tuple[int, int], list[tuple[int, int]]] = defaultdict(list)
        for position in range(len(rows)):
            for posting in self._order[low[position] : high[position]].tolist():
                value = int(self._links.kind[posting]), int(self._links.value[posting])
                holders[value].append((position, int(self._links.verified[posting])))
        return [
            (left, right, kind, left_verified + right_verified)
            for (kind, _), held in holders.items()
            for (left, left_verified), (right, right_verified) in combinations(held, 2)
        ]


def pair_weights(edges: Sequence[Edge], name: Ints, names: Sequence[str], policy: Policy) -> dict[tuple[int, int], int]:
    """Return the strength of each linked pair: the sum over its shared values, raised or lowered by the names."""
    by_verified = (0, policy.one_verified, policy.both_verified)
    weights: dict[tuple[int, int], int] = defaultdict(int)
    for left, right, kind, verified in edges:
        weights[left, right] += policy.weights[KINDS[kind]] + by_verified[verified]
    for left, right in weights:
        one, two = int(name[left]), int(name[right])
        if one >= 0 and two >= 0:
            weights[left, right] += policy.other_name if keys_differ(names[one], names[two]) else policy.same_name
    return dict(weights)
