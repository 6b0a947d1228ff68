"""Counts over all living persons, for the data page and its daily snapshot. They stand beside each file: none is opened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain

import numpy as np
import numpy.typing as npt
from django.db import transaction
from django.db.models import Count, Q, Sum

from huitou.apps.base.hooks import HoldingsChanged, Hook, run
from huitou.apps.base.pace import Pace
from huitou.apps.base.scope import Viewer
from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import file_marks, profile_open
from huitou.apps.customers.queries.person import persons_in_reach
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, fields_of_bits, filled_bits
from huitou.core.periods import Period, day_start
from huitou.core.value.lifecycle import DORMANT_DAYS

_CHUNK = 10_000
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PersonCensus:
    """
    persons: living ones. filled: how many of them have each key field. completeness_sum: of their shares. multi_source: with
    records of two or more sources. look_alikes: groups of persons with the same full name and birthday.
    """

    persons: int
    filled: Mapping[str, int]
    completeness_sum: float
    multi_source: int
    look_alikes: tuple[tuple[int, ...], ...]


def person_census() -> PersonCensus:
    """Return the counts; a chain without persons gives zeros."""
    living = Person.objects.filter(is_live=True)
    _missing_count()
    filled = dict.fromkeys(COMPLETENESS_WEIGHTS, 0)
    for bits, count in living.order_by().values_list("filled_bits").annotate(count=Count("pk")):
        for name in fields_of_bits(bits or 0):
            filled[name] += count
    filled["store"] = living.exclude(home_store_id=None).count()
    alike = living.exclude(look_alike_hash=None).order_by().values_list("pk", "look_alike_hash")
    ids, hashes = zip(*alike.iterator(chunk_size=_CHUNK), strict=True) if alike.exists() else ((), ())
    sums = living.aggregate(
        persons=Count("pk"), completeness=Sum("completeness_share"), sources=Count("pk", Q(source_count__gte=2))
    )
    return PersonCensus(
        persons=sums["persons"],
        filled=filled,
        completeness_sum=sums["completeness"] or 0.0,
        multi_source=sums["sources"],
        look_alikes=_groups(ids, hashes),
    )


def persons_filled() -> tuple[Ints, Ints]:
    """Return the living persons, ascending, and what each one's file fills (`completeness.filled_bits`, the home store, too)."""
    rows = Person.objects.filter(is_live=True).order_by("pk").values_list("pk", "filled_bits", "home_store_id")
    store = filled_bits(["store"])
    told = ((pk, (bits or 0) | (store if home is not None else 0)) for pk, bits, home in rows.iterator(chunk_size=_CHUNK))
    both = np.fromiter(chain.from_iterable(told), np.int64).reshape(-1, 2)  # a list of pairs takes six times the memory
    return both[:, 0], both[:, 1]


def _missing_count() -> None:
    """Count files written by an older release, once."""
    ring = keyring()
    old = Person.objects.filter(is_live=True, filled_bits=None).order_by("pk")
    while block := list(old.values_list("pk", "profile")[:_CHUNK]):
        for part in Pace().cut(block):
            rows = []
            for pk, sealed in part:
                bits, alike, home = file_marks(ring, profile_open(ring, pk, sealed))
                rows.append(Person(pk=pk, filled_bits=bits, look_alike_hash=alike, home_hash=home))
            with transaction.atomic():
                Person.objects.bulk_update(rows, ["filled_bits", "look_alike_hash", "home_hash"], batch_size=500)
                homes = frozenset(row.home_hash for row in rows if row.home_hash is not None)
                run(Hook.HOLDINGS_CHANGED, HoldingsChanged(homes))


def _groups(ids: Sequence[int], hashes: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Return the ids that share a hash, groups of two and more."""
    if not ids:
        return ()
    keys = np.array(hashes, dtype=np.int64)
    order = np.argsort(keys, kind="stable")
    people = np.array(ids, dtype=np.int64)[order]
    starts = np.flatnonzero(np.diff(keys[order])) + 1
    return tuple(tuple(group.tolist()) for group in np.split(people, starts) if group.size > 1)


@dataclass(frozen=True, slots=True)
class DormancyCount:
    """Members with at least one order, and those of them who are dormant."""

    buyers: int
    dormant: int


def dormancy_count(*, as_of: date) -> DormancyCount:
    """Count by R2: the last purchase lies 90 days or more before as_of."""
    buyers = PersonFacts.objects.filter(person__is_live=True, person__is_member=True, orders_count__gte=1)
    last = as_of - timedelta(days=DORMANT_DAYS)
    found = buyers.aggregate(buyers=Count("pk"), dormant=Count("pk", Q(last_date__lte=last)))
    return DormancyCount(**found)


def new_members_count(viewer: Viewer, period: Period) -> int:
    """Return how many members the viewer reaches who registered on a day of the period."""
    registered = persons_in_reach(viewer).filter(
        is_member=True, registered_at__gte=day_start(period.start), registered_at__lt=day_start(period.end)
    )
    return registered.count()


def reach_count(viewer: Viewer) -> int:
    """Return how many living persons the viewer reaches."""
    return persons_in_reach(viewer).count()
