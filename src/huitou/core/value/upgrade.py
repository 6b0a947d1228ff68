"""What a person lacks for the next better tier of a scheme."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from huitou.core.value.placing import NONE, Edges, Key, People, goodness
from huitou.core.value.scheme import Kind, Scheme
from huitou.core.value.tiers import gaps_up


@dataclass(frozen=True, slots=True)
class Gap:
    """
    lacks: by input, what is missing for the tier `code`, each above 0. by_revenue_fen: equal in the ranking already, so much
    more revenue in 12 months would do. None: the other says it.
    """

    code: str
    lacks: Mapping[str, float]
    by_revenue_fen: int | None = None


def gap_up(scheme: Scheme, person: People, place: int, edges: Edges) -> Gap | None:
    """
    Return what one person (shape (1,)) lacks for the next better tier; None in the best tier, in none, and where no amount
    says it: a grid of two bands, several weights (their points are given as "score"), a tier that nobody reached.
    """
    if place in (NONE, 0) or scheme.kind is Kind.GRID:
        return None
    code = scheme.tiers[place - 1].code
    if scheme.kind is Kind.THRESHOLDS:
        have = {name: float(values[0]) for name, values in person.inputs.items() if not np.isnan(values[0])}
        lacks = gaps_up(have, scheme.threshold_tiers(), place)
        return Gap(code, lacks) if lacks else None
    key = edges.worst[place - 1]
    return None if key is None else _to_key(scheme, person, code, key)


def _to_key(scheme: Scheme, person: People, code: str, key: Key) -> Gap | None:
    value, revenue = float(goodness(scheme, person)[0]), int(person.revenue_fen[0])
    good, edge_revenue, edge_id = key
    if value < good:
        name = next(iter(scheme.weights)) if len(scheme.weights) == 1 else "score"
        return Gap(code, {name: good - value})
    if value > good:
        return None  # held back by mood or by the step a run allows
    more = edge_revenue - revenue + (1 if int(person.person_ids[0]) > edge_id else 0)
    return Gap(code, {}, by_revenue_fen=more) if more > 0 else None
