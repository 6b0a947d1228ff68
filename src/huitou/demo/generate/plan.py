"""The sizes and fixed draws of a generated chain: everything else follows from them and the seed."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from functools import cached_property
from math import gcd
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

STORES = 36
DUPLICATE_SHARE = 0.30  # (records - persons) / records
LINES_PER_ORDER = 8.0
LONGEST_DELAY_DAYS = 14
_NEVER = 1_000_000  # a day after every other


@dataclass(frozen=True)
class Plan:
    """
    members: persons, each with one membership record. first_record_id: record ids are consecutive from it, membership
    first. product_ids, store_ids: by position.
    """

    members: int
    days: int
    lines_per_day: int
    anchor: date  # the last of the `days`
    seed: int
    first_record_id: int
    product_ids: tuple[int, ...]
    store_ids: tuple[int, ...]

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "anchor": self.anchor.isoformat()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Plan":
        """Read what `as_json` wrote."""
        ids = {name: tuple(stored[name]) for name in ("product_ids", "store_ids")}
        return cls(**{**stored, **ids, "anchor": date.fromisoformat(stored["anchor"])})

    @cached_property
    def extra_records(self) -> int:
        """How many persons have a second record."""
        return round(self.members * DUPLICATE_SHARE / (1 - DUPLICATE_SHARE))

    @property
    def records(self) -> int:
        return self.members + self.extra_records

    def day(self, index: int) -> date:
        return self.anchor - timedelta(days=self.days - 1 - index)

    @cached_property
    def stride(self) -> int:
        """A number without a common factor with `members`: multiplying by it spreads persons without repeating one."""
        stride = int(self.members * 0.618) | 1
        while gcd(stride, self.members) != 1:
            stride += 2
        return stride

    @cached_property
    def extra_of_person(self) -> Ints:
        """Shape (members,): the index of the person's second record, -1 for none."""
        found = np.full(self.members, -1, dtype=np.int64)
        extras = np.arange(self.extra_records, dtype=np.int64)
        found[extras * self.stride % self.members] = self.members + extras
        return found

    @cached_property
    def home_store(self) -> Ints:
        """Shape (members,): the position of the person's store; the first stores are larger."""
        draws = np.random.default_rng([self.seed, 1]).random(self.members)
        return (draws**1.3 * STORES).astype(np.int64)

    @cached_property
    def first_day(self) -> Ints:
        """Shape (members,): the first day a person buys on; a quarter begin within the period."""
        draws = np.random.default_rng([self.seed, 2]).random((2, self.members))
        return np.where(draws[0] < 0.25, (draws[1] * self.days).astype(np.int64), -1)

    @cached_property
    def last_day(self) -> Ints:
        """Shape (members,): the last day a person buys on; a third stop within the period, the law is even over it."""
        draws = np.random.default_rng([self.seed, 3]).random((2, self.members))
        return np.where(draws[0] < 0.33, (draws[1] * self.days).astype(np.int64), _NEVER)

    @cached_property
    def price_fen(self) -> Ints:
        """Shape (products,): list prices, lognormal around 9 yuan."""
        draws = np.random.default_rng([self.seed, 4]).lognormal(6.8, 0.8, len(self.product_ids))
        return np.clip(draws, 50, 200_000).astype(np.int64)
