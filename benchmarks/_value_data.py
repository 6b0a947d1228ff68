"""Customers for `huitou bench value`: simulated by the models' own assumptions, and the tables that installed packages bring."""

import csv
import importlib.util
from pathlib import Path

import numpy as np

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]


def simulated(
    rng: np.random.Generator, count: int, *, r: float, alpha: float, a: float, b: float, at_first: bool = False
) -> tuple[Floats, Floats, Floats]:
    """Return (frequency, recency, T) in whole days of customers who live by BG/NBD, or by MBG/NBD; T is 100 to 399."""
    age = rng.integers(100, 400, count).astype(np.float64)
    rate, drop = rng.gamma(r, 1 / alpha, count), rng.beta(a, b, count)
    x, last = np.zeros(count), np.zeros(count)
    living = np.flatnonzero(rng.random(count) >= drop) if at_first else np.arange(count)
    while living.size:
        due = last[living] + rng.exponential(1 / np.maximum(rate[living], 1e-12))
        bought = living[due <= age[living]]
        last[bought] = due[due <= age[living]]
        x[bought] += 1
        living = bought[rng.random(bought.size) >= drop[bought]]
    return x, np.where(x > 0, np.maximum(np.floor(last), 1), 0), age


def spends(rng: np.random.Generator, x: Floats, *, p: float, q: float, v: float) -> Floats:
    """Return the mean spend per repeat purchase, 0 where there is none."""
    rate = rng.gamma(q, 1 / v, x.size)
    times = np.maximum(x, 1)
    return np.where(x > 0, rng.gamma(p * times) / rate / times, 0.0)


def folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise SystemExit(f"the package {package}, whose data are measured on, is not installed: make devsetup")
    return Path(spec.origin).parent


def cdnow_summary() -> tuple[Floats, Floats, Floats, Floats]:
    """Return frequency, recency, T (weeks) and mean spend of the published CDNOW table, 2,357 customers."""
    with (folder_of("lifetimes") / "datasets" / "cdnow_customers_summary_with_transactions.csv").open() as rows:
        table = list(csv.DictReader(rows))
    x, recency, age, mean = (np.array([float(row[name]) for row in table]) for name in ("x", "t_x", "T", "zbar"))
    return x, recency, age, mean
