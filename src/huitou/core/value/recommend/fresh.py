"""What people who buy the same things buy, and this customer has not bought yet. docs/algorithms/recommend.md."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from huitou.core.value.clv.histories import Floats, totals
from huitou.core.value.recommend.exclusions import Exclusions
from huitou.core.value.recommend.habits import faded_times
from huitou.core.value.recommend.history import Flags, History, Ints, Pairs, pairs_of
from huitou.core.value.recommend.ordering import best_of_each
from huitou.core.value.recommend.stock import Affinity, Matrix, Stock

PULL = 2.0  # how much the customer's own things count beside popularity
HALF_LIFE = 90.0
PIECE = 2_000  # persons at a time: one number per person and shelf item stands in memory
LEAST_LIFT = 1.1  # below it a thing is recommended because it is popular, not because of another one


class FreshReason(StrEnum):
    """Why something is on the list. Stored codes."""

    TOGETHER = "together"  # people who buy `because` buy it more often
    POPULAR = "popular"  # nothing bought so far speaks for it in particular


@dataclass(frozen=True, slots=True)
class Fresh:
    """
    Rows by rising person id, best first (rank 1..). because: the item bought that speaks most for it, -1 for none.

    lift: how much more often buyers of `because` buy it, drawn to 1; NaN without. margin: 0..1, NaN unknown. score: orders one
    person's list and means nothing else. barred: reason -> items of the shelf, or pairs, left out.
    """

    person_ids: Ints
    item_ids: Ints
    rank: Ints
    score: Floats
    reason: NDArray[np.str_]
    because: Ints
    lift: Floats
    margin: Floats
    barred: dict[str, int]


@dataclass(frozen=True, slots=True)
class Taste:
    """What is learnt from a sample: lifts among the items of the shelf, their popularity, and their margins (NaN: unknown)."""

    links: Affinity
    popularity: Floats
    margins: Floats
    margin_weight: float

    @classmethod
    def of(
        cls, links: Affinity, stock: Stock, margins: tuple[Ints, Floats] | None = None, *, margin_weight: float = 0.0
    ) -> "Taste":
        """
        margins: item ids and their share of the price, 0..1. An unknown margin counts as the median of the known ones.

        margin_weight: 0 asks what will be bought, 1 what brings most margin. Raises ValueError outside 0..1.
        """
        if not 0 <= margin_weight <= 1:
            raise ValueError(f"margin_weight lies in 0..1, got {margin_weight}")
        found = np.full(links.items.size, np.nan)
        if margins is not None and margins[0].size:
            places = links.places(margins[0])
            found[places[places >= 0]] = margins[1][places >= 0]
        return cls(links, stock.of(links.items)[0], found, margin_weight)

    def base(self) -> Floats:
        """Return what every item of the shelf has before anybody's own things are looked at."""
        worth = np.log(self.popularity + 1e-6)
        known = self.margins[~np.isnan(self.margins)]
        if self.margin_weight and known.size:
            margin = np.where(np.isnan(self.margins), np.median(known), self.margins)
            worth = worth + self.margin_weight * np.log(np.maximum(margin, 0.01))
        return np.asarray(worth, dtype=np.float64)


