"""Keep the nightly proof that base + tail equals a rebuild."""

from datetime import datetime

from huitou.apps.builds.models import Build, Comparison
from huitou.warehouse.compare import compare_versions
from huitou.warehouse.layout import Layout
from huitou.warehouse.result import BuildResult
from huitou.warehouse.switch import Version


def comparison_record(
    where: Layout, *, fold: Build, folded: BuildResult | None, rebuilt: BuildResult, now: datetime
) -> Comparison:
    """
    Compare a fold with a rebuild of the same batches, record map and day, and keep the result.

    folded: None for a fold that did not get through its own checks; it counts as different, without tables.
    """
    tables = []
    if folded is not None:
        found = compare_versions(
            where,
            folded=Version(folded.number, folded.base_number, folded.number),
            rebuilt=Version(rebuilt.number, rebuilt.number, None),
        )
        tables = [
            {"name": one.table, "fold_rows": one.folded_rows, "rebuild_rows": one.rebuilt_rows, "equal": one.equal}
            for one in found.tables
        ]
    return Comparison.objects.create(
        base_number=rebuilt.number,
        fold_number=fold.number,
        as_of=rebuilt.as_of,
        compared_at=now,
        is_equal=bool(tables) and all(table["equal"] for table in tables),
        tables=tables,
    )
