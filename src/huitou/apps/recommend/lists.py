"""The lists of one person, and how they are stored."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from huitou.core.value import recommend as core
from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints

Rows = list[list[Any]]
DIGITS = 4


@dataclass(frozen=True, slots=True)
class PersonLists:
    """Rows as `PersonNext` describes them, best first."""

    person_id: int
    again: Rows
    fresh: Rows
    categories: Rows

    def stored(self) -> tuple[int | None, str, str, str]:
        """Return the values of next_category_id, again, fresh and categories."""
        first = self.categories[0][0] if self.categories else None
        return first, _text(self.again), _text(self.fresh), _text(self.categories)


def lists_of(
    persons: Ints, again: core.Again, fresh: core.Fresh, categories: tuple[Ints, Ints, Floats] | None
) -> list[PersonLists]:
    """Put the arrays of a block together by person (rising); who has none of the three is left out."""
    repeats = _by_person(
        persons, again.person_ids,
        [again.item_ids, _round(again.chance), again.reason, again.times, again.days_ago, _round(again.gap_days, 1)],
    )  # fmt: skip
    because = fresh.because.astype(object)
    because[fresh.because < 0] = None
    novelties = _by_person(
        persons, fresh.person_ids, [fresh.item_ids, fresh.reason, because, _round(fresh.lift, 2), _round(fresh.margin, 3)]
    )
    if categories is None:
        kinds: Iterator[Rows] = iter([[] for _ in range(persons.size)])
    else:
        kinds = _by_person(persons, categories[0], [categories[1], _round(categories[2])])
    found = (PersonLists(*row) for row in zip(persons.tolist(), repeats, novelties, kinds, strict=True))
    return [one for one in found if one.again or one.fresh or one.categories]


def _text(rows: Rows) -> str:
    return json.dumps(rows, separators=(",", ":"))


def _by_person(persons: Ints, owners: Ints, columns: list[Any]) -> Iterator[Rows]:
    rows = [list(row) for row in zip(*(np.asarray(column).tolist() for column in columns), strict=True)]
    low, high = np.searchsorted(owners, persons), np.searchsorted(owners, persons, side="right")
    return (rows[start:end] for start, end in zip(low.tolist(), high.tolist(), strict=True))


def _round(values: Floats, digits: int = DIGITS) -> Any:
    """Return rounded numbers, None for NaN."""
    rounded = np.round(values, digits).astype(object)
    rounded[np.isnan(values)] = None
    return rounded
