"""Who bought on which day: the one table that every model of a forecast looks back into, at any day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from huitou.core.value.clv.histories import Floats, totals

Ints = NDArray[np.int64]
COLUMNS = ("person_id", "business_date", "amount_fen")
FOREVER = 1e9  # days: a half-life that forgets nothing


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    One row per person and day with a purchase, sorted by person and day; days count from `epoch`.

    persons: ascending ids; `person` points into them. net_fen: of the day. left_out: rows after the day of the forecast.
    """

    persons: Ints
    person: Ints
    day: Ints
    net_fen: Floats
    first_day: Ints
    epoch: int
    left_out: int

    @property
    def days(self) -> int:
        """Days from the first purchase of all to the last day, both counted."""
        return 0 if not self.day.size else int(self.day.max()) + 1


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known at the end of a day of those who had bought by then: `rows` of the ledger's persons, and their histories."""

    rows: Ints
    frequency: Floats
    recency: Floats
    age: Floats
    day: int


def ledger(transactions: Mapping[str, Any], as_of: date) -> Ledger:
    """
    Merge documents to purchase days.

    transactions: a mapping or Arrow table of `person_id` (integer), `business_date`, `amount_fen` (returns negative), any order.
    A day whose documents sum to more than zero is one purchase; other days are none. Rows after as_of are left out and counted.
    Raises ValueError on a missing column, unequal lengths or an amount that is not finite.
    """
    missing = [name for name in COLUMNS if name not in _names(transactions)]
    if missing:
        raise ValueError(f"transactions need the columns {', '.join(COLUMNS)}; missing: {', '.join(missing)}")
    ids, days, amounts = (np.asarray(transactions[name]) for name in COLUMNS)
    if not ids.shape == days.shape == amounts.shape:
        raise ValueError(f"need one person, date and amount per row: {ids.shape}, {days.shape}, {amounts.shape}")
    amounts = amounts.astype(np.float64)
    if not np.isfinite(amounts).all():
        raise ValueError("amounts must be finite")
    days = days.astype("datetime64[D]").astype(np.int64)
    last = int(np.datetime64(as_of, "D").astype(np.int64))
    seen = days <= last
    left_out = int(days.size - seen.sum())
    ids, days, amounts = ids[seen].astype(np.int64), days[seen], amounts[seen]
    persons, person = np.unique(ids, return_inverse=True)
    epoch = int(days.min()) if days.size else last
    span = last - epoch + 1
    keys, at = np.unique(person * span + (days - epoch), return_inverse=True)
    net = totals(at, keys.size, amounts)
    bought = net > 0
    keys, net = keys[bought], net[bought]
    kept, person = np.unique(keys // span, return_inverse=True)
    day = keys % span
    starts = np.searchsorted(person, np.arange(kept.size))
    return Ledger(persons[kept], person, day, net, day[starts], epoch, left_out)


def every_nth(book: Ledger, most: int) -> Ledger:
    """Return the ledger of at most so many persons, taken at even distances: enough to learn from."""
    step = -(-book.persons.size // most)
    return book if step <= 1 else _of(book, np.arange(book.persons.size) % step == 0)


def in_parts(book: Ledger, persons: int) -> Iterator[Ledger]:
    """Cut a ledger into ledgers of so many persons, in order: what needs many columns per person then stays small."""
    for low in range(0, book.persons.size, persons):
        rows = slice(*np.searchsorted(book.person, (low, low + persons)))
        yield Ledger(
            book.persons[low : low + persons], book.person[rows] - low, book.day[rows], book.net_fen[rows],
            book.first_day[low : low + persons], book.epoch, book.left_out,
        )  # fmt: skip


def _of(book: Ledger, kept: NDArray[np.bool_]) -> Ledger:
    rows = kept[book.person]
    person = (np.cumsum(kept) - 1)[book.person[rows]]
    persons, first = book.persons[kept], book.first_day[kept]
    return Ledger(persons, person, book.day[rows], book.net_fen[rows], first, book.epoch, book.left_out)


def seen_by(book: Ledger, day: int) -> Seen:
    """Return the histories of everybody who had bought by the end of a day (counted from the epoch)."""
    past = book.day <= day
    person, days = book.person[past], book.day[past]
    counts = totals(person, book.persons.size)
    rows = np.flatnonzero(counts)
    last = np.zeros(book.persons.size, dtype=np.int64)
    last[person] = days  # rows are sorted, so the last one stays
    first = book.first_day[rows]
    return Seen(rows, counts[rows] - 1, (last[rows] - first).astype(np.float64), (day - first).astype(np.float64), day)


def bought_between(book: Ledger, seen: Seen, days: int) -> Floats:
    """Purchases of those seen in the `days` days after, shape of seen.rows."""
    then = (book.day > seen.day) & (book.day <= seen.day + days)
    return totals(book.person[then], book.persons.size)[seen.rows]


def spent_between(book: Ledger, seen: Seen, days: int) -> Floats:
    """Fen spent by those seen in the `days` days after."""
    then = (book.day > seen.day) & (book.day <= seen.day + days)
    return totals(book.person[then], book.persons.size, book.net_fen[then])[seen.rows]


def mean_spend(book: Ledger, seen: Seen) -> Floats:
    """Mean fen per repeat purchase so far; 0 where there was none."""
    repeat = (book.day <= seen.day) & (book.day > book.first_day[book.person])
    total = totals(book.person[repeat], book.persons.size, book.net_fen[repeat])[seen.rows]
    return np.asarray(total / np.maximum(seen.frequency, 1), dtype=np.float64)


def credible_spend(book: Ledger, seen: Seen, mean: Floats) -> Floats | None:
    """
    Return fen per purchase by Buehlmann's credibility: the own mean counts by how much customers really differ; None of nobody.

    mean: of each one's repeat purchases. Needs no shape of the spend, so it answers where Gamma-Gamma does not converge.
    """
    repeat = (book.day <= seen.day) & (book.day > book.first_day[book.person])
    n = seen.frequency
    total = n.sum()
    if total == 0:
        return None
    everybody = float((n * mean).sum() / total)
    own = np.zeros(book.persons.size)
    own[seen.rows] = mean
    within = ((book.net_fen[repeat] - own[book.person[repeat]]) ** 2).sum() / max(total - (n > 0).sum(), 1)
    spread = (n * (mean - everybody) ** 2).sum() - ((n > 0).sum() - 1) * within
    between = max(float(spread) / max(float(total - (n**2).sum() / total), 1e-9), 0.0)
    weight = n * between / np.maximum(n * between + within, 1e-9)
    return np.asarray(everybody + weight * (mean - everybody), dtype=np.float64)


def faded(book: Ledger, seen: Seen, half_life: float) -> tuple[Floats, Floats]:
    """
    Return repeat purchases and days of exposure so far, each counting half as much per half_life days of age.

    Discounting both alike keeps their quotient a rate per day.
    """
    fall = np.log(2) / half_life
    repeat = (book.day <= seen.day) & (book.day > book.first_day[book.person])
    weights = np.exp(-fall * (seen.day - book.day[repeat]))
    counts = totals(book.person[repeat], book.persons.size, weights)[seen.rows]
    return counts, np.asarray(-np.expm1(-fall * seen.age) / fall, dtype=np.float64)


def _names(transactions: Mapping[str, Any]) -> list[str]:
    names = getattr(transactions, "column_names", None)
    return list(names if names is not None else transactions)
