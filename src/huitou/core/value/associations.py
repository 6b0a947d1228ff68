"""Which items are bought together: association rules found level by level (Apriori; Agrawal and Srikant, 1994)."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints

LONGEST = 3  # items of a rule, both sides together
MOST_SETS = 50_000  # of one size; a table that nobody reads, and minutes of counting
CHUNK = 1 << 20  # baskets whose bits are held at a time
NONE = -1

Bits = NDArray[np.uint8]


class TooManySets(ValueError):
    """The least support lets through more sets than can be counted or read; a larger one helps."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a rule has to reach: shares 0..1 of baskets, and a lift above which it says more than chance."""

    support: float = 0.01
    confidence: float = 0.1
    lift: float = 1.2

    def __post_init__(self) -> None:
        """Raise ValueError with the name of what is out of range."""
        for name, value, most in (("support", self.support, 1), ("confidence", self.confidence, 1), ("lift", self.lift, np.inf)):
            if not 0 < value <= most:
                raise ValueError(name)


DEFAULTS = {  # by what stands in a rule; products are many and each is rare
    "department": Thresholds(0.05, 0.3, 1.1),
    "category": Thresholds(0.02, 0.2, 1.5),
    "product": Thresholds(0.001, 0.1, 3.0),
}


@dataclass(frozen=True, slots=True)
class Rules:
    """
    Rules "left, then right", the largest lift first; ties by more baskets, then by the lower ids.

    left: shape (n, LONGEST - 1), item ids, ascending, -1 where there is no further one. right: shape (n,). both, left_count,
    right_count: baskets that hold both sides, the left, the right. baskets: of which they are counted.
    """

    left: Ints
    right: Ints
    both: Ints
    left_count: Ints
    right_count: Ints
    baskets: int

    @property
    def support(self) -> Floats:
        """Share of baskets that hold both sides."""
        return self.both / max(self.baskets, 1)

    @property
    def confidence(self) -> Floats:
        """Share of the baskets with the left side that hold the right one, too."""
        return self.both / self.left_count

    @property
    def lift(self) -> Floats:
        """Return how many times as often as in any basket the right side is in one with the left."""
        return self.confidence / (self.right_count / max(self.baskets, 1))


def rules_of(baskets: Ints, items: Ints, thresholds: Thresholds) -> Rules:
    """
    Return every rule of up to LONGEST items with one item on its right side that reaches the thresholds.

    baskets, items: ids, shape (n,), any order; repeats count once. A threshold that is just met is met. No basket: no rule.
    Raises ValueError on unequal shapes, TooManySets where a size has more than MOST_SETS candidates.
    """
    if baskets.shape != items.shape:
        raise ValueError(f"need one basket per item: {baskets.shape}, {items.shape}")
    held = _Held.of(baskets, items, thresholds.support)
    counts: dict[tuple[int, ...], int] = {(place,): count for place, count in enumerate(held.singles.tolist())}
    frequent = held.pairs(thresholds.support)
    for size in range(3, LONGEST + 1):
        counts |= frequent
        frequent = held.counted(_candidates(frequent, size), thresholds.support)
    return _rules(counts | frequent, held, thresholds)


