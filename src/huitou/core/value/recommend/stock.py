"""What a sample of customers says about the items: how many buy them, how often again, what is bought together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats, totals
from huitou.core.value.recommend.history import History, Ints, pairs_of

RECENT_DAYS = 90
SHELF = 1_000  # items that may be new for somebody, and that tell of others: the most bought ones
BASKET_SHELF = 3_000  # items that may go with a basket
LEAST_BUYERS = 5
BELIEF = 3.0  # pairs' worth of pull to "no connection"

Matrix = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Stock:
    """
    Per item (ascending ids): share of persons who bought it in the last 90 days, and days with it per such buyer.
    """

    items: Ints
    popularity: Floats
    repeats: Floats

    def of(self, items: Ints) -> tuple[Floats, Floats]:
        """Return popularity and repeats of these item ids; of an unknown item 0 and 1."""
        if not self.items.size:
            return np.zeros(items.size), np.ones(items.size)
        at = np.minimum(np.searchsorted(self.items, items), self.items.size - 1)
        known = self.items[at] == items
        return np.where(known, self.popularity[at], 0.0), np.where(known, self.repeats[at], 1.0)


def stock_of(book: History) -> Stock:
    """Count the items of a history in its last 90 days, so that numbers do not grow with the length of what is known."""
    recent = book.day > book.last_day - RECENT_DAYS
    size = book.items.size
    days = totals(book.item[recent], size)
    pairs = pairs_of(book)
    buyers = totals(pairs.item[pairs.last > book.last_day - RECENT_DAYS], size)
    persons = max(distinct(book.person).size, 1)
    return Stock(book.items, buyers / persons, np.where(buyers > 0, days / np.maximum(buyers, 1), 1.0))


@dataclass(frozen=True, slots=True)
class Affinity:
    """
    How much more often two items are bought by the same unit (a person, or a basket) than chance would have it.

    items: ids, ascending, shape (m,). logs: natural logarithm of the lift, drawn to 0, shape (m, m), 0 on the diagonal.
    share: of units that hold the item, shape (m,).
    """

    items: Ints
    logs: Matrix
    share: Floats

    def places(self, items: Ints) -> Ints:
        """Return where these ids stand; -1 for one that is not on the shelf."""
        if not self.items.size:
            return np.full(items.size, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.items, items), self.items.size - 1)
        return np.where(self.items[at] == items, at, -1)

    def lift(self, one: Ints, other: Ints) -> Floats:
        """Return the lift of pairs of places, drawn to 1."""
        return np.exp(self.logs[one, other].astype(np.float64))


def affinity(units: Ints, items: Ints, *, shelf: int = SHELF, least: int = LEAST_BUYERS, belief: float = BELIEF) -> Affinity:
    """
    Return the lifts among the `shelf` most held items that at least `least` units hold; ties by the lower id.

    units, items: whole numbers, shape (n,), any order, repeats count once. With n units of which a hold one item, b the other
    and c both, `log((c + belief) / (a * b / n + belief))`: few pairs say little. docs/algorithms/recommend.md.
    Raises ValueError on unequal shapes.
    """
    from scipy import sparse

    if units.shape != items.shape:
        raise ValueError(f"need one unit per item: {units.shape}, {items.shape}")
    unit_ids, unit = np.unique(units, return_inverse=True)
    item_ids, item = np.unique(items, return_inverse=True)
    held = distinct(unit * max(item_ids.size, 1) + item)
    unit, item = np.divmod(held, max(item_ids.size, 1))
    holders = np.bincount(item, minlength=item_ids.size)
    most = np.lexsort((item_ids, -holders))[:shelf]
    chosen = np.sort(most[holders[most] >= least])
    place = np.full(item_ids.size, -1, dtype=np.int64)
    place[chosen] = np.arange(chosen.size)
    kept = place[item] >= 0
    held_by = sparse.csr_matrix(
        (np.ones(int(kept.sum()), dtype=np.float32), (unit[kept], place[item[kept]])), shape=(unit_ids.size, chosen.size)
    )
    both = np.asarray((held_by.T @ held_by).todense(), dtype=np.float64)
    share = holders[chosen] / max(unit_ids.size, 1)
    expected = np.outer(share, share) * unit_ids.size
    logs = np.log((both + belief) / (expected + belief)).astype(np.float32)
    np.fill_diagonal(logs, 0)
    return Affinity(item_ids[chosen], logs, share)
