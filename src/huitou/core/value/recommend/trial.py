"""How good the lists are: learnt from what was known on a day, judged by the first basket after it, beside naive lists."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.again import again
from huitou.core.value.recommend.complements import complements, links_of
from huitou.core.value.recommend.exclusions import Exclusions
from huitou.core.value.recommend.fresh import Taste, fresh
from huitou.core.value.recommend.habits import Habits, faded_times
from huitou.core.value.recommend.history import History, Ints, basket_keys, first_after, pairs_of
from huitou.core.value.recommend.ordering import best_of_each
from huitou.core.value.recommend.refusal import NoRecommendation, Refusal
from huitou.core.value.recommend.stock import BASKET_SHELF, affinity

TOP, FEW = 10, 3
HALF_LIFE = 90.0


@dataclass(frozen=True, slots=True)
class Row:
    """
    One way to make a list. recall: mean share of the next basket that is among the 10 listed; hit: share of persons with at
    least one of 10 in it; hit_3: of 3. All 0..1.
    """

    recall: float
    hit: float
    hit_3: float


@dataclass(frozen=True, slots=True)
class Trial:
    """
    again: "habits" (ours), "faded" (own days with the item, half as much per 90 days of age), "own" (own days), "popular".
    fresh: "taste" (ours), "popular": among what the person never bought; judged by what is new in the next basket;
    empty when nobody bought anything new.
    """

    cutoff: int
    persons: int
    fresh_persons: int
    again: Mapping[str, Row]
    fresh: Mapping[str, Row]


def trial(book: History, cutoff: int) -> Trial:
    """Judge both lists on everybody who bought before and after the cutoff (days since 1970). Raises NoRecommendation."""
    past = book.until(cutoff)
    habits = Habits.fit(past)
    keys = basket_keys(book, first_after(book, cutoff))
    pairs = pairs_of(past)
    size = book.items.size
    seen = distinct(pairs.person)
    keys = keys[np.isin(keys // size, seen)]
    new = keys[~np.isin(keys, pairs.person * size + pairs.item)]
    nothing = Exclusions(recent_days=0)
    ours = again(habits, past, TOP, nothing)
    person, item = np.searchsorted(book.persons, ours.person_ids), np.searchsorted(book.items, ours.item_ids)
    taste = Taste.of(affinity(past.person, past.items[past.item]), habits.stock)
    found = fresh(taste, past, TOP, nothing)
    fresh_person, fresh_item = np.searchsorted(book.persons, found.person_ids), np.searchsorted(book.items, found.item_ids)
    popular = np.argsort(-habits.stock.popularity, kind="stable")
    if not keys.size:
        raise NoRecommendation(Refusal.QUIET, "nobody bought again after the cutoff")
    owned = pairs.person * size + pairs.item
    return Trial(
        cutoff,
        distinct(keys // size).size,
        distinct(new // size).size,
        {
            "habits": row(person * size + item, ours.rank, keys, size),
            "faded": _listed(pairs.person, pairs.item, faded_times(past, pairs, HALF_LIFE), keys, size),
            "own": _listed(pairs.person, pairs.item, pairs.times, keys, size),
            "popular": row(*_the_same(seen, popular[:TOP], size), keys, size),
        },
        {
            "taste": row(fresh_person * size + fresh_item, found.rank, new, size),
            "popular": row(*_unseen(seen, popular, owned, size), new, size),
        }
        if new.size
        else {},
    )


def row(listed: Ints, rank: Ints, bought: Ints, items: int) -> Row:
    """
    Score lists: `listed` and `bought` are person * items + item, ranks from 1. Persons who bought nothing are not counted; those
    without a list count as missed. Raises ValueError when nobody bought.
    """
    persons, at = np.unique(bought // items, return_inverse=True)
    if not persons.size:
        raise ValueError("nobody bought, so nothing can be judged")
    size = np.bincount(at)
    hit = np.bincount(at, np.isin(bought, listed[rank <= TOP]), minlength=persons.size)
    few = np.bincount(at, np.isin(bought, listed[rank <= FEW]), minlength=persons.size)
    return Row(float((hit / size).mean()), float((hit > 0).mean()), float((few > 0).mean()))


def _listed(person: Ints, item: Ints, score: Floats, bought: Ints, items: int) -> Row:
    chosen, rank = best_of_each(person, score, item, TOP)
    return row((person * items + item)[chosen], rank, bought, items)


def _the_same(persons: Ints, items_best_first: Ints, items: int) -> tuple[Ints, Ints]:
    rank = np.arange(1, items_best_first.size + 1)
    return (persons[:, None] * items + items_best_first).ravel(), np.tile(rank, persons.size)


def _unseen(persons: Ints, best_first: Ints, owned: Ints, items: int) -> tuple[Ints, Ints]:
    """Return everybody's most popular items among those never bought."""
    kept: list[Ints] = []
    ranks: list[Ints] = []
    for start in range(0, persons.size, 2_000):
        keys = persons[start : start + 2_000, None] * items + best_first[:200]
        free = ~np.isin(keys, owned)
        rank = np.cumsum(free, axis=1)
        chosen = free & (rank <= TOP)
        kept.append(keys[chosen])
        ranks.append(rank[chosen].astype(np.int64))
    return np.concatenate(kept), np.concatenate(ranks)


