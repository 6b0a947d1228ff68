"""
Put people into the tiers of a scheme in two steps: draw the edges over everybody, then place anybody by them.

An edge is the worst person still in a tier, as (goodness, revenue, id): the order of docs/algorithms/tiers.md. Placing the
people the edges were drawn over gives the exact shares; placing one touched person later needs nobody else, and gives what
placing everybody again by the same edges would.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from huitou.core.value.ranking import best_first, share_count
from huitou.core.value.scheme import Kind, Scheme
from huitou.core.value.tiers import GRID_HIGH_CLV, Places, drop_at_most, tiers_by_thresholds

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Key = tuple[float, int, int]
"""Goodness, revenue in fen, person id: more, more, lower is better."""

NONE = -1  # the place of who is in no tier


@dataclass(frozen=True, slots=True)
class People:
    """
    Who is to be placed, one entry per person, each once. inputs: by name, NaN is no answer. revenue_fen breaks ties and is
    counted; shapes (n,).
    """

    person_ids: Ints
    revenue_fen: Ints
    inputs: Mapping[str, Floats]

    def only(self, wanted: Flags, names: Collection[str]) -> "People":
        """Return some of the people with some of their inputs."""
        return People(self.person_ids[wanted], self.revenue_fen[wanted], {name: self.inputs[name][wanted] for name in names})


@dataclass(frozen=True, slots=True)
class Edges:
    """
    Where the tiers of a ranking end: the worst person of each tier but the last, None where nobody is that good.

    keep: the worst rank at which somebody of that tier may still stay (hysteresis); empty without a margin. ranked: how many
    were ranked.
    """

    worst: tuple[Key | None, ...]
    keep: tuple[Key | None, ...]
    ranked: int

    def to_json(self) -> dict[str, Any]:
        return {"worst": self.worst, "keep": self.keep, "ranked": self.ranked}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Edges":
        return cls(_keys(stored["worst"]), _keys(stored["keep"]), int(stored["ranked"]))


NO_EDGES = Edges((), (), 0)


def goodness(scheme: Scheme, people: People) -> Floats:
    """Return what a scheme of shares ranks by: the weighted inputs; NaN where one of them has no answer."""
    if scheme.kind is Kind.GRID:
        return people.inputs["clv_12m_fen"]
    total = np.zeros(people.person_ids.size)
    for name in sorted(scheme.weights):  # one order of summing, so that equal people get equal sums
        total = total + scheme.weights[name] * people.inputs[name]
    return total


def takes_part(scheme: Scheme, people: People) -> Flags:
    """
    Return who has a tier in the scheme: buyers of the window with an answer to what a ranking asks; for thresholds, whoever
    has any of the inputs it asks for.
    """
    if scheme.kind is Kind.THRESHOLDS:
        known = np.zeros(people.person_ids.size, dtype=np.bool_)
        for name in scheme.inputs:
            known |= ~np.isnan(people.inputs[name])
        return known
    answered: Flags = ~np.isnan(people.inputs["rfm_total"])
    return answered & ~np.isnan(goodness(scheme, people))


def edges_cut(scheme: Scheme, people: People) -> Edges:
    """Draw the edges over everybody; a scheme of thresholds has none. Raises ValueError on a person who stands there twice."""
    if scheme.kind is Kind.THRESHOLDS:
        return NO_EDGES
    ranked = people.only(takes_part(scheme, people), scheme.inputs)
    values = goodness(scheme, ranked)
    order = best_first(values, ranked.revenue_fen, ranked.person_ids)
    if scheme.kind is Kind.GRID:
        ends = [share_count(scheme.clv_share, order.size)]
    else:
        summed = np.cumsum([tier.share for tier in scheme.share_tiers()])[:-1]
        ends = [share_count(min(float(share), 1.0), order.size) for share in summed]

    def key(rank: int) -> Key | None:
        if rank < 0:
            return None
        position = order[min(rank, order.size - 1)]
        return float(values[position]), int(ranked.revenue_fen[position]), int(ranked.person_ids[position])

    slack = share_count(scheme.keep_margin, order.size)
    empty = order.size == 0
    worst = tuple(None if empty else key(end - 1) for end in ends)
    keep = tuple(None if empty else key(end + slack - 1) for end in ends) if slack else ()
    return Edges(worst, keep, int(order.size))


def places(scheme: Scheme, people: People, edges: Edges, *, before: Places | None = None) -> Places:
    """
    Return each person's place, 0 the best, NONE without a tier. Shape (n,); empty gives empty.

    before: the places of the last full run, for schemes that look back; NONE: was in no tier and is not held.
    """
    part = takes_part(scheme, people)
    found = np.full(people.person_ids.size, NONE, dtype=np.int8)
    inside = people.only(part, scheme.inputs)
    held = None if before is None else before[part]
    match scheme.kind:
        case Kind.THRESHOLDS:
            asked = {name: inside.inputs[name] for name in scheme.inputs}
            found[part] = tiers_by_thresholds(asked, scheme.threshold_tiers())
        case Kind.GRID:
            found[part] = _grid(scheme, inside, edges)
        case Kind.SHARES:
            found[part] = _by_edges(scheme, inside, edges, held)
    if scheme.mood_below is not None:
        low = (found >= 0) & (people.inputs["mood"] < scheme.mood_below)
        found[low] = np.minimum(found[low] + 1, len(scheme.tiers) - 1)
    if scheme.drop_at_most and before is not None:
        found[part] = drop_at_most(before[part], found[part], places=scheme.drop_at_most)
    return found


def _grid(scheme: Scheme, people: People, edges: Edges) -> Places:
    total = people.inputs["rfm_total"]
    column = np.select([total >= scheme.rfm_high, total >= scheme.rfm_middle], [0, 1], 2)
    row = _worse(people.inputs["clv_12m_fen"], people, edges.worst[0]).astype(np.int64)
    found: Places = (row * len(GRID_HIGH_CLV) + column).astype(np.int8)
    return found


def _by_edges(scheme: Scheme, people: People, edges: Edges, before: Places | None) -> Places:
    values = goodness(scheme, people)
    found = np.zeros(values.size, dtype=np.int8)
    for key in edges.worst:
        found += _worse(values, people, key)
    if before is None or not edges.keep:
        return found
    for place, key in enumerate(edges.keep):
        stays = (before == place) & (found > place) & ~_worse(values, people, key)
        found[stays] = place
    return found


def _worse(values: Floats, people: People, key: Key | None) -> Flags:
    """Return who stands behind the key; everybody where there is none."""
    if key is None:
        return np.ones(values.size, dtype=np.bool_)
    good, revenue_fen, person_id = key
    behind_by_id = (people.revenue_fen == revenue_fen) & (people.person_ids > person_id)
    tied = (people.revenue_fen < revenue_fen) | behind_by_id
    worse: Flags = (values < good) | ((values == good) & tied)
    return worse


def _keys(stored: Any) -> tuple[Key | None, ...]:
    return tuple(None if key is None else (float(key[0]), int(key[1]), int(key[2])) for key in stored)


def tier_means(scheme: Scheme, people: People, found: Places) -> dict[str, dict[str, float]]:
    """Return by tier the mean of each input that the scheme asks for, over those with an answer; without any it is left out."""
    means: dict[str, dict[str, float]] = {}
    for place, code in enumerate(scheme.codes):
        own = {name: people.inputs[name][found == place] for name in scheme.inputs}
        means[code] = {name: float(np.nanmean(values)) for name, values in own.items() if not np.isnan(values).all()}
    return means
