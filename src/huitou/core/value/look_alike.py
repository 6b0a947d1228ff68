"""
Who of the others is like the members of a group: a logistic regression on how people shop (docs/algorithms/look-alike.md).

Tested on held-back fifths first; a group that shopping does not tell from the others gets no answer.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.value.clv.regression import Kind, Regression
from huitou.core.value.inferred import RankScale

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

LEAST_SEEDS = 50
LEAST_OTHERS = 50
LEAST_AUC = 0.60
SURE_AUC = 0.99  # beyond it the group was most likely chosen by these very features
FOLDS = 5
RIDGE = 30.0
OTHERS_PER_SEED = 10
MOST_LEARNT = 10_000  # seeds, and as many others at the most
STEPS = 25


class LookAlikeRefused(Exception):
    """No scores; `reason`: "few" (seeds), "others" (too few), "naive" (an AUC below 0.60). auc: as tested, None: not."""

    def __init__(self, reason: str, auc: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.auc = auc


@dataclass(frozen=True, slots=True)
class LookAlike:
    """The others, the likest first (ties by id): ids and scores (0..1, an order and no probability), shapes (m,); the test."""

    person_ids: Ints
    scores: Floats
    auc: float  # mean of the held-back fifths
    lowest_auc: float  # of one fifth
    seeds: int

    @property
    def is_too_sure(self) -> bool:
        """Say whether the seeds are told so well that their rule most likely asks these features."""
        return self.auc > SURE_AUC


def look_alike(person_ids: Ints, features: Floats, is_seed: Flags) -> LookAlike:
    """
    Score everybody who is no seed by `features` (n, k), NaN: no answer. The order of the rows changes nothing.

    Raises LookAlikeRefused.
    """
    order = np.argsort(person_ids, kind="stable")
    ids, rows, seeds = person_ids[order], features[order], is_seed[order]
    count = int(seeds.sum())
    if count < LEAST_SEEDS:
        raise LookAlikeRefused("few")
    if ids.size - count < LEAST_OTHERS:
        raise LookAlikeRefused("others")
    few_others = min(ids.size - count, OTHERS_PER_SEED * count, MOST_LEARNT)
    drawn = _drawn(np.flatnonzero(seeds), min(count, MOST_LEARNT)), _drawn(np.flatnonzero(~seeds), few_others)
    learnt = np.sort(np.concatenate(drawn))
    scale = RankScale.of(rows[learnt])
    ranked, labels = scale.rows(rows[learnt]), seeds[learnt].astype(np.float64)
    areas = []
    fold = _folds(seeds[learnt])
    for part in range(FOLDS):
        held = fold == part
        model = Regression.fit(Kind.LOGISTIC, ranked[~held], labels[~held], ridge=RIDGE, steps=STEPS)
        areas.append(area_under_curve(model.predict(ranked[held]), labels[held] > 0))
    auc = float(np.mean(areas))
    if auc < LEAST_AUC:
        raise LookAlikeRefused("naive", auc)
    model = Regression.fit(Kind.LOGISTIC, ranked, labels, ridge=RIDGE, steps=STEPS)
    others = ~seeds
    scores = model.predict(scale.rows(rows[others]))
    likest = np.lexsort((ids[others], -scores))
    return LookAlike(ids[others][likest], scores[likest], auc, float(min(areas)), count)


def area_under_curve(scores: Floats, is_true: Flags) -> float:
    """Return the chance that a true one scores above a false one, ties count half; 0.5 where there is none of either."""
    true, false = int(is_true.sum()), int((~is_true).sum())
    if not true or not false:
        return 0.5
    ordered = np.sort(scores[~is_true])
    above = np.searchsorted(ordered, scores[is_true], "left") + np.searchsorted(ordered, scores[is_true], "right")
    return float(above.sum() / (2 * true * false))


def _drawn(places: Ints, count: int) -> Ints:
    """Return so many of the places, at even distances."""
    return places[np.linspace(0, places.size - 1, count).astype(np.int64)]


def _folds(seeds: Flags) -> Ints:
    """Return the fifth of each row: seeds and others are dealt out in turn, each for themselves."""
    found = np.empty(seeds.size, dtype=np.int64)
    for kind in (seeds, ~seeds):
        found[kind] = np.arange(int(kind.sum())) % FOLDS
    return found
