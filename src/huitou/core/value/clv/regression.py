"""Poisson and logistic regression with a ridge, by damped Newton steps; for a dozen features and any number of rows."""

from dataclasses import dataclass
from enum import Enum

import numpy as np

from huitou.core.value.clv.histories import Floats, pieces

LARGEST = 20.0  # of a linear predictor
RIDGE = 300.0  # customers' worth of pull to the mean, per feature in units of its spread


class Kind(Enum):
    POISSON = "poisson"
    LOGISTIC = "logistic"


@dataclass(frozen=True, slots=True)
class Regression:
    """weights: the intercept first, then one per feature in units of its spread."""

    kind: Kind
    weights: Floats
    means: Floats
    spreads: Floats

    @classmethod
    def fit(cls, kind: Kind, features: Floats, outcome: Floats, *, ridge: float = RIDGE, steps: int = 50) -> "Regression":
        """
        Fit outcome (n,), counts or 0/1, to features (n, k). Features that do not vary get no weight.

        Raises ValueError when the outcome is the same for everybody at 0 (or 1), or values are not finite.
        """
        if not (np.isfinite(features).all() and np.isfinite(outcome).all()):
            raise ValueError("features and outcome must be finite")
        mean = float(outcome.mean())
        if mean <= 0 or (kind is Kind.LOGISTIC and mean >= 1):
            raise ValueError(f"nothing to learn: every outcome is {mean:g}")
        means, spreads = features.mean(axis=0), features.std(axis=0)
        spreads = np.where(spreads > 1e-12, spreads, np.inf)
        weights = np.zeros(features.shape[1] + 1)
        weights[0] = np.log(mean) if kind is Kind.POISSON else np.log(mean / (1 - mean))
        pull = np.full(weights.size, float(ridge))
        pull[0] = 0.0
        model = cls(kind, weights, means, spreads)
        for _ in range(steps):
            gradient, curvature = -pull * weights, np.diag(pull)
            for part in pieces(outcome.size):
                rows = model._rows(features[part])
                expected, slope = model._expected(rows @ weights)
                gradient += rows.T @ (outcome[part] - expected)
                curvature += (rows * slope[:, None]).T @ rows
            step = np.linalg.solve(curvature, gradient)
            weights += step * min(1.0, 2.0 / float(np.abs(step).max() + 1e-300))
            if np.abs(step).max() < 1e-9:
                break
        return model

    def predict(self, features: Floats) -> Floats:
        """Expected outcome, shape (n,)."""
        slopes = self.weights[1:] / self.spreads
        start = self.weights[0] - self.means @ slopes
        parts = [self._expected(features[part] @ slopes + start)[0] for part in pieces(features.shape[0])]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _rows(self, features: Floats) -> Floats:
        return np.column_stack((np.ones(features.shape[0]), (features - self.means) / self.spreads))

    def _expected(self, linear: Floats) -> tuple[Floats, Floats]:
        linear = np.clip(linear, -LARGEST, LARGEST)
        if self.kind is Kind.POISSON:
            expected = np.exp(linear)
            return expected, expected
        expected = 1 / (1 + np.exp(-linear))
        return expected, expected * (1 - expected)