@dataclass(frozen=True, slots=True)
class _Held:
    """The frequent items (ids ascending) and who holds them: basket and place of the item, sorted by basket, once each."""

    items: Ints
    singles: Ints
    basket: Ints
    place: Ints
    baskets: int

    @classmethod
    def of(cls, baskets: Ints, items: Ints, support: float) -> "_Held":
        basket_ids, basket = np.unique(baskets, return_inverse=True)
        item_ids, item = np.unique(items, return_inverse=True)
        basket, item = np.divmod(distinct(basket * max(item_ids.size, 1) + item), max(item_ids.size, 1))
        holders = np.bincount(item, minlength=item_ids.size)
        frequent = holders / max(basket_ids.size, 1) >= support
        place = np.where(frequent, np.cumsum(frequent) - 1, NONE)[item] if item.size else item
        kept = place != NONE
        return cls(item_ids[frequent], holders[frequent], basket[kept], place[kept], basket_ids.size)

    def pairs(self, support: float) -> dict[tuple[int, ...], int]:
        """Return the frequent pairs of places with their counts, in order."""
        from scipy import sparse

        shape = self.baskets, self.items.size
        held_by = sparse.csr_matrix((np.ones(self.basket.size, dtype=np.int32), (self.basket, self.place)), shape=shape)
        both = sparse.triu(held_by.T @ held_by, k=1).tocoo()
        kept = both.data / max(self.baskets, 1) >= support
        one, other, count = both.row[kept], both.col[kept], both.data[kept]
        if count.size > MOST_SETS:
            raise TooManySets(f"{count.size} pairs")
        order = np.lexsort((other, one))
        return {(a, b): c for a, b, c in zip(*(column[order].tolist() for column in (one, other, count)), strict=True)}

    def counted(self, candidates: dict[tuple[int, ...], list[int]], support: float) -> dict[tuple[int, ...], int]:
        """Count the sets prefix + (place,) and return the frequent ones."""
        found = {prefix: np.zeros(len(places), dtype=np.int64) for prefix, places in candidates.items()}
        for bits in self._bits() if candidates else ():
            for prefix, places in candidates.items():
                common = np.bitwise_and.reduce(bits[list(prefix)], axis=0)
                found[prefix] += np.bitwise_count(bits[places] & common).sum(axis=1, dtype=np.int64)
        return {
            (*prefix, place): count
            for prefix, places in candidates.items()
            for place, count in zip(places, found[prefix].tolist(), strict=True)
            if count / self.baskets >= support
        }

    def _bits(self) -> "list[Bits]":
        chunks = []
        for start in range(0, self.baskets, CHUNK):
            low, high = np.searchsorted(self.basket, (start, start + CHUNK))
            dense = np.zeros((self.items.size, min(CHUNK, self.baskets - start)), dtype=np.bool_)
            dense[self.place[low:high], self.basket[low:high] - start] = True
            chunks.append(np.packbits(dense, axis=1))
        return chunks


def _candidates(frequent: dict[tuple[int, ...], int], size: int) -> dict[tuple[int, ...], list[int]]:
    """Join the frequent sets of one size less that differ in the last place alone; every part of a candidate is frequent."""
    last: dict[tuple[int, ...], list[int]] = {}
    for known in frequent:
        last.setdefault(known[:-1], []).append(known[-1])
    found: dict[tuple[int, ...], list[int]] = {}
    total = 0
    for prefix, places in last.items():
        for at, place in enumerate(places):
            joined = (*prefix, place)
            further = [
                one for one in places[at + 1 :] if all(part in frequent for part in combinations((*joined, one), size - 1))
            ]
            if further:
                found[joined] = further
                total += len(further)
    if total > MOST_SETS:
        raise TooManySets(f"{total} sets of {size}")
    return found


def _rules(counts: dict[tuple[int, ...], int], held: _Held, thresholds: Thresholds) -> Rules:
    rows = [
        (*left, *[NONE] * (LONGEST - 1 - len(left)), right, both, counts[left], counts[(right,)])
        for places, both in counts.items()
        for right in places
        if (left := tuple(one for one in places if one != right))
    ]
    table = np.array(rows, dtype=np.int64).reshape(-1, LONGEST + 3)
    ids = np.append(held.items, NONE)  # the place -1 reads the last one
    table[:, :LONGEST] = ids[table[:, :LONGEST]]
    found = _of_table(table, held.baskets)
    kept = (found.confidence >= thresholds.confidence) & (found.lift >= thresholds.lift)
    order = np.lexsort((found.right, *found.left.T[::-1], -found.both, -found.lift))
    return _of_table(table[order[kept[order]]], held.baskets)


def _of_table(table: Ints, baskets: int) -> Rules:
    right, both, left_count, right_count = table[:, LONGEST - 1 :].T
    return Rules(table[:, : LONGEST - 1], right, both, left_count, right_count, baskets)
