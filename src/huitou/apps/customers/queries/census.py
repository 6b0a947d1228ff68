"""Counts over all living persons, for the data page and its daily snapshot. Reads every file once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db.models import Count, Q, Sum

from huitou.apps.base.secrets import keyring
from huitou.apps.customers.models import Person, PersonFacts
from huitou.apps.customers.profiles import profile_open
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS
from huitou.core.value.lifecycle import DORMANT_DAYS

_CHUNK = 10_000


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
    ring = keyring()
    filled = dict.fromkeys(COMPLETENESS_WEIGHTS, 0)
    ids: list[int] = []
    hashes: list[int] = []
    living = Person.objects.filter(is_live=True)
    for person_id, sealed, store_id in living.values_list("id", "profile", "home_store_id").iterator(chunk_size=_CHUNK):
        values = profile_open(ring, person_id, sealed)
        for name in filled:
            filled[name] += (store_id is not None) if name == "store" else (name in values)
        if "name" in values and "birthday" in values:
            ids.append(person_id)
            hashes.append(ring.hash("look alike", f"{values['name']['value']}|{values['birthday']['value']}"))
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


def _groups(ids: list[int], hashes: list[int]) -> tuple[tuple[int, ...], ...]:
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
