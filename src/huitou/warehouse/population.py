"""
All persons of one version: the base's, and apart from them those the tail touched, whose rows are in neither complete.

Nobody is in both: a touched person counts by the tail alone, one that the tail emptied not at all.
"""

import threading
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Protocol

import duckdb
import numpy as np

from huitou.core.filters.plan import Happened, Leaf, Step
from huitou.core.filters.sets import Flags, combined
from huitou.warehouse.attach import base_alias, tail_alias
from huitou.warehouse.panel import Ints, Part, Source, is_answered
from huitou.warehouse.reader import Reading
from huitou.warehouse.tail_panel import TailPart


class Outside(Protocol):
    """Answers what the analytical store does not know."""

    def key(self, leaf: Leaf) -> Hashable:
        """Return what the answer may be kept under."""

    def ids(self, leaf: Leaf) -> Ints:
        """Return the persons that the question is true for, rising; others than the store's may be among them."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Persons of a population; sets of one population combine by & | ~."""

    population: "Population"
    base: Flags
    tail: Flags

    @property
    def count(self) -> int:
        return int(np.count_nonzero(self.base)) + int(np.count_nonzero(self.tail))

    def has(self, person_id: int) -> bool:
        """Return whether one person is among them."""
        one = self.population.chosen(np.array([person_id], dtype=np.int64))
        return (self & one).count == 1

    def ids(self) -> Ints:
        """Return the person ids, rising."""
        found = np.concatenate((self.population.base.person_ids[self.base], self.population.tail_ids[self.tail]))
        found.sort()
        return found

    def __and__(self, other: "Selection") -> "Selection":
        return Selection(self.population, self.base & other.base, self.tail & other.tail)

    def __or__(self, other: "Selection") -> "Selection":
        return Selection(self.population, self.base | other.base, self.tail | other.tail)

    def __invert__(self) -> "Selection":
        return self.population.everybody() & Selection(self.population, ~self.base, ~self.tail)


@dataclass(frozen=True, slots=True)
class Population:
    """The persons of the version that was read; ask it only with a cursor on that version."""

    base: Part
    tail: Part | None
    untouched: Flags | None  # of the base; None: all

    @property
    def tail_ids(self) -> Ints:
        return np.empty(0, np.int64) if self.tail is None else self.tail.person_ids

    def everybody(self) -> Selection:
        base = np.ones(self.base.size, np.bool_) if self.untouched is None else self.untouched
        return Selection(self, base, np.ones(self.tail_ids.size, np.bool_))

    def select(self, cursor: duckdb.DuckDBPyConnection, step: Step, outside: Outside) -> Selection:
        """Return who matches a plan. outside is asked what the analytical store does not know."""
        base = _matching(self.base, cursor, step, outside)
        if self.untouched is not None:
            base &= self.untouched
        tail = np.empty(0, np.bool_) if self.tail is None else _matching(self.tail, cursor, step, outside)
        return Selection(self, base, tail)

    def chosen(self, person_ids: Ints) -> Selection:
        """Return these persons, as far as the version has them; ids rising."""
        base = self.base.members(person_ids)
        if self.untouched is not None:
            base &= self.untouched
        return Selection(self, base, np.empty(0, np.bool_) if self.tail is None else self.tail.members(person_ids))

    def load(self, cursor: duckdb.DuckDBPyConnection, leaf: Leaf) -> None:
        """Read what a question of the analytical store needs, before somebody asks it."""
        self.base.load(cursor, leaf)
        if self.tail is not None:
            self.tail.load(cursor, leaf)

    def column(self, cursor: duckdb.DuckDBPyConnection, name: str, selection: Selection) -> Ints:
        """Return a column of facts of the selected, in no useful order (panel.MISSING: no value)."""
        base = self.base.column(cursor, name)[selection.base]
        return base if self.tail is None else np.concatenate((base, self.tail.column(cursor, name)[selection.tail]))


def _matching(part: Part, cursor: duckdb.DuckDBPyConnection, step: Step, outside: Outside) -> Flags:
    def answer(leaf: Leaf) -> Flags:
        return part.flags(cursor, leaf) if is_answered(leaf) else part.told(outside.key(leaf), lambda: outside.ids(leaf))

    return combined(step, answer, part.size)


@dataclass(slots=True)
class Populations:
    """The newest population of a process; the base's arrays outlive the versions that stand on it."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _base: tuple[int, Part] | None = None
    _newest: tuple[int, Population] | None = None
    _former: tuple[Happened, ...] = ()

    @property
    def former(self) -> tuple[Happened, ...]:
        """Return the purchases that were asked for on the base before this one."""
        return self._former

    def at(self, reading: Reading) -> Population:
        """Return the population of the version that is read, made when it is not there yet."""
        version = reading.version
        with self._lock:
            if self._newest is not None and self._newest[0] == version.number:
                return self._newest[1]
            if self._base is None or self._base[0] != version.base:
                self._former = self._base[1].asked if self._base is not None else ()
                base = base_alias(version)
                source = Source(f"{base}.facts", f"{base}.main", "select record_id, person_id from map")
                self._base = (version.base, Part(reading.cursor, source))
            population = _population(reading, self._base[1])
            self._newest = (version.number, population)
            return population


def _population(reading: Reading, base: Part) -> Population:
    alias = tail_alias(reading.version)
    if alias is None:
        return Population(base, None, None)
    touched = np.asarray(
        reading.cursor.execute(f"select person_id from {alias}.touched_person order by 1").fetchnumpy()["person_id"], np.int64
    )
    records = f"select record_id, person_id from map where person_id in (select person_id from {alias}.touched_person)"
    source = Source(f"{alias}.t_facts", f"memory.v{reading.version.number}", records)
    tail = TailPart(reading.cursor, source, base=base, tail_alias=alias, base_alias=base_alias(reading.version))
    return Population(base, tail, ~base.members(touched))
