"""Which person facts differ between the version readers see and what the operations database was told last."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from huitou.apps.base.bulk import chunked
from huitou.apps.customers.models import PersonFacts
from huitou.warehouse.connect import connect
from huitou.warehouse.facts_schema import COLUMNS, FACTS
from huitou.warehouse.layout import READER_LIMITS, Layout
from huitou.warehouse.overlay import overlay_sql
from huitou.warehouse.switch import Version

_READ_ROWS = 50_000
_DATES = frozenset(fact.name for fact in FACTS if fact.type == "date")
_ARROW = {"bigint": pa.int64(), "integer": pa.int32(), "date": pa.date32()}
_STORED = pa.schema([("person_id", pa.int64()), *((fact.name, _ARROW[fact.type]) for fact in FACTS)])
_NAMES = ", ".join(COLUMNS)
_ROW = ", ".join(f"{name}::varchar" if name in _DATES else name for name in COLUMNS)  # dates as ISO text

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class FactsDiff:
    """
    What has to be written and deleted so that the stored facts equal a version's.

    total: the persons with facts in the version; changed: how many of them differ; gone: persons without facts any more.
    """

    connection: duckdb.DuckDBPyConnection
    version: int
    total: int
    changed: int
    gone: list[int]

    def changed_rows(self, size: int) -> Iterator[list[Row]]:
        """Yield the changed rows in order of person, with the version behind them, in chunks."""
        return self._rows("changed", size)

    def all_rows(self, size: int) -> Iterator[list[Row]]:
        """Yield every row of the version, likewise."""
        return self._rows("new_facts", size)

    def _rows(self, relation: str, size: int) -> Iterator[list[Row]]:
        statement = f"select {_ROW}, $version::bigint from {relation} order by person_id"
        for batch in self.connection.sql(statement, params={"version": self.version}).to_arrow_reader(size):
            yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


@contextmanager
def facts_diff(where: Layout, version: Version, *, since: Version | None) -> Iterator[FactsDiff]:
    """
    Compare a version with an older one whose files still exist (`since`), or with the stored rows themselves (None).

    Two versions of one base differ only in what either tail touched; anything else is compared whole.
    """
    where.temporary.mkdir(parents=True, exist_ok=True)
    with connect(limits=READER_LIMITS, temporary=where.temporary) as connection:
        _bind(connection, where, version, "new")
        if since is None:
            _load_stored(connection)
        else:
            _bind(connection, where, since, "old")
        touched = _touched(version, since)
        only = f"where person_id in ({touched})" if touched else ""
        connection.execute(
            f"""create temp table changed as
                select {_NAMES} from new_facts {only} except select {_NAMES} from old_facts {only}"""
        )
        gone = connection.execute(
            f"select person_id from old_facts {only} except select person_id from new_facts {only} order by person_id"
        ).fetchall()
        yield FactsDiff(
            connection, version.number, _count(connection, "new_facts"), _count(connection, "changed"), [row[0] for row in gone]
        )


def _touched(version: Version, since: Version | None) -> str:
    """Return a SELECT of the persons that may differ; empty when all may."""
    if since is None or since.base != version.base:
        return ""
    tails = [name for name, one in (("new_tail", version), ("old_tail", since)) if one.tail is not None]
    return " union ".join(f"select person_id from {tail}.touched_person" for tail in tails) or "select null where false"


def _bind(connection: duckdb.DuckDBPyConnection, where: Layout, version: Version, name: str) -> None:
    for alias, path in zip((f"{name}_base", f"{name}_tail"), version.files(where), strict=False):
        quoted = str(path).replace("'", "''")
        connection.execute(f"attach '{quoted}' as {alias} (read_only)")
    tail = None if version.tail is None else f"{name}_tail"
    connection.execute(f"create temp view {name}_facts as {overlay_sql('facts', base=f'{name}_base', tail=tail)}")


def _load_stored(connection: duckdb.DuckDBPyConnection) -> None:
    """Copy the stored facts into the temporary table old_facts."""
    connection.register("stored_in", _STORED.empty_table())
    connection.execute("create temp table old_facts as select * from stored_in")
    rows = PersonFacts.objects.order_by("pk").values_list(*COLUMNS).iterator(chunk_size=_READ_ROWS)
    for chunk in chunked(rows, _READ_ROWS):
        columns = zip(*chunk, strict=True)
        table = pa.table([pa.array(values, field.type) for values, field in zip(columns, _STORED, strict=True)], schema=_STORED)
        connection.register("stored_in", table)
        connection.execute("insert into old_facts select * from stored_in")
    connection.unregister("stored_in")


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    ((count,),) = connection.execute(f"select count(*) from {relation}").fetchall()
    return int(count)
