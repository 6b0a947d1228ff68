"""What differs between the database servers that a table is read from."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

CODE = "database"
SECONDS = 20  # to connect, and for one statement


class Rows(Protocol):
    """An open connection."""

    def __call__(self, statement: str, values: Sequence[Any]) -> list[dict[str, Any]]:
        """Run one SELECT with a %s for each value."""
        ...


Open = Callable[[str], AbstractContextManager[Rows]]


@dataclass(frozen=True, slots=True)
class Dialect:
    """quote: what stands around a name and is doubled in it; open: see `postgres_open`."""

    quote: str
    open: Open

    def name(self, *parts: str) -> str:
        """Return a name as a statement has it: nothing in it is read as SQL or as the place of a value."""
        return ".".join(self.quote + part.replace(self.quote, self.quote * 2).replace("%", "%%") + self.quote for part in parts)


def first_line(error: object) -> str:
    """Return what a server's message says first; the lines below it may repeat the statement."""
    return str(error).strip().split("\n", 1)[0]
