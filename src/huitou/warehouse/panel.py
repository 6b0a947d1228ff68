"""
Persons side by side: columns of facts and streams of purchases as arrays, so that a segment is counted in milliseconds.

An array is loaded by SQL when something first asks for it and kept up to a budget, oldest use out first. A part never
changes: the base's serves the whole day, the tail's its one version.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from huitou.core.distinct import distinct
from huitou.core.filters.catalogue import FieldType
from huitou.core.filters.plan import Compare, Comparison, Happened, Leaf
from huitou.core.filters.sets import Flags
from huitou.core.filters.tree import Measure, Scalar
from huitou.warehouse.facts_schema import FACTS
from huitou.warehouse.purchases import WHOLE, purchases_sql

Ints = npt.NDArray[np.int64]
Ordinals = npt.NDArray[np.int32]

PART_BYTES = 500_000_000
MISSING = np.iinfo(np.int64).min
NOBODY = -1
_LAST_DAY = 65_535
_EPOCH = date(1970, 1, 1)
_DATES = frozenset(fact.name for fact in FACTS if fact.type == "date")
_COLUMNS = frozenset(fact.name for fact in FACTS)
_TYPES = frozenset((FieldType.INTEGER, FieldType.FEN, FieldType.DECIMAL, FieldType.REFERENCE, FieldType.DATE, FieldType.DAYS_AGO))
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
    SELECT of record_id and person_id of its persons in that schema.
    """

    facts: str
    schema: str
    records: str


@dataclass(frozen=True, slots=True)
class Stream:
    """
    Purchases in order of day, one entry each; `amounts` only where the measure sums something up.

    days: since 1970. orders: the net orders, for what stands on this stream; empty where one entry is not one order.
    """

    ordinals: Ordinals
    days: npt.NDArray[np.uint16]
    orders: Ints
    amounts: Ints | None

    @property
    def nbytes(self) -> int:
        amounts = 0 if self.amounts is None else self.amounts.nbytes
        return self.ordinals.nbytes + self.days.nbytes + self.orders.nbytes + amounts

    def chosen(self, places: npt.NDArray[Any]) -> "Stream":
        """Return the entries at these places (numbers or flags), in their order."""
        amounts = None if self.amounts is None else self.amounts[places]
        return Stream(self.ordinals[places], self.days[places], self.orders[places], amounts)

    def place_of(self, day: date) -> int:
        """Return where a day begins."""
        number = min(max(_number(day), 0), _LAST_DAY)
        return int(np.searchsorted(self.days, np.uint16(number)))


def in_order(streams: Sequence[Stream]) -> Stream:
    """Return the entries of all streams in order of day."""
    if len(streams) == 1 and not np.any(streams[0].days[1:] < streams[0].days[:-1]):
        return streams[0]
    amounts = [one.amounts for one in streams if one.amounts is not None]
    whole = Stream(
        np.concatenate([one.ordinals for one in streams]),
        np.concatenate([one.days for one in streams]),
        np.concatenate([one.orders for one in streams]),
        np.concatenate(amounts) if amounts else None,
    )
    return whole.chosen(np.argsort(whole.days, kind="stable"))


class Part:
    """The persons of one table of facts, in rising id. Threads may share it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, source: Source, *, budget: int = PART_BYTES) -> None:
        self._source = source
        self._budget = budget
        self._lock = threading.RLock()
        self._kept: OrderedDict[Hashable, Ints | Stream | npt.NDArray[np.uint8]] = OrderedDict()
        self._bytes = 0
        self._asked: dict[Hashable, Happened] = {}
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

    @property
    def asked(self) -> tuple[Happened, ...]:
        """Return one question for each stream that is kept now."""
        with self._lock:
            return tuple(leaf for key, leaf in self._asked.items() if key in self._kept)

    def load(self, cursor: duckdb.DuckDBPyConnection, leaf: Leaf) -> None:
        """Read what the question needs, without answering it. Raises ValueError on one that `is_answered` denies."""
        if not is_answered(leaf):
            raise ValueError(f"a panel cannot answer {leaf}")
        if isinstance(leaf, Compare):
            self.column(cursor, leaf.field.sql_column)
        else:
            self.stream(cursor, leaf)

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
        stream = self.stream(cursor, leaf)
        start = 0 if leaf.first is None else stream.place_of(leaf.first)
        stop = None if leaf.end is None else stream.place_of(leaf.end)
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

    def stream(self, cursor: duckdb.DuckDBPyConnection, leaf: Happened) -> Stream:
        """Return the purchases that the question counts, of all days. One per measure and narrowing is kept."""
        key = ("stream", leaf.measure, leaf.among)
        with self._lock:
            kept = self._found(key)
            if kept is None:
                kept = self._read_stream(cursor, leaf)
                self._asked[key] = leaf
                self._keep(key, kept)
        assert isinstance(kept, Stream)
        return kept

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
        return in_order([self._selected(cursor, leaf)])

    def _selected(
        self,
        cursor: duckdb.DuckDBPyConnection,
        leaf: Happened,
        *,
        tables: Mapping[str, str] = WHOLE,
        records: Ints | None = None,
    ) -> Stream:
        """Return the purchases of all days by one statement, in no order; of these records alone, when they are given."""
        rows, parameters = purchases_sql(replace(leaf, first=None, end=None), tables)
        amount = {Measure.NET: "e.net_fen", Measure.ITEMS: "e.items_milli"}.get(leaf.measure)
        told = "" if amount is None else f", {amount}::bigint as amount"
        where = "true" if amount else "e.net_fen > 0"
        if records is not None:
            where += " and e.record_id in (select unnest(?::bigint[]))"
            parameters = [*parameters, records.tolist()]
        days = "(e.d - date '1970-01-01')::usmallint as d"
        sql = f"select e.record_id, e.net_order_id, {days}{told} from ({rows}) as e where {where}"
        with _inside(cursor, self._source.schema) as own:
            found = own.execute(sql, parameters).fetchnumpy()
        ordinals, owned = self._owned(np.asarray(found["record_id"], np.int64))
        amounts = None if amount is None else np.asarray(found["amount"], np.int64)[owned]
        orders = _narrow(np.asarray(found["net_order_id"], np.int64)[owned])
        stream = Stream(ordinals, np.asarray(found["d"], np.uint16)[owned], orders, amounts)
        return _each_day_once(stream) if leaf.measure is Measure.DAYS else stream

    def records_of(self, person_ids: Ints) -> Ints:
        """Return the records of these persons."""
        return np.flatnonzero(np.isin(self._owners, np.flatnonzero(self.members(person_ids)))).astype(np.int64)

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


def _narrow(numbers: Ints) -> Ints:
    """Return the numbers in four bytes each where they fit."""
    return numbers.astype(np.int32) if numbers.size == 0 or numbers.max() < 2**31 else numbers


def _each_day_once(stream: Stream) -> Stream:
    """Return one entry per person and day, in order of day; several orders may stand behind one."""
    once = distinct(stream.days.astype(np.int64) << 32 | stream.ordinals)
    return Stream((once & 0xFFFFFFFF).astype(np.int32), (once >> 32).astype(np.uint16), np.empty(0, np.int64), None)


def _number(value: Scalar) -> int:
    return (value - _EPOCH).days if isinstance(value, date) else int(value)


def _key(leaf: Leaf) -> Hashable:
    if isinstance(leaf, Compare):
        return ("compare", leaf.field.sql_column, leaf.comparison, leaf.values)
    return ("happened", leaf.measure, leaf.low, leaf.high, leaf.first, leaf.end, leaf.among)
