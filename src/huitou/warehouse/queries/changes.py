"""Which person facts differ from what was published before: what the publisher has to write."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from huitou.warehouse.attach import attach, scratch, table_sql, tail_alias
from huitou.warehouse.facts_schema import COLUMNS, FACTS, KEY
from huitou.warehouse.layout import READER_LIMITS, Layout, Limits
from huitou.warehouse.switch import Version

_TYPES = {"bigint": pa.int64(), "integer": pa.int32(), "date": pa.date32()}
STORED: pa.Schema = pa.schema([(KEY, pa.int64()), *((fact.name, _TYPES[fact.type]) for fact in FACTS)])
_NAMES = ", ".join(COLUMNS)
_DATES = frozenset(fact.name for fact in FACTS if fact.type == "date")
_ROW = ", ".join(f"{name}::varchar" if name in _DATES else name for name in COLUMNS)

Row = tuple[Any, ...]
"""One person's facts in the order of facts_schema.COLUMNS, dates as ISO text, with the version's number behind them."""


@dataclass(frozen=True, slots=True)
class FactChanges:
    """
    What has to be written and deleted so that stored facts equal a version's.

    total: the persons with facts in the version; changed: how many of them differ; gone: persons without facts any more,
    in order.
    """

    connection: duckdb.DuckDBPyConnection
    version: int
    total: int
    changed: int
    gone: list[int]

    def changed_rows(self, size: int) -> Iterator[list[Row]]:
        """Yield the changed rows in order of person, at most `size` at a time."""
        return self._rows("changed", size)

    def all_rows(self, size: int) -> Iterator[list[Row]]:
        """Yield every row of the version, likewise."""
        return self._rows("new_facts", size)

    def _rows(self, relation: str, size: int) -> Iterator[list[Row]]:
        statement = f"select {_ROW}, $version::bigint from {relation} order by {KEY}"
        for batch in self.connection.sql(statement, params={"version": self.version}).to_arrow_reader(size):
            for start in range(0, batch.num_rows, size):
                part = batch.slice(start, size)
                yield list(zip(*(column.to_pylist() for column in part.columns), strict=True))


@contextmanager
def changed_facts(
    layout: Layout, version: Version, *, before: Version | Iterable[pa.Table], limits: Limits = READER_LIMITS
) -> Iterator[FactChanges]:
    """
    Compare a version's facts with an older version whose files still exist, or with stored rows (tables of schema STORED).

    Two versions of one base differ only in what either tail touched; anything else is compared whole.
    """
    with scratch(layout, "changes", limits) as connection:
        attach(connection, layout, version)
        connection.execute(f"create temp view new_facts as {table_sql('facts', version)}")
        if isinstance(before, Version):
            attach(connection, layout, before)
            connection.execute(f"create temp view old_facts as {table_sql('facts', before)}")
        else:
            _load(connection, before)
        only = _only_touched(version, before) if isinstance(before, Version) else ""
        connection.execute(
            f"""create temp table changed as
                select {_NAMES} from new_facts {only} except select {_NAMES} from old_facts {only}"""
        )
        gone = connection.execute(
            f"select {KEY} from old_facts {only} except select {KEY} from new_facts {only} order by {KEY}"
        ).fetchall()
        total, changed = _count(connection, "new_facts"), _count(connection, "changed")
        yield FactChanges(connection, version.number, total, changed, [row[0] for row in gone])


def touched_persons(layout: Layout, version: Version, before: Version, *, limits: Limits = READER_LIMITS) -> list[int] | None:
    """
    Return who may differ between two versions of one base, in order; None when anybody may, or when a file is gone.

    Whom neither tail touched has the facts of the base in both.
    """
    if before.base != version.base or not all(path.exists() for path in before.files(layout)):
        return None
    with scratch(layout, "touched", limits) as connection:
        for one in (version, before):
            attach(connection, layout, one)
        only = _only_touched(version, before).removeprefix(f"where {KEY} in ")
        if only == "where false":
            return []
        return [row[0] for row in connection.execute(f"select distinct {KEY} from {only} order by {KEY}").fetchall()]


def _only_touched(version: Version, before: Version) -> str:
    """Return the condition that leaves the persons who may differ; empty when all may."""
    if before.base != version.base:
        return ""
    tails = [alias for alias in (tail_alias(version), tail_alias(before)) if alias]
    touched = " union ".join(f"select {KEY} from {alias}.touched_person" for alias in tails)
    return f"where {KEY} in ({touched})" if touched else "where false"


def _load(connection: duckdb.DuckDBPyConnection, stored: Iterable[pa.Table]) -> None:
    """Copy stored rows into the temporary table old_facts."""
    connection.register("stored_in", STORED.empty_table())
    connection.execute(f"create temp table old_facts as select {_NAMES} from stored_in")
    for rows in stored:
        connection.register("stored_in", rows)
        connection.execute(f"insert into old_facts select {_NAMES} from stored_in")
    connection.unregister("stored_in")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)
