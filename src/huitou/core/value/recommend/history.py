"""Who bought what on which day: the one table that recommendations are learnt from and made of."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from huitou.core.distinct import distinct
from huitou.core.value.clv.histories import Floats, totals

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class History:
    """
    One row per person, item and day with a purchase, sorted by person, then item, then day.

    persons, items: ascending ids; `person` and `item` point into them. day: days since 1970, none after `last_day`.
    """

    persons: Ints
    items: Ints
    person: Ints
    item: Ints
    day: Ints
    last_day: int

    @property
    def rows(self) -> int:
        return int(self.day.size)

    def until(self, last_day: int) -> "History":
        """Return what was known at the end of a day; persons and items stay, also those who had bought nothing yet."""
        seen = self.day <= last_day
        return History(self.persons, self.items, self.person[seen], self.item[seen], self.day[seen], last_day)

    def of_every(self, step: int) -> "History":
        """Return every step-th person: enough to learn from."""
        if step <= 1:
            return self
        kept = self.person % step == 0
        return History(
            self.persons[::step], self.items, self.person[kept] // step, self.item[kept], self.day[kept], self.last_day
        )


@dataclass(frozen=True, slots=True)
class Pairs:
    """One entry per person and item bought, by person, then item; `at`: which entry each row of the history belongs to."""

    person: Ints
    item: Ints
    at: Ints
    times: Floats  # days with the item
    last: Ints  # newest day with it
    first: Ints


def history(person_ids: NDArray[np.generic], item_ids: NDArray[np.generic], days: NDArray[np.generic], last_day: int) -> History:
    """
    Merge lines to days with an item.

    All shapes (n,), whole numbers or dates, any order; rows after last_day (days since 1970) are not seen. Raises ValueError on
    unequal shapes.
    """
    if not person_ids.shape == item_ids.shape == days.shape:
        raise ValueError(f"need one person, item and day per row: {person_ids.shape}, {item_ids.shape}, {days.shape}")
    whole = days.astype("datetime64[D]").astype(np.int64) if days.dtype.kind == "M" else days.astype(np.int64)
    seen = whole <= last_day
    persons, person = np.unique(person_ids[seen].astype(np.int64), return_inverse=True)
    items, item = np.unique(item_ids[seen].astype(np.int64), return_inverse=True)
    epoch = int(whole[seen].min()) if person.size else last_day
    span = last_day - epoch + 1
    keys = distinct((person * items.size + item) * span + (whole[seen] - epoch))
    entry, day = np.divmod(keys, span)
    person, item = np.divmod(entry, max(items.size, 1))
    return History(persons, items, person, item, day + epoch, last_day)


def pairs_of(book: History) -> Pairs:
    """Sum a history up to one entry per person and item."""
    new = np.ones(book.rows, dtype=np.bool_)
    new[1:] = (book.person[1:] != book.person[:-1]) | (book.item[1:] != book.item[:-1])
    starts = np.flatnonzero(new)
    at = np.cumsum(new) - 1
    ends = np.append(starts[1:], book.rows)[: starts.size] - 1
    return Pairs(
        book.person[starts], book.item[starts], at, totals(at, starts.size), book.day[ends], book.day[starts]
    )  # fmt: skip


def shopping_days(book: History) -> tuple[Ints, Ints]:
    """Return person and day of every day on which a person bought anything, each once, in order of person, day."""
    span = book.last_day + 1
    found = distinct(book.person * span + book.day)
    person, day = np.divmod(found, span)
    return person, day


def first_after(book: History, day: int) -> Ints:
    """Return the first shopping day after `day` per person of the history; -1 where there was none."""
    later = book.day > day
    never = book.last_day + 1
    first = np.full(book.persons.size, never, dtype=np.int64)
    np.minimum.at(first, book.person[later], book.day[later])
    return np.where(first == never, -1, first)


def basket_keys(book: History, first: Ints) -> Ints:
    """Return person * items + item, ascending, of everything bought on each person's day in `first` (-1: none)."""
    then = book.day == first[book.person]
    return distinct(book.person[then] * book.items.size + book.item[then])
