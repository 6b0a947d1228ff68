"""Small chains: batches of customers and identifiers in the landing, and the persons they become."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from huitou.apps.base.hooks import BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.identity import queries, services
from huitou.warehouse.landing.batch import write_batch
from huitou.warehouse.landing.schema import TABLES
from huitou.warehouse.layout import Layout

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
Row = Mapping[str, Any]


class Chain:
    """Lands rows and hands the batch to identity, as intake does."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.last_batch = 0
        self.now = NOW

    def land(self, source: str, records: Sequence[Row] = (), identifiers: Sequence[Row] = ()) -> BatchLanded:
        """Write one batch; a record's version is the batch's moment unless it says otherwise."""
        self.last_batch += 1
        self.now += timedelta(minutes=1)
        version = self.now.replace(tzinfo=None)
        tables = {
            "records": _table(
                "records", [{"source_id": f"S{row['record_id']}", "version_at": version, **row} for row in records]
            ),
            "identifiers": _table("identifiers", [{"version_at": version, **row} for row in identifiers]),
        }
        write_batch(
            self.layout, batch_id=self.last_batch, source_code=source, tables=tables, counts={}, keyring=keyring(),
            sealed_at=self.now,
        )  # fmt: skip
        return BatchLanded(self.last_batch, source, self.now)

    def apply(self, source: str, records: Sequence[Row] = (), identifiers: Sequence[Row] = ()) -> int:
        changed = services.records_apply(self.land(source, records, identifiers))
        services.marked_resolve(now=self.now)
        return changed

    def persons(self) -> dict[int, int]:
        """Return record -> person."""
        table = queries.record_map()
        return dict(zip(table.column("record_id").to_pylist(), table.column("person_id").to_pylist(), strict=True))

    def groups(self) -> set[frozenset[int]]:
        """Return the record sets of the persons, ids aside."""
        by_person: dict[int, set[int]] = {}
        for record, person in self.persons().items():
            by_person.setdefault(person, set()).add(record)
        return {frozenset(records) for records in by_person.values()}


def _table(name: str, rows: Sequence[Row]) -> pa.Table:
    schema = TABLES[name]
    columns = {
        field.name: pa.array(
            [row.get(field.name, 0 if field.name in ("page_no", "row_no") else None) for row in rows], field.type
        )
        for field in schema
    }
    return pa.table(columns, schema=schema)
