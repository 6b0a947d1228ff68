"""
Who matches a rule, for one viewer, at the version readers see.

The analytical store answers from arrays, the operations database the rest; what the latter said is kept for a short time.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from huitou.apps.base.filters import leaf_ids, step_q
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.customers.queries import ids_gone, persons_in_reach
from huitou.apps.segments.catalogue import CHAIN_VIEWER, segment_catalogue
from huitou.core.filters.catalogue import Catalogue, Field, FieldType
from huitou.core.filters.plan import AllOf, AnyOf, Compare, Comparison, Happened, Leaf, Negated, Step, leaves, plan
from huitou.core.filters.tree import Node
from huitou.core.labels import Label
from huitou.warehouse.panel import Ints, is_answered
from huitou.warehouse.population import Population, Populations, Selection
from huitou.warehouse.reader import Reading

Made = TypeVar("Made")
KEPT_SECONDS = 30  # what the operations database said; the micro-batch comes as often
KEPT_COUNTS = 2_000
_READ_ROWS = 50_000
_HOME = Field("home_store", Label("归属门店", "home store"), FieldType.REFERENCE, orm_path="home_store_id")


@dataclass(frozen=True, slots=True)
class Count:
    """How many match, and of how many that the viewer sees."""

    persons: int
    everybody: int


@dataclass(frozen=True, slots=True)
class People:
    """What the operations database is asked. `tick` is part of every key, so that answers grow old."""

    tick: int

    def key(self, leaf: Leaf) -> Hashable:
        if isinstance(leaf, Compare):
            return (self.tick, leaf.field.orm_path, leaf.field.rows, leaf.comparison, leaf.values)
        return (self.tick, leaf.event.rows, leaf.low, leaf.high, leaf.first, leaf.end, leaf.among)

    def ids(self, leaf: Leaf) -> Ints:
        """Return the living persons that the question is true for, rising. Raises ValueError on one without a place."""
        living = persons_in_reach(CHAIN_VIEWER)
        found = leaf_ids(leaf, living.model)
        if found is None:
            return np.sort(_read(living.filter(step_q(leaf)).values_list("pk", flat=True)))
        return np.setdiff1d(_read(found), _gone(Path(settings.HUITOU_DATA_DIR), self.tick))


def _read(ids: QuerySet[Any]) -> Ints:
    return np.fromiter(ids.iterator(chunk_size=_READ_ROWS), dtype=np.int64)


@lru_cache(maxsize=4)
def _gone(_home: Path, _tick: int) -> Ints:
    """Return who lives no more (merged into another, erased): to look at each of the living would cost more."""
    return _read(ids_gone())


@dataclass(frozen=True, slots=True)
class Counting:
    """One reading of the store for one viewer; use it inside `counting` only."""

    reading: Reading
    catalogue: Catalogue
    population: Population
    people: People
    reach: Step  # whom the viewer sees
    counts: "_Counts"

    def step(self, node: Node) -> Step:
        return plan(node, self.catalogue, as_of=self.reading.as_of)

    def matching(self, step: Step) -> Selection:
        """Return who in reach matches."""
        return self.population.select(self.reading.cursor, AllOf((self.reach, step)), self.people)

    def count(self, node: Node) -> Count:
        """Return how many in reach match; the same question at the same version is answered from memory."""
        step = self.step(node)
        asked = (*leaves(self.reach), *leaves(step))
        tick = None if all(is_answered(leaf) for leaf in asked) else self.people.tick
        key = (self.reading.version, tick, _shape(self.reach), _shape(step))
        return self.counts.answer(key, lambda: Count(self.matching(step).count, self.matching(AllOf(())).count))


@contextmanager
def counting(viewer: Viewer, *, now: datetime) -> Iterator[Counting]:
    """Read the published version for a viewer. Raises NothingPublished before the first build."""
    desk = desk_here()
    people = People(int(now.timestamp() // KEPT_SECONDS))
    with warehouse().read() as reading:
        yield Counting(reading, segment_catalogue(viewer), desk.populations.at(reading), people, reach_step(viewer), desk.counts)


def desk_here() -> "Desk":
    """Return what this process keeps of this installation."""
    return _desk(Path(settings.HUITOU_DATA_DIR))


def reach_step(viewer: Viewer) -> Step:
    """Return whom a viewer sees, as the customer list: by home store; nobody where there is no store."""
    if viewer.store_ids is None:
        return AllOf(())
    if not viewer.store_ids:
        return AnyOf(())
    return Compare(_HOME, Comparison.IN, tuple(sorted(viewer.store_ids)))


@dataclass(slots=True)
class _Counts:
    """The newest counts of this process."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _kept: "OrderedDict[Hashable, Count]" = field(default_factory=OrderedDict)

    def answer(self, key: Hashable, make: Callable[[], Count]) -> Count:
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None:
            return kept
        made = make()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT_COUNTS:
                self._kept.popitem(last=False)
        return made


@dataclass(slots=True)
class Desk:
    """What one process keeps of one installation."""

    populations: Populations = field(default_factory=Populations)
    counts: _Counts = field(default_factory=_Counts)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _warmed: int | None = None

    def begins(self, version: int) -> bool:
        """Say whether nobody has warmed this version yet; the one who is told so does it."""
        with self._lock:
            is_new, self._warmed = self._warmed != version, version
        return is_new


@lru_cache(maxsize=2)
def _desk(root: Path) -> Desk:
    return Desk()


def _shape(step: Step) -> Hashable:
    """Return the plan without the descriptions of its fields: equal for equal questions, quick to compare."""
    match step:
        case Compare(asked, comparison, values):
            return (asked.name, asked.orm_path, asked.sql_column, comparison, values)
        case AllOf(steps) | AnyOf(steps):
            return (type(step).__name__, *[_shape(one) for one in steps])
        case Negated(inner):
            return ("not", _shape(inner))
        case Happened(event, measure, low, high, first, end, among):
            return (event.name, measure, low, high, first, end, among)
