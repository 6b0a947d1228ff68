"""
Persons side by side: columns of facts and streams of purchases as arrays, so that a segment is counted in milliseconds.

An array is loaded by SQL when something first asks for it and kept up to a budget, oldest use out first. A part never
changes: the base's serves the whole day, the tail's its one version.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import date

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.core.filters.catalogue import FieldType
from huitou.core.filters.plan import Compare, Comparison, Happened, Leaf
from huitou.core.filters.sets import Flags
from huitou.core.filters.tree import Measure, Scalar
from huitou.warehouse.facts_schema import FACTS
from huitou.warehouse.purchases import purchases_sql

Ints = npt.NDArray[np.int64]
Ordinals = npt.NDArray[np.int32]

PART_BYTES = 400_000_000
MISSING = np.iinfo(np.int64).min
NOBODY = -1
_EPOCH = date(1970, 1, 1)
_DATES = frozenset(fact.name for fact in FACTS if fact.type == "date")
_COLUMNS = frozenset(fact.name for fact in FACTS)
_TYPES = frozenset((FieldType.INTEGER, FieldType.FEN, FieldType.REFERENCE, FieldType.DATE, FieldType.DAYS_AGO))
_COUNTED = frozenset((Measure.TIMES, Measure.DAYS))
_MORE: dict[Comparison, Callable[[Ints, int], Flags]] = {
    Comparison.EQ: lambda column, value: column == value,
    Comparison.LT: lambda column, value: (column < value) & (column != MISSING),
    Comparison.LTE: lambda column, value: (column <= value) & (column != MISSING),
    Comparison.GT: lambda column, value: column > value,
    Comparison.GTE: lambda column, value: column >= value,
}


def is_answered(leaf: Leaf) -> bool:
    """Say whether a panel can answer the question; the others are asked of the operations database."""
    if isinstance(leaf, Happened):
        return leaf.event.rows is None
    return leaf.field.sql_column in _COLUMNS and leaf.field.type in _TYPES


@dataclass(frozen=True, slots=True)
class Source:
    """
    Where a part reads: the table of facts, the schema in which orders, order_category, lines and map are found, and the
    SELECT of record_id and person_id of its persons in that schema. is_whole: these are all records of the schema.
    """

    facts: str
    schema: str
    records: str
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Stream:
    """Purchases in order of day, one entry each; `amounts` only where the measure sums something up."""

    ordinals: Ordinals
    days: Ordinals  # since 1970
    amounts: Ints | None

    @property
    def nbytes(self) -> int:
        return self.ordinals.nbytes + self.days.nbytes + (0 if self.amounts is None else self.amounts.nbytes)


class Part:
    """The persons of one table of facts, in rising id. Threads may share it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, source: Source, *, budget: int = PART_BYTES) -> None:
        self._source = source
        self._budget = budget
        self._lock = threading.RLock()
        self._kept: OrderedDict[Hashable, Ints | Stream | npt.NDArray[np.uint8]] = OrderedDict()
        self._bytes = 0
        self.person_ids: Ints = np.sort(_column(cursor, f"select person_id from {source.facts}"))
        self._owners = self._read_owners(cursor)

    @property
    def size(self) -> int:
        return int(self.person_ids.size)

    @property
    def nbytes(self) -> int:
        """Return what is kept now, without the persons and records themselves."""
        return self._bytes

    def flags(self, cursor: duckdb.DuckDBPyConnection, leaf: Leaf) -> Flags:
        """Return whom the question is true for. Raises ValueError on a question that `is_answered` denies."""
        if not is_answered(leaf):
            raise ValueError(f"a panel cannot answer {leaf}")
        if isinstance(leaf, Compare):
            return self._once(_key(leaf), lambda: self._compared(cursor, leaf))
        return self._once(_key(leaf), lambda: self._happened(cursor, leaf))

    def told(self, key: Hashable, ids: Callable[[], Ints]) -> Flags:
        """Return who is among the ids that somebody else found; kept under the key."""
        return self._once(("told", key), lambda: self.members(ids()))

    def _once(self, key: Hashable, make: Callable[[], Flags]) -> Flags:
        with self._lock:
            kept = self._found(key)
            if kept is None:
                flags = make()
                self._keep(key, np.packbits(flags))
                return flags
        assert isinstance(kept, np.ndarray)
        return np.unpackbits(kept.view(np.uint8), count=self.size).view(np.bool_)

    def column(self, cursor: duckdb.DuckDBPyConnection, name: str) -> Ints:
        """Return a column of facts, shape (size,), days since 1970 for dates, MISSING where there is no value."""
        with self._lock:
            kept = self._found(name)
            if kept is None:
                kept = self._read_column(cursor, name)
                self._keep(name, kept)
        assert isinstance(kept, np.ndarray)
        return kept.view(np.int64)

    def members(self, person_ids: Ints) -> Flags:
        """Return who is among these ids; ids that are not in this part are left out."""
        places = np.searchsorted(self.person_ids, person_ids)
        places[places == self.size] = 0
        flags = np.zeros(self.size, dtype=np.bool_)
        if self.size:
            flags[places[self.person_ids[places] == person_ids]] = True
        return flags

    def _compared(self, cursor: duckdb.DuckDBPyConnection, leaf: Compare) -> Flags:
        column = self.column(cursor, leaf.field.sql_column)
        values = [_number(value) for value in leaf.values]
        match leaf.comparison:
            case Comparison.PRESENT:
                return np.asarray(column != MISSING)
            case Comparison.IN:
                return np.isin(column, np.array(values, dtype=np.int64))
            case other:
                return _MORE[other](column, values[0])

    def _happened(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Flags:
        """No bound of a plan includes 0, so persons without a purchase need no look."""
        stream = self._stream(cursor, leaf)
        start = 0 if leaf.first is None else int(np.searchsorted(stream.days, _number(leaf.first)))
        stop = None if leaf.end is None else int(np.searchsorted(stream.days, _number(leaf.end)))
        ordinals = stream.ordinals[start:stop]
        if stream.amounts is None and leaf.low == 1 and leaf.high is None:
            flags = np.zeros(self.size, dtype=np.bool_)
            flags[ordinals] = True
            return flags
        weights = None if stream.amounts is None else stream.amounts[start:stop]
        sums = np.bincount(ordinals, weights=weights, minlength=self.size)  # floats are exact here: whole fen below 2**53
        flags = np.ones(self.size, dtype=np.bool_)
        if leaf.low is not None:
            flags &= sums >= leaf.low
        if leaf.high is not None:
            flags &= sums <= leaf.high
        return flags

    def _stream(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Stream:
        key = ("stream", leaf.measure, leaf.among)
        stream = self._found(key)
        if stream is None:
            stream = self._read_stream(cursor, leaf)
            self._keep(key, stream)
        assert isinstance(stream, Stream)
        return stream

    def _read_owners(self, cursor: duckdb.DuckDBPyConnection) -> Ordinals:
        """Return the person of every record by its id, NOBODY where it has none; record ids are given out without gaps."""
        with _inside(cursor, self._source.schema) as own:
            found = own.execute(f"select record_id, person_id from ({self._source.records}) order by 2").fetchnumpy()
        records, persons = np.asarray(found["record_id"], np.int64), np.asarray(found["person_id"], np.int64)
        owners = np.full(int(records.max()) + 1 if records.size else 0, NOBODY, np.int32)
        owners[records] = np.searchsorted(self.person_ids, persons)
        return owners

    def _read_column(self, cursor: duckdb.DuckDBPyConnection, name: str) -> Ints:
        if name not in _COLUMNS:
            raise ValueError(f"no column of facts: {name}")
        value = f"({name} - date '1970-01-01')" if name in _DATES else name
        sql = f"select person_id, coalesce({value}::bigint, {MISSING + 1} - 1) as value from {self._source.facts}"
        found = cursor.execute(sql).fetchnumpy()
        persons, values = np.asarray(found["person_id"], np.int64), np.asarray(found["value"], np.int64)
        return values if np.array_equal(persons, self.person_ids) else values[np.argsort(persons)]

    def _read_stream(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Stream:
        rows, parameters = purchases_sql(replace(leaf, first=None, end=None))
        amount = {Measure.NET: "e.net_fen", Measure.ITEMS: "e.items_milli"}.get(leaf.measure)
        told = "" if amount is None else f", {amount}::bigint as amount"
        where = "true" if amount else "e.net_fen > 0"
        if not self._source.is_whole:
            where += f" and e.record_id in (select record_id from ({self._source.records}))"
        sql = f"select e.record_id, (e.d - date '1970-01-01')::integer as d{told} from ({rows}) as e where {where}"
        with _inside(cursor, self._source.schema) as own:
            found = own.execute(sql, parameters).fetchnumpy()
        ordinals, owned = self._owned(np.asarray(found["record_id"], np.int64))
        days = np.asarray(found["d"], np.int32)[owned]
        amounts = None if amount is None else np.asarray(found["amount"], np.int64)[owned]
        if leaf.measure is Measure.DAYS and ordinals.size:
            once = np.unique(days.astype(np.int64) << 32 | ordinals)
            return Stream((once & 0xFFFFFFFF).astype(np.int32), (once >> 32).astype(np.int32), None)
        if np.any(days[1:] < days[:-1]):
            order = np.argsort(days, kind="stable")
            ordinals, days = ordinals[order], days[order]
            amounts = None if amounts is None else amounts[order]
        return Stream(ordinals, days, amounts)

    def _owned(self, records: Ints) -> tuple[Ordinals, Flags]:
        """Return the persons of the records that have one, and which these are."""
        known = records < self._owners.size
        ordinals = self._owners[np.where(known, records, 0)] if self._owners.size else np.full(records.size, NOBODY, np.int32)
        owned: Flags = known & (ordinals != NOBODY)
        return ordinals[owned], owned

    def _found(self, key: Hashable) -> "Ints | Stream | npt.NDArray[np.uint8] | None":
        kept = self._kept.get(key)
        if kept is not None:
            self._kept.move_to_end(key)
        return kept

    def _keep(self, key: Hashable, value: "Ints | Stream | npt.NDArray[np.uint8]") -> None:
        self._kept[key] = value
        self._bytes += value.nbytes
        while self._bytes > self._budget and len(self._kept) > 1:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= dropped.nbytes


class _inside:  # noqa: N801  reads as a verb where it is used
    """A cursor of its own whose unqualified tables are those of the schema."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, schema: str) -> None:
        self._own = cursor.cursor()
        self._own.execute(f"set schema = '{schema}'")

    def __enter__(self) -> duckdb.DuckDBPyConnection:
        return self._own

    def __exit__(self, *_error: object) -> None:
        self._own.close()


def _column(cursor: duckdb.DuckDBPyConnection, sql: str) -> Ints:
    return np.asarray(next(iter(cursor.execute(sql).fetchnumpy().values())), dtype=np.int64)


def _number(value: Scalar) -> int:
    return (value - _EPOCH).days if isinstance(value, date) else int(value)


def _key(leaf: Leaf) -> Hashable:
    if isinstance(leaf, Compare):
        return ("compare", leaf.field.sql_column, leaf.comparison, leaf.values)
    return ("happened", leaf.measure, leaf.low, leaf.high, leaf.first, leaf.end, leaf.among)
