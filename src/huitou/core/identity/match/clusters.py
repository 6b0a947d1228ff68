"""
From weighted pairs to entities: connected components, and the guard that parts those which hold contradictions.

The guard is greedy contraction: inside one component the two groups with most to be said for them are joined, as long as that
is more than what is said against. Pairs between two groups repeat each other (five records with one phone are no five proofs),
so the strongest pair counts in full and the others in part.
"""

import numpy as np
from numba import njit

from huitou.core.identity.match.levels import CONTRADICTION, pattern, stratum, weighed_by

NEVER, ALWAYS = -1e9, 1e6  # a veto, a join by hand
UNTIED = 14  # the last of levels.STRATA: at most a name in common
AGAIN_FOR, AGAIN_AGAINST = 0.25, 0.5  # how much of what repeats the strongest pair counts
FOR, ALL_FOR, AGAINST, ALL_AGAINST = 0, 1, 2, 3  # layers of what is said between two groups: the strongest pair, and all together
CONFLICT = -1e4  # other full name and other gender or birthday: no set of links outweighs it


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
    tied = stratum(packed)
    weight, kind = priors[tied], weighed_by(tied)
    for at in range(shifts.size):
        weight += table[kind, at, packed >> shifts[at] & masks[at]]
    return weight


@njit(cache=True, nogil=True)
def _by_rank(members, low, size, ranks):
    """Return members[low:low + size] in order of rank; components are small."""
    rows = np.empty(size, np.int64)
    for at in range(size):
        row, place = members[low + at], at
        while place > 0 and ranks[rows[place - 1]] > ranks[row]:
            rows[place] = rows[place - 1]
            place -= 1
        rows[place] = row
    return rows


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
        rows = _by_rank(members, low, size, ranks)
        net = np.zeros((4, size, size))
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
                say(net, i, j, weight)
        group = np.arange(size)
        alive = np.ones(size, np.bool_)
        if has_joins:
            _contract_joins(net, group, alive)
        contract(net, group, alive, tie, rows, contested)
        for i in range(size):
            labels[rows[i]] = rows[group[i]]


@njit(cache=True, nogil=True)
def say(net, i, j, weight):
    """Let this be all that is said between two groups."""
    for one, two in ((i, j), (j, i)):
        for layer in range(4):  # loops, not slices: numba compiles a slice's checks for a second
            net[layer, one, two] = 0.0
        low = FOR if weight > 0 else AGAINST
        net[low, one, two] = weight
        net[low + 1, one, two] = weight


@njit(cache=True, nogil=True)
def between(net, i, j):
    """Return what is said for joining two groups less what is said against."""
    return (
        net[FOR, i, j] * (1 - AGAIN_FOR)
        + net[ALL_FOR, i, j] * AGAIN_FOR
        + net[AGAINST, i, j] * (1 - AGAIN_AGAINST)
        + net[ALL_AGAINST, i, j] * AGAIN_AGAINST
    )


@njit(cache=True, nogil=True)
def _contract_joins(net, group, alive):
    """Join what was joined by hand; such a group contradicts another record only if all its members do."""
    size = group.size
    for i in range(size):
        j = i + 1
        while j < size:
            if alive[i] and alive[j] and between(net, i, j) >= ALWAYS:
                for k in range(size):
                    if k != i and k != j:
                        one, two = between(net, i, k), between(net, j, k)
                        say(net, i, k, min(one, two) if min(one, two) <= NEVER else max(one, two))
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
    score = np.zeros((size, size))  # what `between` says, kept
    for i in range(size):
        for j in range(size):
            score[i, j] = between(net, i, j)
    while True:
        best, one, two = 0.0, np.int64(-1), np.int64(-1)  # typed: what takes a literal is compiled twice
        for i in range(size):
            if alive[i]:
                for j in range(i + 1, size):
                    if alive[j] and score[i, j] > best:
                        best, one, two = score[i, j], i, j
        if one < 0:
            return
        middle = _claimed(score, alive, one, two, best, tie)
        if middle >= 0:
            for other in range(size):
                if score[middle, other] > 0:
                    say(net, middle, other, -1e-9)
                    score[middle, other] = score[other, middle] = -1e-9
            for member in range(size):
                if group[member] == middle:
                    contested[rows[member]] = 1
            continue
        for k in range(size):
            if k != one and k != two:
                net[FOR, one, k] = max(net[FOR, one, k], net[FOR, two, k])
                net[AGAINST, one, k] = min(net[AGAINST, one, k], net[AGAINST, two, k])
                net[ALL_FOR, one, k] += net[ALL_FOR, two, k]
                net[ALL_AGAINST, one, k] += net[ALL_AGAINST, two, k]
                for layer in range(4):
                    net[layer, k, one] = net[layer, one, k]
                score[one, k] = score[k, one] = between(net, one, k)
        _absorb(group, alive, one, two)


@njit(cache=True, nogil=True)
def _claimed(score, alive, one, two, best, tie):
    """Return the one of two groups that a third claims as strongly, which cannot be with the other; -1: neither."""
    if best >= ALWAYS / 2:
        return -1
    for k in range(alive.size):
        if alive[k] and k != one and k != two:
            first, second = score[one, k], score[two, k]
            if first >= best - tie and second < 0 and first + second <= 0:
                return one
            if second >= best - tie and first < 0 and first + second <= 0:
                return two
    return -1
