"""
Whose data a piece of work showed: reads note the persons, whoever answers a request writes them into the access log.

Outside a `collecting` block a note has no effect: jobs and commands show nobody anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_seen: ContextVar[set[int] | None] = ContextVar("persons seen", default=None)


def note(person_id: int) -> None:
    """Remember that this person's data goes to the viewer of the running request."""
    seen = _seen.get()
    if seen is not None:
        seen.add(person_id)


@contextmanager
def collecting() -> Iterator[set[int]]:
    """Collect the notes of the block; the set is filled while it runs."""
    seen: set[int] = set()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)
