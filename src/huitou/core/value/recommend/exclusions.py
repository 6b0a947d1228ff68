"""What may not be recommended, to anybody or to somebody, each with its reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from huitou.core.value.recommend.history import Flags, Ints

JUST_BOUGHT = "just_bought"
RECENT_DAYS = 2  # bought on the day of the list or the day before


@dataclass(frozen=True, slots=True)
class Exclusions:
    """
    items: reason code -> item ids nobody gets (out of stock, taken off sale). own: reason code -> (person ids, item ids) that
    this person does not get (a category opted out of). recent_days: what was bought within so many days, the last one counted, is
    not listed again.
    """

    items: Mapping[str, Ints] = field(default_factory=dict)
    own: Mapping[str, tuple[Ints, Ints]] = field(default_factory=dict)
    recent_days: int = RECENT_DAYS

    def __post_init__(self) -> None:
        if self.recent_days < 0:
            raise ValueError(f"recent_days is 0 or more, got {self.recent_days}")
        for reason, (persons, items) in self.own.items():
            if persons.shape != items.shape:
                raise ValueError(f"{reason}: need one item per person: {persons.shape}, {items.shape}")

    def of_pairs(self, person_ids: Ints, item_ids: Ints) -> tuple[Flags, dict[str, int]]:
        """Return which pairs are excluded, and how many by each reason; the first reason that holds counts."""
        out = np.zeros(person_ids.size, dtype=np.bool_)
        counts = {}
        for reason, items in self.items.items():
            counts[reason] = _add(out, np.isin(item_ids, items))
        for reason, (persons, items) in self.own.items():
            counts[reason] = _add(out, _among(person_ids, item_ids, persons, items))
        return out, counts


def _among(person_ids: Ints, item_ids: Ints, persons: Ints, items: Ints) -> Flags:
    if not person_ids.size or not persons.size:
        return np.zeros(person_ids.size, dtype=np.bool_)
    span = int(max(item_ids.max(), items.max())) + 1
    return np.isin(person_ids * span + item_ids, persons * span + items)


def _add(out: Flags, more: Flags) -> int:
    found = more & ~out
    out |= found
    return int(found.sum())