@dataclass(frozen=True, slots=True)
class BasketTrial:
    """One item of each later basket was hidden: share of baskets where it is among 10 or 3 items offered with the rest."""

    baskets: int
    hit: float
    hit_3: float
    popular_hit: float
    popular_hit_3: float


def basket_trial(baskets: Ints, items: Ints, days: Ints, cutoff: int, *, most: int = 3_000, seed: int = 1) -> BasketTrial:
    """
    Judge complements on at most `most` baskets after the cutoff that hold three items or more; lifts come from those before.

    Shapes (n,). An item that no basket before held cannot be hit and counts as missed. Raises ValueError without such baskets.
    """
    rng = np.random.default_rng(seed)
    past = days <= cutoff
    links = links_of(affinity(baskets[past], items[past], shelf=BASKET_SHELF))
    popular = _most_first(_held(baskets[past], items[past])[1])
    basket, item = _held(baskets[~past], items[~past])
    starts = np.flatnonzero(np.append(True, basket[1:] != basket[:-1])) if basket.size else basket
    sizes = np.diff(np.append(starts, basket.size))
    large = np.flatnonzero(sizes >= 3)
    if not large.size:
        raise ValueError("no later basket holds three items")
    hits = np.zeros(4)
    chosen = rng.permutation(large)[:most]
    for place in chosen:
        whole = item[starts[place] : starts[place] + sizes[place]]
        hidden = int(rng.integers(whole.size))
        rest = np.delete(whole, hidden)
        offered = complements(links, rest, TOP).items
        naive = _popular_without(popular, rest)
        hits += [np.isin(whole[hidden], some[:few]).item() for some in (offered, naive) for few in (TOP, FEW)]
    return BasketTrial(chosen.size, *(float(share) for share in hits / chosen.size))


def _held(baskets: Ints, items: Ints) -> tuple[Ints, Ints]:
    """Return basket (from 0) and item id, each pair once, in order."""
    ids, item = np.unique(items, return_inverse=True)
    keys = distinct(np.unique(baskets, return_inverse=True)[1] * max(ids.size, 1) + item)
    basket, item = np.divmod(keys, max(ids.size, 1))
    return basket, ids[item]


def _most_first(items: Ints) -> Ints:
    ids, counts = np.unique(items, return_counts=True)
    return ids[np.lexsort((ids, -counts))]


def _popular_without(popular: Ints, rest: Ints) -> Ints:
    first = popular[: TOP + rest.size]
    return first[~np.isin(first, rest)][:TOP]
