"""What goes with a basket: what is bought with its items more often than by chance, with lift and margin."""

from dataclasses import dataclass

import numpy as np

from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints
from huitou.core.value.recommend.ordering import best_of_each
from huitou.core.value.recommend.stock import Affinity

PULL = 2.0
LINKS = 50  # kept per item


@dataclass(frozen=True, slots=True)
class Links:
    """
    The connections that matter most, one row each, by rising `one`: with `one` in the basket, `other` is in it exp(logs) times as
    often as in any.

    share: of baskets that hold `other`, 0..1.
    """

    one: Ints
    other: Ints
    logs: Floats
    share: Floats


@dataclass(frozen=True, slots=True)
class Complements:
    """Best first. because: the item of the basket that speaks most for it, lift: of that pair; margin NaN: unknown."""

    items: Ints
    because: Ints
    lift: Floats
    margin: Floats


def links_of(found: Affinity, each: int = LINKS) -> Links:
    """
    Return the `each` connections of every item by `log lift + log(share) / 2`, so that neither rarities nor what everybody has
    crowds the others out; ties by the lower id.
    """
    size = found.items.size
    one, other, logs = [], [], []
    for place in range(size):
        row = found.logs[place].astype(np.float64)
        strength = row + np.log(found.share) / 2
        strength[place] = -np.inf
        chosen = np.lexsort((found.items, -strength))[: min(each, size - 1)]
        one.append(np.full(chosen.size, place))
        other.append(chosen)
        logs.append(row[chosen])
    if not one:
        nothing = np.zeros(0, dtype=np.int64)
        return Links(nothing, nothing, np.zeros(0), np.zeros(0))
    them = np.concatenate(other)
    return Links(found.items[np.concatenate(one)], found.items[them], np.concatenate(logs), found.share[them])


def complements(
    links: Links,
    basket: Ints,
    top: int,
    *,
    margins: tuple[Ints, Floats] | None = None,
    margin_weight: float = 0.0,
    barred: Ints | None = None,
) -> Complements:
    """
    Return at most `top` items to offer with a basket of item ids; none of them in it, none of `barred`.

    An item's score is the logarithm of its share of baskets, plus twice the sum of the logarithms of its lifts over the root of
    the number of known items, plus margin_weight (0..1) times the logarithm of its margin. Empty when no item of the basket is
    known: what is merely popular is no complement. margins: item ids, ascending, and shares of the price.
    """
    asked = np.unique(basket)
    rows = _rows_of(links, asked)
    rows = rows[~np.isin(links.other[rows], asked)]
    if barred is not None:
        rows = rows[~np.isin(links.other[rows], barred)]
    if not rows.size:
        nothing = np.zeros(0, dtype=np.int64)
        return Complements(nothing, nothing, np.zeros(0), np.zeros(0))
    items, at = np.unique(links.other[rows], return_inverse=True)
    pull = np.zeros(items.size)
    np.add.at(pull, at, links.logs[rows])
    share = np.zeros(items.size)
    share[at] = links.share[rows]
    margin = margins_of(items, margins)
    known = np.unique(links.one[rows]).size
    score = np.log(share) + PULL * pull / np.sqrt(known) + margin_weight * _worth(margin)
    chosen, _ = best_of_each(np.zeros(items.size, dtype=np.int64), score, items, top)
    strongest = np.lexsort((links.one[rows], -links.logs[rows], at))
    loudest = rows[strongest[np.append(True, at[strongest][1:] != at[strongest][:-1])]]
    return Complements(items[chosen], links.one[loudest][chosen], np.exp(links.logs[loudest])[chosen], margin[chosen])


def _rows_of(links: Links, items: Ints) -> Ints:
    low, high = np.searchsorted(links.one, items), np.searchsorted(links.one, items, side="right")
    return np.concatenate([np.arange(start, end) for start, end in zip(low, high, strict=True)] or [low])


def margins_of(items: Ints, margins: tuple[Ints, Floats] | None) -> Floats:
    """Return the margins of these items; NaN where none is known."""
    found = np.full(items.size, np.nan)
    if margins is not None and margins[0].size:
        ids, values = margins
        at = np.minimum(np.searchsorted(ids, items), ids.size - 1)
        found = np.where(ids[at] == items, values[at], np.nan)
    return found


def _worth(margin: Floats) -> Floats:
    known = margin[~np.isnan(margin)]
    if not known.size:
        return np.zeros(margin.size)
    return np.log(np.maximum(np.where(np.isnan(margin), np.median(known), margin), 0.01))
