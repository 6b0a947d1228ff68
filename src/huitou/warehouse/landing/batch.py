"""Write one batch into the landing; afterwards nobody changes it, except an erasure."""

import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa

from huitou.core.crypto import Keyring
from huitou.warehouse.landing.files import entry_of, file_name, sync_folder, table_bytes, write_synced
from huitou.warehouse.landing.manifest import FileEntry, KindCounts, Manifest, PageEntry
from huitou.warehouse.landing.schema import TABLES
from huitou.warehouse.layout import Layout

MANIFEST_NAME = "manifest.json"

# Order of the rows in a file; lines stand as the base wants them, everything else as it came.
_SORT_KEYS: Mapping[str, tuple[str, ...]] = {
    "lines": ("record_id", "order_id", "line_no"),
    "orders": ("record_id", "order_id"),
}
_ORIGIN_ORDER = ("page_no", "row_no")


def write_batch(
    layout: Layout,
    *,
    batch_id: int,
    source_code: str,
    tables: Mapping[str, pa.Table],
    counts: Mapping[str, KindCounts],
    keyring: Keyring,
    sealed_at: datetime,
    pages: Sequence[PageEntry] = (),
) -> Manifest:
    """
    Write the tables (by name in the landing schema, cast to it) and the manifest; empty tables get no file.

    Everything is written beside the final folder and renamed into place. A folder of the same id is what a crash left
    between the rename and the commit of the batch; it is replaced. Raises KeyError on an unknown table, pyarrow.ArrowInvalid
    on a column that does not fit the schema.
    """
    final = layout.batch(source_code, batch_id)
    scratch = final.with_name(f".{final.name}.tmp")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    files: dict[str, FileEntry] = {}
    for table in sorted(tables):
        rows = ordered(table, tables[table])
        if rows.num_rows:
            content = table_bytes(table, rows, source_code=source_code, batch_id=batch_id, keyring=keyring)
            write_synced(scratch / file_name(table), content)
            files[file_name(table)] = entry_of(rows.num_rows, content)
    manifest = Manifest(
        batch_id=batch_id, source_code=source_code, sealed_at=sealed_at, counts=dict(counts), files=files, pages=tuple(pages)
    )
    write_synced(scratch / MANIFEST_NAME, manifest.to_json().encode())
    sync_folder(scratch)
    _put_in_place(scratch, final)
    return manifest


def ordered(table: str, rows: pa.Table) -> pa.Table:
    """Return the rows in the schema's columns and types and in the order of the file."""
    schema = TABLES[table]
    cast = rows.select(schema.names).cast(schema)
    keys = _SORT_KEYS.get(table) or tuple(name for name in _ORIGIN_ORDER if name in schema.names)
    return cast.sort_by([(key, "ascending") for key in keys]) if keys else cast


def _put_in_place(scratch: Path, final: Path) -> None:
    if final.exists():
        shutil.rmtree(final)
    scratch.rename(final)
    sync_folder(final.parent)
