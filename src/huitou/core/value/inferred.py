"""
Fill an unknown attribute from how people shop, with a confidence, and only where that beats guessing.

Learnt from those who stated it, tested on those of them that were held back; see docs/algorithms/inferred.md.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.value.clv.regression import Kind, Regression

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
LEAST_STATED = 200  # persons who stated the attribute
LEAST_OF_EACH = 20  # with the same value; rarer values are never inferred
HELD_BACK = 5  # every fifth is tested on
RIDGE = 30.0


class InferenceRefused(Exception):
    """Nothing can be inferred; `reason`: "few" (stated too seldom), "one" (all the same), "naive" (no better than guessing)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Inference:
    """
    values: place of the likeliest value per asked person, confidence its probability, shapes (m,).

    accuracy, baseline: shares of the held-back persons that the model and the commonest value hit; learnt, tested: persons.
    """

    values: Ints
    confidence: Floats
    accuracy: float
    baseline: float
    learnt: int
    tested: int


def infer(features: Floats, stated: Ints, asked: Floats) -> Inference:
    """
    Infer the value of `asked` (m, k) from `features` (n, k) of persons in rising id and what they stated (n,): a place, or -1.

    Features may have any unit; NaN is "no answer". Equal input gives equal output. Raises InferenceRefused.
    """
    places = [place for place in np.unique(stated[stated >= 0]) if np.count_nonzero(stated == place) >= LEAST_OF_EACH]
    kept = np.isin(stated, places)
    if np.count_nonzero(kept) < LEAST_STATED:
        raise InferenceRefused("few")
    if len(places) < 2:
        raise InferenceRefused("one")
    scale = RankScale.of(features[kept])
    rows, labels = scale.rows(features[kept]), stated[kept]
    held = np.arange(labels.size) % HELD_BACK == 0
    guessed = np.array(places)[_chances(rows[~held], labels[~held], rows[held], places).argmax(axis=1)]
    learnt = labels[~held]
    commonest = max(places, key=lambda place: (np.count_nonzero(learnt == place), -place))
    accuracy, baseline = float((guessed == labels[held]).mean()), float((labels[held] == commonest).mean())
    if accuracy <= baseline:
        raise InferenceRefused("naive")
    chances = _chances(rows, labels, scale.rows(asked), places)
    best = chances.argmax(axis=1) if chances.size else np.zeros(0, dtype=np.int64)
    return Inference(
        np.array(places)[best], chances[np.arange(best.size), best], accuracy, baseline, labels.size, int(held.sum())
    )


def _chances(features: Floats, labels: Ints, asked: Floats, places: list[int]) -> Floats:
    """Return the probability of each place per asked person: one logistic regression per place, together made 1."""
    each = [
        Regression.fit(Kind.LOGISTIC, features, (labels == place).astype(np.float64), ridge=RIDGE).predict(asked)
        for place in places
    ]
    chances: Floats = np.column_stack(each)
    chances /= chances.sum(axis=1, keepdims=True)
    return chances


@dataclass(frozen=True, slots=True)
class RankScale:
    """Turns features into ranks of -1..1 among those learnt from, each with its square and with whether there is an answer."""

    ordered: tuple[Floats, ...]

    @classmethod
    def of(cls, features: Floats) -> "RankScale":
        return cls(tuple(np.sort(column[~np.isnan(column)]) for column in features.T))

    def rows(self, features: Floats) -> Floats:
        columns = []
        for column, ordered in zip(features.T, self.ordered, strict=True):
            known = ~np.isnan(column)
            middle = (np.searchsorted(ordered, column, "left") + np.searchsorted(ordered, column, "right")) / 2
            rank = np.where(known, 2 * middle / max(ordered.size, 1) - 1, 0.0)
            columns += [rank, rank**2, known.astype(np.float64)]
        return np.column_stack(columns)
