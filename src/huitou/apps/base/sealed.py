"""
The encrypted columns of all apps, so that their values can be sealed anew after a change of keys.

Each app registers its columns with the function that names a value's context; a test finds a column that nobody registered.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from huitou.apps.base.secrets import keyring
from huitou.core.crypto import DecryptError, Keyring

LOCK_SECONDS = 0.06  # of one transaction: others write meanwhile
FEWEST, MOST = 100, 5_000


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """One encrypted column; `context(*values of fields)` gives what a value was sealed with."""

    model: type[models.Model]
    column: str
    fields: tuple[str, ...]
    context: Callable[..., str]

    @property
    def name(self) -> str:
        return f"{self.model._meta.label}.{self.column}"


@dataclass(slots=True)
class Resealed:
    """What one column held: values, those sealed anew, and primary keys of values that no key opens."""

    column: str
    values: int = 0
    renewed: int = 0
    unreadable: list[Any] | None = None


_columns: dict[str, SealedColumn] = {}


def register(model: type[models.Model], column: str, *, fields: tuple[str, ...], context: Callable[..., str]) -> None:
    """Add a column once; call it from the app's `AppConfig.ready`."""
    one = SealedColumn(model, column, fields, context)
    _columns[one.name] = one


def sealed_columns() -> list[SealedColumn]:
    """Return the registered columns by name."""
    return [_columns[name] for name in sorted(_columns)]


def reseal(column: SealedColumn, *, progress: Callable[[int], None]) -> Resealed:
    """
    Seal every value of the column that an older key sealed under the current one; run again it finds none.

    Short transactions; a value that somebody changes meanwhile is theirs, and is sealed under the current key anyway.
    Values that no key opens are left and named.
    """
    ring, found, size = keyring(), Resealed(column.name, unreadable=[]), FEWEST
    chunk: list[tuple[Any, bytes, bytes]] = []
    for row in _rows(column):
        found.values += 1
        sealed = bytes(row[1])
        if sealed[0] == ring.current:
            continue
        try:
            chunk.append((row[0], sealed, _sealed_anew(ring, sealed, column.context(*row[2:]))))
        except DecryptError:
            found.unreadable = [*(found.unreadable or ()), row[0]]
        if len(chunk) >= size:
            size = _write(column, chunk, size)
            found.renewed += len(chunk)
            chunk = []
            progress(found.renewed)
    if chunk:
        _write(column, chunk, size)
        found.renewed += len(chunk)
    return found


def _rows(column: SealedColumn) -> Iterator[tuple[Any, ...]]:
    rows = column.model._default_manager.exclude(**{column.column: None}).order_by("pk")
    last: Any = None
    while True:  # pages by key: a cursor would hold a read open over the whole table
        page = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", column.column, *column.fields)[:MOST])
        if not page:
            return
        yield from page
        last = page[-1][0]


def _sealed_anew(ring: Keyring, sealed: bytes, context: str) -> bytes:
    return ring.encrypt(ring.decrypt(sealed, context=context), context=context)


def _write(column: SealedColumn, chunk: list[tuple[Any, bytes, bytes]], size: int) -> int:
    """Write a chunk where the old value still stands; return how large the next may be."""
    started = time.monotonic()
    with transaction.atomic():
        for pk, old, new in chunk:
            column.model._default_manager.filter(pk=pk, **{column.column: old}).update(**{column.column: new})
    fitting = int(len(chunk) * LOCK_SECONDS / max(time.monotonic() - started, 1e-6))
    return max(FEWEST, min(MOST, 2 * size, fitting))
