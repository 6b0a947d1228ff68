"""
One at a time on SQLite's test database.

It lies in memory and has a single connection, which the server of a browser test shares with the test. A page that asks for news
while the test publishes facts would keep a table from being dropped ("database table is locked"), and a request would write into
the test's transaction. An installation has a file, and each thread a connection of its own.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.db import connection

_TURN = threading.RLock()


@contextmanager
def alone() -> Iterator[None]:
    """Inside, no other thread answers a request or does a test's work; on a server's database everybody goes on."""
    if connection.vendor != "sqlite":
        yield
        return
    with _TURN:
        yield


def in_turn(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, done alone."""

    @wraps(function)
    def done_alone(*args: Any, **kwargs: Any) -> Any:
        with alone():
            return function(*args, **kwargs)

    return done_alone
