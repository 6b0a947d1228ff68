"""Which person facts differ from a version that was published before: what the publisher has to write."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import duckdb
import pyarrow as pa

from huitou.warehouse.attach import attach, base_alias, scratch, table_sql, tail_alias
from huitou.warehouse.facts_schema import COLUMNS, KEY
from huitou.warehouse.layout import READER_LIMITS, Layout, Limits
from huitou.warehouse.reader import NothingPublished
from huitou.warehouse.switch import Version, current, kept_versions

CHUNK_ROWS = 20_000


@dataclass(frozen=True, slots=True)
class FactChanges:
    """
    The difference from version `since` to `version`; `full`: nothing to compare with, so `chunks` yields every person.

    On a full difference rows of persons that do not come up are to be removed by the publisher; `deleted` is empty then.
    """

    connection: duckdb.DuckDBPyConnection
    version: Version
    since: Version | None
    as_of: date
    changed_rows: int
    all_rows: int

    @property
    def full(self) -> bool:
        return self.since is None

    def chunks(self, rows: int = CHUNK_ROWS) -> Iterator[pa.Table]:
        """Yield the changed persons' facts, columns as in facts_schema, in key order, at most `rows` at a time."""
        with self.connection.cursor() as cursor:
            reader = cursor.sql(f"select {', '.join(COLUMNS)} from changed order by {KEY}").to_arrow_reader(rows)
            for batch in reader:
                for start in range(0, batch.num_rows, rows):
                    yield pa.Table.from_batches([batch.slice(start, rows)])

    def deleted(self) -> list[int]:
        """Return the persons, by id, that had facts in `since` and have none now."""
        with self.connection.cursor() as cursor:
            return [row[0] for row in cursor.execute(f"select {KEY} from gone order by {KEY}").fetchall()]


@contextmanager
def changed_facts(layout: Layout, *, since: int | None, limits: Limits = READER_LIMITS) -> Iterator[FactChanges]:
    """
    Compare the facts published to readers with those of version number `since`, the last one the operations database got.

    since: None, or a version whose files are gone, gives a full difference. A lost publish is repaired by the next one,
    because the comparison is with what was written, not with the last build. Raises NothingPublished.
    """
    version = current(layout)
    if version is None:
        raise NothingPublished(f"no version under {layout.warehouse}: run a build first")
    before = next((kept for kept in kept_versions(layout) if kept.number == since), None)
    with scratch(layout, "changes", limits) as connection:
        attach(connection, layout, version)
        if before is not None:
            attach(connection, layout, before)
        _compare(connection, version, before)
        meta = connection.execute(f"select as_of from {tail_alias(version) or base_alias(version)}.meta").fetchone()
        changed = connection.execute("select count(*) from changed").fetchone()
        everyone = connection.execute(f"select count(*) from ({table_sql('facts', version)})").fetchone()
        if meta is None or changed is None or everyone is None:
            raise NothingPublished(f"version {version.number} has no meta row")
        yield FactChanges(connection, version, before, meta[0], changed[0], everyone[0])


def _compare(connection: duckdb.DuckDBPyConnection, version: Version, before: Version | None) -> None:
    now = table_sql("facts", version)
    if before is None:
        connection.execute(f"create view changed as {now}")
        connection.execute(f"create table gone ({KEY} bigint)")
        return
    then = table_sql("facts", before)
    if before.base == version.base:  # only persons that one of the two tails touched can differ
        tails = [alias for alias in (tail_alias(version), tail_alias(before)) if alias]
        touched = (
            " union ".join(f"select {KEY} from {alias}.touched_person" for alias in tails) or f"select 0 as {KEY} where false"
        )
        connection.execute(f"create table candidate as {touched}")
        now, then = (f"select * from ({facts}) semi join candidate using ({KEY})" for facts in (now, then))
    connection.execute(f"create table changed as select * from ({now}) except select * from ({then})")
    connection.execute(f"create table gone as select {KEY} from ({then}) except select {KEY} from ({now})")
