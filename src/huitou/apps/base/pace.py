"""How many rows go into one transaction, so that other writers wait about as long on every machine."""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
FEWEST, MOST = 100, 20_000
LOCK_SECONDS = 0.06  # aimed at; a guide who saves meanwhile waits for one transaction, and 0.2 s is what may be felt


@dataclass(slots=True)
class Pace:
    """One kind of work: the present size of a chunk; `cut` learns it from how long the caller took for the chunk before."""

    rows: int = 500
    clock: Callable[[], float] = time.monotonic

    def cut(self, items: Iterable[T]) -> Iterator[list[T]]:
        """Yield the items in chunks; what the caller does with one before it asks for the next counts as its cost."""
        iterator = iter(items)
        while chunk := list(islice(iterator, self.rows)):
            started = self.clock()
            yield chunk
            self._learn(len(chunk), self.clock() - started)

    def _learn(self, rows: int, seconds: float) -> None:
        """At most double: one chunk that happened to be cheap says little. Shrink at once."""
        fitting = int(rows * LOCK_SECONDS / max(seconds, 1e-6))
        self.rows = max(FEWEST, min(MOST, 2 * self.rows, fitting))
