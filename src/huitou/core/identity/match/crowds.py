"""How many records of the whole data hold a key, where only a part of them is here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from huitou.core.identity.match.features import Features
from huitou.core.identity.match.row_keys import BLOCKS, weak_keys_of

Ints = npt.NDArray[np.int64]
Ask = Callable[[Ints, Ints], Ints]  # kinds (places in BLOCKS) and keys -> how many records of the whole data hold each


@dataclass(frozen=True, slots=True)
class Crowds:
    """How many records of the whole data hold a blocking key, where only a part of them is here: per block keys and counts."""

    counts: Mapping[str, tuple[Ints, Ints]]

    @classmethod
    def asked(cls, features: Features, ask: "Ask") -> "Crowds":
        """Ask for the keys of these records."""
        _, kinds, keys = weak_keys_of(features)
        records, counts = ask(kinds, keys), {}
        for kind in np.unique(kinds).tolist():
            chosen = np.flatnonzero(kinds == kind)
            order = chosen[np.argsort(keys[chosen], kind="stable")]
            counts[BLOCKS[kind]] = keys[order], records[order]
        return cls(counts)

    def of(self, kind: str, keys: Ints, bits: int = 0) -> Ints:
        """Return the count of each key, 0 where none is known; `bits` low bits of a key do not count."""
        known, records = self.counts.get(kind, (np.empty(0, np.int64), np.empty(0, np.int64)))
        if not len(known):
            return np.zeros(len(keys), np.int64)
        at = np.minimum(np.searchsorted(known >> bits, keys >> bits), len(known) - 1)
        return np.where(known[at] >> bits == keys >> bits, records[at], 0)
