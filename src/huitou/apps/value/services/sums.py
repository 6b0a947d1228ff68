"""Persons and revenue by scheme, tier and store: what the value page shows without counting a million rows."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
from django.db import transaction

from huitou.apps.value import stored
from huitou.apps.value.models import TierSum
from huitou.apps.value.services.write import Differences

Key = tuple[int, int | None, str]
"""Scheme id, store id (None: no store), tier code (empty: in none)."""


@transaction.atomic
def sums_replace(diff: Differences) -> None:
    """Write the sums of a full run in the place of the old ones."""
    persons, net = _sums(diff, diff.new, np.ones(diff.person_ids.size, dtype=np.bool_))
    TierSum.objects.all().delete()
    TierSum.objects.bulk_create(_row(key, persons[key], net[key]) for key in sorted(persons, key=str))


@transaction.atomic
def sums_move(diff: Differences) -> None:
    """Take the changed and the gone persons of a touched run out of where they stood, and put them where they stand."""
    come, come_net = _sums(diff, diff.new, diff.changed)
    went, went_net = _sums(diff, diff.old, diff.changed & diff.known)
    for key, count in _of_rows(diff, diff.gone_rows.columns, len(diff.gone)):
        went[key] += count[0]
        went_net[key] += count[1]
    for key in sorted({*come, *went}, key=str):
        persons, net = come[key] - went[key], come_net[key] - went_net[key]
        if persons or net:
            scheme_id, store_id, code = key
            row = TierSum.objects.filter(scheme_id=scheme_id, store_id=store_id, tier_code=code).first()
            if row is None:
                row = _row(key, 0, 0)
            row.persons += persons
            row.net_fen += net
            row.save()


def _sums(diff: Differences, columns: dict[str, stored.Column], wanted: np.ndarray) -> tuple[Counter[Key], Counter[Key]]:
    """Return persons and net revenue by key, of the wanted rows."""
    picked = {name: columns[name][wanted] for name in ("store_id", "net_365d_fen", *(one.column for one in diff.schemes))}
    persons: Counter[Key] = Counter()
    net: Counter[Key] = Counter()
    for key, (count, fen) in _of_rows(diff, picked, int(wanted.sum())):
        persons[key] += count
        net[key] += fen
    return persons, net


def _of_rows(diff: Differences, columns: dict[str, stored.Column], size: int) -> Iterator[tuple[Key, tuple[int, int]]]:
    if not size:
        return
    stores = _numbers(columns["store_id"], missing=-1)
    revenue = _numbers(columns["net_365d_fen"], missing=0)
    store_values, store_of = np.unique(stores, return_inverse=True)
    for one in diff.schemes:
        codes = one.scheme.codes
        places = stored.place_of(columns[one.column], codes).astype(np.int64) + 1
        cell = store_of.reshape(-1) * (len(codes) + 1) + places
        cells = store_values.size * (len(codes) + 1)
        counts = np.bincount(cell, minlength=cells)
        sums = np.zeros(cells, dtype=np.int64)
        np.add.at(sums, cell, revenue)
        for index in np.flatnonzero(counts):
            store, place = divmod(int(index), len(codes) + 1)
            store_id = int(store_values[store])
            key = (one.scheme_id, None if store_id == -1 else store_id, codes[place - 1] if place else "")
            yield key, (int(counts[index]), int(sums[index]))


def _numbers(column: stored.Column, *, missing: int) -> np.ndarray:
    numbers = column.copy()
    numbers[numbers == np.array(None)] = missing
    return numbers.astype(np.int64)


def _row(key: Key, persons: int, net_fen: int) -> TierSum:
    scheme_id, store_id, code = key
    return TierSum(scheme_id=scheme_id, store_id=store_id, tier_code=code, persons=persons, net_fen=net_fen)
