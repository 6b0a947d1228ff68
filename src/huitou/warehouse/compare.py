"""Compare whole versions by row counts and sums of row hashes: fold against rebuild, a replay against the original."""

from dataclasses import dataclass
from hashlib import sha256

import duckdb

from huitou.warehouse.attach import attach, base_alias, scratch, table_sql, tail_alias
from huitou.warehouse.facts_schema import LIVE_COLUMNS
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.overlay import column_names
from huitou.warehouse.switch import Version

# What a build computes; the dimensions are handed to it.
COMPARED_TABLES: tuple[str, ...] = (
    "lines", "orders", "order_category", "map", "facts", "points", "balances", "store_day", "product_day", "category_day",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableDifference:
    """One table on both sides. Equal counts and equal hash sums: equal rows."""

    table: str
    folded_rows: int
    rebuilt_rows: int
    equal: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """Fold against rebuild, table by table."""

    tables: tuple[TableDifference, ...]

    @property
    def equal(self) -> bool:
        return all(table.equal for table in self.tables)


def compare_versions(layout: Layout, *, folded: Version, rebuilt: Version, limits: Limits | None = None) -> Comparison:
    """
    Compare a base and tail with a rebuild of the same batches, record map and as_of, in every computed table.

    Scores whose cut values come from the base are left out: the rebuild has newer cuts; what they are computed from is in.
    Raises ValueError when the two were not made from the same batches and day.
    """
    with scratch(layout, "compare", limits or Limits()) as connection:
        for version in (folded, rebuilt):
            attach(connection, layout, version)
        _check_comparable(connection, folded, rebuilt)
        tables = []
        for table in COMPARED_TABLES:
            columns = LIVE_COLUMNS if table == "facts" else column_names(table)
            left, right = (_rows_and_hash(connection, table_sql(table, version), columns) for version in (folded, rebuilt))
            tables.append(TableDifference(table, left[0], right[0], left == right))
    return Comparison(tuple(tables))


def canonical_hash(layout: Layout, version: Version, *, limits: Limits | None = None) -> str:
    """
    Return one hash of everything a version computed, the same for every replay of the same landing.

    Persons are named by their smallest record id, so person ids given anew do not matter; batches do not matter either.
    """
    digest = sha256()
    with scratch(layout, "hash", limits or Limits()) as connection:
        attach(connection, layout, version)
        connection.execute(
            f"""create temp table person_name as
                select person_id, min(record_id) as name from ({table_sql("map", version)}) group by person_id"""
        )
        for table in COMPARED_TABLES:
            columns = tuple(name for name in column_names(table) if name != "batch_id")
            named = f"({table_sql(table, version)})"
            if "person_id" in columns:
                named = (
                    f"(select t.* replace (p.name as person_id) from {named} as t inner join person_name as p using (person_id))"
                )
            digest.update(f"{table}:{_rows_and_hash(connection, f'select * from {named}', columns)};".encode())
    return digest.hexdigest()


def _check_comparable(connection: duckdb.DuckDBPyConnection, folded: Version, rebuilt: Version) -> None:
    metas = [
        connection.execute(f"select as_of, batch_ids from {tail_alias(version) or base_alias(version)}.meta").fetchone()
        for version in (folded, rebuilt)
    ]
    if metas[0] != metas[1]:
        raise ValueError(f"versions {folded.number} and {rebuilt.number} are not of the same batches and day")


def _rows_and_hash(connection: duckdb.DuckDBPyConnection, sql: str, columns: tuple[str, ...]) -> tuple[int, int]:
    """A sum of hashes does not depend on row order; 128 bits leave room for every row."""
    row = connection.execute(f"select count(*), coalesce(sum(hash({', '.join(columns)})::hugeint), 0) from ({sql})").fetchone()
    if row is None:
        raise ValueError("a count gave no row")
    return int(row[0]), int(row[1])
