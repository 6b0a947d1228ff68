"""
From weighted pairs to entities: connected components, and the guard that parts those which hold contradictions.

The guard is greedy additive contraction: inside one component the two groups with the largest sum of weights between them
are joined, as long as that sum is positive; doubt between any two members counts against the join.
"""

import numpy as np
from numba import njit

from huitou.core.identity.match.levels import CONTRADICTION, pattern, stratum

NEVER, ALWAYS = -1e9, 1e6  # a veto, a join by hand
UNTIED = 5  # the last of levels.STRATA: at most a name in common
CONFLICT = -60.0  # other full name and other gender or birthday: no set of links outweighs it


@njit(cache=True, nogil=True)
def roots_of(left, right, count):
    """Union of pairs: return for each of `count` rows the smallest row of its component."""
    parent = np.arange(count)
    for at in range(left.size):
        a, b = left[at], right[at]
        while parent[a] != a:
            parent[a] = parent[parent[a]]
            a = parent[a]
        while parent[b] != b:
            parent[b] = parent[parent[b]]
            b = parent[b]
        if a < b:
            parent[b] = a
        elif b < a:
            parent[a] = b
    for row in range(count):
        root = row
        while parent[root] != root:
            root = parent[root]
        parent[row] = root
    return parent


@njit(cache=True, nogil=True)
def weight_of(packed, table, shifts, masks, priors):
    weight = priors[stratum(packed)]
    for at in range(shifts.size):
        weight += table[at, packed >> shifts[at] & masks[at]]
    return weight


@njit(cache=True, nogil=True)
def guard(
    matrix,
    links,
    spans,
    members,
    starts,
    ranks,
    table,
    shifts,
    masks,
    priors,
    doubt,
    bonus,
    forced,
    forced_value,
    count,
    tie,
    labels,
    contested,
):
    """
    Part each component members[starts[c]:starts[c + 1]]; write the label (a member's row) of each row into `labels`.

    ranks: order of the records that does not depend on their rows. doubt: no pair speaks against a join by more than
    this, a contradiction apart. bonus: added for an equal phone per side that verified it. forced: sorted packed pairs
    decided by hand, forced_value ALWAYS or NEVER. tie: two sides whose claims differ by less are equal.
    contested: 1 for a record that equal claims left alone.
    """
    for component in range(starts.size - 1):
        low, size = starts[component], starts[component + 1] - starts[component]
        rows = members[low : low + size].copy()
        rows = rows[np.argsort(ranks[rows])]
        net = np.zeros((size, size))
        has_joins = False
        for i in range(size):
            for j in range(i + 1, size):
                a, b = min(rows[i], rows[j]), max(rows[i], rows[j])
                packed = pattern(matrix, links, spans, a, b)
                weight = weight_of(packed, table, shifts, masks, priors)
                if stratum(packed) == UNTIED:
                    weight = min(0.0, weight - priors[UNTIED])  # nothing in common is no doubt; only what differs is
                if packed >> 4 & 7 in (1, 2, 3):
                    weight += bonus * ((matrix[a, 11] >> 36 & 1) + (matrix[b, 11] >> 36 & 1))
                weight = max(weight, -doubt)
                if packed & CONTRADICTION:
                    weight = CONFLICT
                if forced.size > 0:
                    at = np.searchsorted(forced, a * count + b)
                    if at < forced.size and forced[at] == a * count + b:
                        weight = forced_value[at]
                        has_joins |= weight == ALWAYS
                net[i, j] = weight
                net[j, i] = weight
        group = np.arange(size)
        alive = np.ones(size, np.bool_)
        if has_joins:
            _contract_joins(net, group, alive)
        contract(net, group, alive, tie, rows, contested)
        for i in range(size):
            labels[rows[i]] = rows[group[i]]


@njit(cache=True, nogil=True)
def _contract_joins(net, group, alive):
    """Join what was joined by hand; such a group contradicts another record only if all its members do."""
    size = group.size
    for i in range(size):
        j = i + 1
        while j < size:
            if alive[i] and alive[j] and net[i, j] >= ALWAYS:
                for k in range(size):
                    if k != i and k != j:
                        worst, best = min(net[i, k], net[j, k]), max(net[i, k], net[j, k])
                        net[i, k] = worst if worst <= NEVER else best
                        net[k, i] = net[i, k]
                _absorb(group, alive, i, j)
                j = i  # what was passed over may be joined now
            j += 1


@njit(cache=True, nogil=True)
def _absorb(group, alive, i, j):
    alive[j] = False
    for k in range(group.size):
        if group[k] == j:
            group[k] = i


@njit(cache=True, nogil=True)
def contract(net, group, alive, tie, rows, contested):
    size = group.size
    while True:
        best, one, two = 0.0, -1, -1
        for i in range(size):
            if alive[i]:
                for j in range(i + 1, size):
                    if alive[j] and net[i, j] > best:
                        best, one, two = net[i, j], i, j
        if one < 0:
            return
        rival = False
        for k in range(size):  # a third group that claims one of the two as strongly and cannot be with the other
            if alive[k] and k != one and k != two and best < ALWAYS / 2:
                if (net[one, k] >= best - tie and net[two, k] < 0 and net[one, k] + net[two, k] <= 0) or (
                    net[two, k] >= best - tie and net[one, k] < 0 and net[one, k] + net[two, k] <= 0
                ):
                    middle = one if net[one, k] >= best - tie else two
                    for other in range(size):
                        if net[middle, other] > 0:
                            net[middle, other] = -1e-9
                            net[other, middle] = -1e-9
                    for member in range(size):
                        if group[member] == middle:
                            contested[rows[member]] = 1
                    rival = True
                    break
        if rival:
            continue
        for k in range(size):
            if k != one and k != two:
                net[one, k] += net[two, k]
                net[k, one] = net[one, k]
        _absorb(group, alive, one, two)