def fresh(taste: Taste, book: History, top: int, exclusions: Exclusions | None = None) -> Fresh:
    """Return at most `top` items of the shelf per person of the history that the person never bought; ties by the lower id."""
    rules, shelf = exclusions or Exclusions(), taste.links.items
    open_to_all, barred = _open(shelf, rules)
    pairs = pairs_of(book)
    place = taste.links.places(book.items)[pairs.item]
    weight = np.log1p(4 * faded_times(book, pairs, HALF_LIFE))
    base = np.where(open_to_all, taste.base(), -np.inf)
    parts = [
        _piece(taste, base, book, _Owned(low, high, pairs, place, weight), rules, top)
        for low, high in _ranges(book.persons.size, pairs)
    ]
    nothing = np.zeros(0, dtype=np.int64)
    person, item, score, rank, because = (np.concatenate(column) for column in zip(*parts, strict=True)) if parts else (
        nothing, nothing, np.zeros(0), nothing, nothing
    )  # fmt: skip
    lift = np.full(item.size, np.nan)
    spoken = because >= 0
    lift[spoken] = taste.links.lift(because[spoken], item[spoken])
    speaks = spoken & (np.nan_to_num(lift) >= LEAST_LIFT)
    because_ids = np.full(item.size, -1, dtype=np.int64)
    because_ids[speaks] = shelf[because[speaks]]
    return Fresh(
        book.persons[person], shelf[item], rank, score,
        np.where(speaks, FreshReason.TOGETHER, FreshReason.POPULAR).astype(np.str_), because_ids, np.where(speaks, lift, np.nan),
        taste.margins[item], barred,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Owned:
    """The pairs of the persons from `low` to `high`: place on the shelf (-1: not there) and weight."""

    low: int
    high: int
    pairs: Pairs
    place: Ints
    weight: Floats

    def on_shelf(self) -> tuple[Ints, Ints, Floats]:
        """Return person (from 0), place and weight."""
        rows = slice(*np.searchsorted(self.pairs.person, (self.low, self.high)))
        kept = self.place[rows] >= 0
        return self.pairs.person[rows][kept] - self.low, self.place[rows][kept], self.weight[rows][kept]


def _open(shelf: Ints, rules: Exclusions) -> tuple[Flags, dict[str, int]]:
    """Return which items of the shelf may be recommended at all, and what is barred by each reason."""
    out = np.zeros(shelf.size, dtype=np.bool_)
    barred = {}
    for reason, items in rules.items.items():
        more = np.isin(shelf, items) & ~out
        barred[reason] = int(more.sum())
        out |= more
    return ~out, barred | {reason: int(persons.size) for reason, (persons, _) in rules.own.items()}


def _ranges(persons: int, pairs: Pairs) -> Iterator[tuple[int, int]]:
    if not pairs.person.size:
        return
    for low in range(0, persons, PIECE):
        yield low, min(low + PIECE, persons)


def _piece(
    taste: Taste, base: Floats, book: History, owned: _Owned, rules: Exclusions, top: int
) -> tuple[Ints, Ints, Floats, Ints, Ints]:
    """Return person, place, score, rank and the place that speaks most for it (-1: none) of a piece."""
    from scipy import sparse

    size, shelf = owned.high - owned.low, base.size
    person, place, weight = owned.on_shelf()
    matrix = sparse.csr_matrix((weight.astype(np.float32), (person, place)), shape=(size, shelf))
    total = totals(person, size, weight)
    pull = (PULL / np.maximum(total, 1e-9)).astype(np.float32)
    scores = np.asarray(matrix @ taste.links.logs, dtype=np.float32) * pull[:, None]
    scores += base.astype(np.float32)
    scores[person, place] = -np.inf
    for persons, items in rules.own.values():
        scores[_hits(book, taste, owned, persons, items)] = -np.inf
    who, what = _foremost(scores, min(top, shelf))
    value = scores[who, what].astype(np.float64)
    chosen, rank = best_of_each(who, value, what, top)
    who, what, value = who[chosen], what[chosen], value[chosen]
    return who + owned.low, what, value, rank, _loudest(taste, person, place, weight, who, what)


def _foremost(scores: Matrix, few: int) -> tuple[Ints, Ints]:
    """Return row and column of the `few` highest of each row, of equals at the edge all, without what is barred; in order."""
    if not few:
        nothing = np.zeros(0, dtype=np.int64)
        return nothing, nothing
    edge = np.partition(scores, scores.shape[1] - few, axis=1)[:, -few]
    row, column = np.nonzero((scores >= edge[:, None]) & (scores > -np.inf))
    return row, column


def _hits(book: History, taste: Taste, owned: _Owned, persons: Ints, items: Ints) -> tuple[Ints, Ints]:
    """Return the cells (person from 0, place) of one's own exclusions."""
    ids = book.persons[owned.low : owned.high]
    at = np.minimum(np.searchsorted(ids, persons), max(ids.size - 1, 0))
    places = taste.links.places(items)
    known = (ids[at] == persons) & (places >= 0) if ids.size else np.zeros(persons.size, dtype=np.bool_)
    return at[known], places[known]


def _loudest(taste: Taste, person: Ints, place: Ints, weight: Floats, who: Ints, what: Ints) -> Ints:
    """Return, for every recommended cell, the owned place with the greatest weighted lift; -1 when the person owns none."""
    starts = np.searchsorted(person, who)
    lengths = np.searchsorted(person, who, side="right") - starts
    first = np.full(who.size, -1, dtype=np.int64)
    spoken = np.flatnonzero(lengths)
    starts, lengths = starts[spoken], lengths[spoken]
    if not spoken.size:
        return first
    offsets = np.cumsum(lengths) - lengths
    owned = np.arange(int(lengths.sum())) + np.repeat(starts - offsets, lengths)
    voice = weight[owned] * taste.links.logs[place[owned], np.repeat(what[spoken], lengths)]
    loudest = np.flatnonzero(voice == np.repeat(np.maximum.reduceat(voice, offsets), lengths))
    # owned places rise within a person: written backwards, the lowest of equals stays
    first[np.repeat(spoken, lengths)[loudest[::-1]]] = place[owned[loudest[::-1]]]
    return first
