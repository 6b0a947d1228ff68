"""Maximum likelihood by damped Newton steps in the logarithm of positive parameters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Data = TypeVar("Data")
Likelihood = Callable[[Floats], tuple[float, Floats, Floats]]

GRADIENT_LIMIT = 1e-9  # of the mean log-likelihood, per log-parameter
ROUNDED_GRADIENT, ROUNDING = 1e-7, 4e-16  # a smaller gain than this cannot be told from rounding of the likelihood
SMALL_STEP = (
    1e-5  # relative, of every parameter: Newton's step errs by about its square, so after such a one nothing is left to see
)
STEP_LIMIT = 2.0  # a factor of about 7 per parameter and step
SAMPLE = 20_000
EDGE = 16.0  # exp(16) = 9 million: beyond it a parameter is not told by the data


@dataclass(frozen=True, slots=True)
class Fitted:
    """
    What a fit found. `reason` is empty when it converged and says why not otherwise.

    errors: standard errors of the parameters from the inverse Hessian; NaN where the Hessian is flat.
    """

    values: Floats
    errors: Floats
    converged: bool
    reason: str
    steps: int


def climb(
    likelihood_of: Callable[[Data], Likelihood],
    data: tuple[Data, Callable[[int], Data]],
    start: Floats,
    *,
    count: float,
    scales: Floats,
) -> Fitted:
    """
    Climb to the maximum, first on a sample of the customers so that the whole needs few steps.

    data: the whole, and a function from a number of customers to a sample. start, scales: in the unit of the data; a scale is
    the size by which a parameter is measured when it runs to its edge. A sample that tells no maximum is passed over.
    """
    whole, sampled = data
    if count > 3 * SAMPLE:
        near = maximise(likelihood_of(sampled(SAMPLE)), start, count=SAMPLE, scales=scales)
        start = near.values if near.converged else start
    return maximise(likelihood_of(whole), start, count=count, scales=scales)


def maximise(likelihood: Likelihood, start: Floats, *, count: float, scales: Floats, max_steps: int = 200) -> Fitted:
    """
    Climb to the maximum of a mean log-likelihood over positive parameters.

    likelihood: parameters -> (mean log-likelihood, gradient, Hessian), all in the natural parameters.
    count: number of customers behind the mean, for the standard errors. scales: size of each parameter, see `EDGE`.
    Curvatures of the wrong sign are turned, so that saddles repel.
    """
    logs = np.log(start)
    height, gradient, hessian = _in_logs(likelihood, logs)
    reason = f"no maximum within {max_steps} steps"
    steps = 0
    while steps < max_steps:
        steps += 1
        if np.abs(gradient).max() < GRADIENT_LIMIT:
            reason = ""
            break
        step = _ascent(gradient, hessian)
        if np.abs(gradient).max() < ROUNDED_GRADIENT and gradient @ step < ROUNDING * max(1.0, abs(height)):
            reason = ""
            break
        if np.abs(step).max() < SMALL_STEP and np.linalg.eigvalsh(hessian).max() < 0:
            logs = logs + step
            reason = ""
            break
        share = 1.0
        while share > 1e-10:
            trial = _in_logs(likelihood, logs + share * step)
            if np.isfinite(trial[0]) and trial[0] >= height - 1e-14 * abs(height):
                break
            share /= 2
        else:
            rounded = np.abs(gradient).max() < ROUNDED_GRADIENT
            reason = "" if rounded else "the likelihood rises in no direction, but its gradient is not zero"
            break
        logs = logs + share * step
        height, gradient, hessian = trial
        if np.abs(logs - np.log(scales)).max() > EDGE:
            reason = "a parameter runs to its edge: the data do not tell it"
            break
    values = np.exp(logs)
    return Fitted(values, _errors(values, hessian, count), reason == "", reason, steps)


def _in_logs(likelihood: Likelihood, logs: Floats) -> tuple[float, Floats, Floats]:
    values = np.exp(logs)
    height, gradient, hessian = likelihood(values)
    scaled = values * gradient
    return height, scaled, hessian * values[:, None] * values[None, :] + np.diag(scaled)


def _ascent(gradient: Floats, hessian: Floats) -> Floats:
    curvatures, directions = np.linalg.eigh(hessian)
    sizes = np.maximum(np.abs(curvatures), 1e-10)
    step: Floats = directions @ ((directions.T @ gradient) / sizes)
    return step * min(1.0, STEP_LIMIT / float(np.abs(step).max()))


def _errors(values: Floats, hessian: Floats, count: float) -> Floats:
    curvatures, directions = np.linalg.eigh(-hessian * count)
    if curvatures.min() <= 0:
        return np.full(values.shape, np.nan)
    return np.asarray(values * np.sqrt(((directions**2) / curvatures).sum(axis=1)), dtype=np.float64)
