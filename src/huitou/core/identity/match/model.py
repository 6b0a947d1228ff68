"""
How much each level of each field speaks for "one person": log odds, and their estimation without labels.

Two-class mixture over the patterns of candidate pairs, fields independent within a class, fitted by expectation maximisation
from the built-in weights (docs/algorithms/identity.md). An unknown field says nothing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.levels import FIELDS, Field

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

FLOOR = 1e-4  # no level of a class is rarer than this: a weight is never infinite


@dataclass(frozen=True, slots=True)
class Model:
    """
    version: what is stored with every edge. prior: log odds that a candidate pair is one person.
    weights: per field the log odds of each level, weights[field][0] = 0. name_counts: how often common name keys occur in
    the whole data; records: how many records that was. A component is judged by these, not by its own few records.
    """

    version: str
    prior: float
    weights: Mapping[str, tuple[float, ...]]
    records: int = 0
    name_counts: Mapping[int, int] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps({
            "version": self.version, "prior": self.prior,
            "weights": {name: list(levels) for name, levels in self.weights.items()},
            "records": self.records, "name_counts": {str(key): count for key, count in self.name_counts.items()},
        })  # fmt: skip

    @classmethod
    def from_json(cls, text: str) -> "Model":
        """Read what `to_json` wrote. Raises ValueError when the fields or levels are not those of this release."""
        stored = json.loads(text)
        weights = {name: tuple(float(weight) for weight in levels) for name, levels in stored["weights"].items()}
        counts = {int(key): int(count) for key, count in stored["name_counts"].items()}
        return cls(str(stored["version"]), float(stored["prior"]), weights, int(stored["records"]), counts)

    def table(self, fields: tuple[Field, ...] = FIELDS) -> Floats:
        """Return the weights as an array (fields, 16), for the kernels. Raises ValueError on other fields or levels."""
        wrong = [one.name for one in fields if len(self.weights.get(one.name, ())) != len(one.levels)]
        if wrong or len(self.weights) != len(fields):
            raise ValueError(f"the model does not fit the compared fields: {wrong or sorted(self.weights)}")
        table = np.zeros((len(fields), 16))
        for at, one in enumerate(fields):
            table[at, : len(one.levels)] = self.weights[one.name]
        return table


BUILT_IN = Model(
    "built-in-1", 0.0,
    {
        "name": (0, 5.5, 4.5, 3.5, 4.0, 3.0, 3.7, 1.0, 2.5, 3.0, -1.5, 0.0, 4.0, -4.5, -4.5, 0.0),
        "phone": (0, 2.5, 2.0, 1.5, 2.1, 1.0, -2.5),
        "card": (0, 4.2, 3.0, 2.5, -3.0),
        "openid": (0, 5.4, -5.0, 0.0),
        "unionid": (0, 6.0, -6.0),
        "email": (0, 3.6, 2.2, -2.5),
        "birthday": (0, 3.5, 2.5, 1.5, 2.0, -4.5),
        "gender": (0, 0.6, -2.8),
        "address": (0, 1.5, 1.1, -0.5, 0.6, -1.5),
        "store": (0, 0.5, -0.4),
        "source": (0, 0.0, 0.0),
    },
)  # fmt: skip


def level_matrix(patterns: Ints, fields: tuple[Field, ...] = FIELDS) -> Ints:
    """Return the levels of each pattern, shape (patterns, fields)."""
    return np.stack([patterns >> one.shift & ((1 << one.bits) - 1) for one in fields], axis=1)


def pattern_weights(patterns: Ints, model: Model, fields: tuple[Field, ...] = FIELDS) -> Floats:
    """Return the log odds of each pattern."""
    levels, table = level_matrix(patterns, fields), model.table(fields)
    return np.asarray(model.prior + sum(table[at][levels[:, at]] for at in range(len(fields))), dtype=np.float64)


def fit(
    patterns: Ints,
    counts: Ints,
    start: Model,
    *,
    version: str,
    rounds: int = 40,
    strength: float = 2_000.0,
    fields: tuple[Field, ...] = FIELDS,
) -> Model:
    """
    Fit the weights to distinct patterns and how often each occurs; deterministic, whatever the order of the records.

    start: where the search begins and what the estimate is drawn to, with the force of `strength` pairs.
    """
    levels = level_matrix(patterns, fields)
    total = counts.astype(np.float64)
    table, prior = start.table(fields), start.prior
    shares = _shares(levels, total, fields)
    for _ in range(rounds):
        odds = prior + sum(table[at][levels[:, at]] for at in range(len(fields)))
        same = total / (1 + np.exp(-np.clip(odds, -40, 40)))
        other = total - same
        prior_share = (same.sum() + strength * _sigmoid(start.prior)) / (total.sum() + strength)
        fresh = np.zeros_like(table)
        for at, one in enumerate(fields):
            size = len(one.levels)
            hits, misses = (np.bincount(levels[:, at], weights=weight, minlength=size)[1:size] for weight in (same, other))
            if hits.sum() + misses.sum() == 0:
                fresh[at, 1:size] = start.weights[one.name][1:]
                continue
            tilt = np.exp(np.array(start.weights[one.name][1:]) / 2)
            believed, doubted = shares[at] * tilt, shares[at] / tilt
            hits = hits + strength * believed / believed.sum()
            misses = misses + strength * doubted / doubted.sum()
            m, u = np.maximum(hits / hits.sum(), FLOOR), np.maximum(misses / misses.sum(), FLOOR)
            fresh[at, 1:size] = np.log(m / u)
        moved = float(np.abs(fresh - table).max())
        table, prior = fresh, float(np.log(prior_share / (1 - prior_share)))
        if moved < 1e-4:
            break
    weights = {
        one.name: tuple(round(float(weight), 6) for weight in table[at, : len(one.levels)]) for at, one in enumerate(fields)
    }
    return replace(start, version=version, prior=round(prior, 6), weights=weights)


def _shares(levels: Ints, total: Floats, fields: tuple[Field, ...]) -> list[Floats]:
    """How often each known level occurs, over both classes."""
    found = []
    for at, one in enumerate(fields):
        seen = np.bincount(levels[:, at], weights=total, minlength=len(one.levels))[1 : len(one.levels)] + 1.0
        found.append(seen / seen.sum())
    return found


def _sigmoid(odds: float) -> float:
    return float(1 / (1 + np.exp(-odds)))
