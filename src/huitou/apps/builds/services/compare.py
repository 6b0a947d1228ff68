"""The nightly proof that base + tail equals a rebuild: counts and sums of row hashes, table by table."""

from datetime import datetime
from typing import Any

import duckdb

from huitou.apps.builds.models import Comparison
from huitou.warehouse.connect import connect
from huitou.warehouse.facts_schema import LIVE_COLUMNS
from huitou.warehouse.layout import Layout, Limits
from huitou.warehouse.overlay import column_names, overlay_sql
from huitou.warehouse.result import BuildResult
from huitou.warehouse.switch import base_path, tail_path
from huitou.warehouse.tables import COLUMNS


def comparison_record(where: Layout, *, folded: BuildResult, rebuilt: BuildResult, now: datetime) -> Comparison:
    """Compare a fold with a rebuild of the same batches and day, and keep the result. Scores with new cut values stay out."""
    tables = compare_versions(where, base=folded.base_number, tail=folded.number, rebuild=rebuilt.number)
    return Comparison.objects.create(
        base_number=rebuilt.number,
        fold_number=folded.number,
        as_of=rebuilt.as_of,
        compared_at=now,
        is_equal=all(table["equal"] for table in tables),
        tables=tables,
    )


def compare_versions(where: Layout, *, base: int, tail: int, rebuild: int) -> list[dict[str, Any]]:
    """Return {name, fold_rows, rebuild_rows, equal} per curated table; equal rows in any order count as equal."""
    files = {"b": base_path(where, base), "t": tail_path(where, tail), "r": base_path(where, rebuild)}
    found = []
    with connect(limits=Limits(), temporary=where.temporary) as connection:
        for alias, path in files.items():
            quoted = str(path).replace("'", "''")
            connection.execute(f"attach '{quoted}' as {alias} (read_only)")
        for name in COLUMNS:
            columns = LIVE_COLUMNS if name == "facts" else column_names(name)
            fold = _digest(connection, columns, overlay_sql(name, base="b", tail="t"))
            rebuilt = _digest(connection, columns, overlay_sql(name, base="r", tail=None))
            found.append({"name": name, "fold_rows": fold[0], "rebuild_rows": rebuilt[0], "equal": fold == rebuilt})
    return found


def _digest(connection: duckdb.DuckDBPyConnection, columns: tuple[str, ...], relation: str) -> tuple[int, int]:
    """Return the number of rows and the sum of their hashes."""
    row = connection.execute(f"select count(*), sum(hash({', '.join(columns)})::hugeint) from ({relation})").fetchone()
    return (int(row[0]), int(row[1] or 0)) if row else (0, 0)
