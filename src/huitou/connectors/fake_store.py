"""How the stores behind the fakes are written: SQLite files, quickly."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

_ROWS_PER_TRANSACTION = 20_000


def writer(path: Path) -> sqlite3.Connection:
    """Open a store for writing."""
    connection = sqlite3.connect(path, timeout=20)
    connection.execute("pragma synchronous = off")  # a fake's data may be lost with the power; writing it must be quick
    return connection


def rows_put(path: Path, statement: str, rows: Iterable[Sequence[Any]]) -> int:
    """Run one INSERT for every row, in transactions of bounded size; return how many rows there were."""
    written = 0
    remaining = iter(rows)
    with closing(writer(path)) as connection:
        while chunk := list(islice(remaining, _ROWS_PER_TRANSACTION)):
            connection.executemany(statement, chunk)
            connection.commit()
            written += len(chunk)
    return written
