"""How good a forecast was: the measures of a backtest, each of them meaningful on its own and none hidden."""

from dataclasses import dataclass

import numpy as np

from huitou.core.value.clv.histories import Floats

TOP_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Score:
    """
    One forecast against what happened. None: no answer, as nothing was forecast or nothing happened.

    bias: forecast over actual total, minus 1. deviance: mean Poisson deviance, lower is better, large where something happened
    that was called impossible. rank: Spearman's correlation. top: share of the actual total that the fifth of customers
    forecast highest brought.
    """

    mae: float
    rmse: float
    bias: float | None
    deviance: float
    rank: float | None
    top: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """Customers of neighbouring forecasts, highest first: how many, and the means forecast and seen."""

    customers: int
    forecast: float
    actual: float


def scored(forecast: Floats, actual: Floats) -> Score:
    """Score a forecast, shape (n,), n at least 1."""
    total = float(actual.sum())
    return Score(
        mae=float(np.abs(forecast - actual).mean()),
        rmse=float(np.sqrt(((forecast - actual) ** 2).mean())),
        bias=float(forecast.sum()) / total - 1 if total > 0 else None,
        deviance=poisson_deviance(forecast, actual),
        rank=rank_correlation(forecast, actual),
        top=top_share(forecast, actual),
    )


def poisson_deviance(forecast: Floats, actual: Floats) -> float:
    """Mean of 2 (y ln(y / m) - (y - m)); a forecast of 0 counts as 1e-9."""
    m = np.maximum(forecast, 1e-9)
    logs = np.where(actual > 0, actual * np.log(np.maximum(actual, 1e-9) / m), 0.0)
    return float(2 * (logs - actual + m).mean())


def rank_correlation(a: Floats, b: Floats) -> float | None:
    """Spearman's correlation, ties at their mean rank; None when one side does not vary."""
    left, right = (order - order.mean() for order in (ranks(a), ranks(b)))
    spread = float(np.sqrt((left**2).sum() * (right**2).sum()))
    return float((left * right).sum()) / spread if spread > 0 else None


def top_share(forecast: Floats, actual: Floats, share: float = TOP_SHARE) -> float | None:
    """Share of the actual total that the customers forecast highest brought; equal forecasts share evenly. None of nothing."""
    total = float(actual.sum())
    if total <= 0:
        return None
    values, at = np.unique(-forecast, return_inverse=True)
    sizes, sums = np.bincount(at), np.bincount(at, weights=actual, minlength=values.size)
    left = share * forecast.size - np.concatenate(([0.0], np.cumsum(sizes)[:-1]))
    return float((sums * np.clip(left / sizes, 0, 1)).sum()) / total


def groups(forecast: Floats, actual: Floats, count: int) -> tuple[Group, ...]:
    """Cut customers into `count` groups of equal size by forecast, highest first; fewer customers make fewer groups."""
    order = np.argsort(-forecast, kind="stable")
    parts = [part for part in np.array_split(order, count) if part.size]
    return tuple(Group(part.size, float(forecast[part].mean()), float(actual[part].mean())) for part in parts)


def ranks(values: Floats) -> Floats:
    """Ranks from 1, ties at their mean."""
    _, at, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[at], dtype=np.float64)
