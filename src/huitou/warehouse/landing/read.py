"""Read the landing: manifests, one table of one batch, and the files that DuckDB reads itself."""

from collections.abc import Collection, Iterable
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from huitou.core.crypto import Keyring
from huitou.warehouse.landing.batch import MANIFEST_NAME
from huitou.warehouse.landing.files import context, file_name, own_reader
from huitou.warehouse.landing.manifest import Manifest, ManifestError
from huitou.warehouse.landing.schema import PERSONAL, TABLES
from huitou.warehouse.layout import Layout


class BatchDamaged(Exception):
    """A file of a batch is missing or not what the manifest says; the message names file and batch."""


def manifests(layout: Layout, *, batch_ids: Collection[int] | None = None) -> list[Manifest]:
    """
    Return the manifests of all batches, or of those named, in order of batch id.

    A folder that the operations database does not name (a crash left it) is among them unless `batch_ids` is given.
    """
    wanted = None if batch_ids is None else set(batch_ids)
    folders = layout.landing.glob("*/[0-9]*/") if layout.landing.exists() else ()
    found = [manifest_at(folder) for folder in folders if wanted is None or int(folder.name) in wanted]
    return sorted(found, key=lambda manifest: manifest.batch_id)


def manifest(layout: Layout, source_code: str, batch_id: int) -> Manifest:
    """Return one batch's manifest. Raises ManifestError."""
    return manifest_at(layout.batch(source_code, batch_id))


def manifest_at(folder: Path) -> Manifest:
    path = folder / MANIFEST_NAME
    try:
        return Manifest.from_json(path.read_text(), name=str(path))
    except FileNotFoundError as error:
        raise ManifestError(f"{path} is missing: restore the batch folder from the backup") from error


def read_table(layout: Layout, source_code: str, batch_id: int, table: str, keyring: Keyring | None = None) -> pa.Table:
    """
    Return one table of one batch; a table the batch has no rows of is empty, in the schema's columns.

    Raises BatchDamaged on a file that differs from its manifest, DecryptError on one that does not decrypt, ValueError when a
    personal table is asked for without a keyring.
    """
    name = file_name(table)
    entry = manifest(layout, source_code, batch_id).files.get(name)
    if entry is None:
        return TABLES[table].empty_table()
    path = layout.batch(source_code, batch_id) / name
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise BatchDamaged(f"{path} is missing: restore it from the backup") from error
    if sha256(content).hexdigest() != entry.sha256:
        raise BatchDamaged(f"{path} is not what its manifest says: restore it from the backup")
    if table in PERSONAL:
        if keyring is None:
            raise ValueError(f"{table} is encrypted: a keyring is needed")
        content = keyring.decrypt_file(content, context=context(source_code, batch_id, table))
    return _in_schema(pq.read_table(own_reader(content)), TABLES[table])


def _in_schema(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """A column that the schema got after the batch was written is null in it."""
    for field in schema:
        if field.name not in rows.column_names:
            rows = rows.append_column(field, pa.nulls(rows.num_rows, field.type))
    return rows.select(schema.names).cast(schema)


def line_files(layout: Layout, batch_ids: Iterable[int], table: str) -> list[Path]:
    """
    Return the files of one line-part table in the named batches, in order of batch id, for DuckDB's `read_parquet`.

    Batches without rows of the table give no file. Raises ValueError on a personal table, BatchDamaged on a missing batch.
    """
    if table in PERSONAL:
        raise ValueError(f"{table} is personal: read it with read_table and a keyring")
    folders = {int(folder.name): folder for folder in layout.landing.glob("*/[0-9]*/")}
    paths = []
    for batch_id in sorted(batch_ids):
        if batch_id not in folders:
            raise BatchDamaged(f"batch {batch_id} has no folder under {layout.landing}: restore it from the backup")
        path = folders[batch_id] / file_name(table)
        if path.exists():
            paths.append(path)
    return paths


def verify(layout: Layout, found: Manifest) -> list[str]:
    """Compare every file of a batch with its manifest; return one sentence per difference, empty when all is well."""
    folder = layout.batch(found.source_code, found.batch_id)
    problems = []
    for name, entry in found.files.items():
        path = folder / name
        if not path.exists():
            problems.append(f"{path} is missing")
        elif sha256(path.read_bytes()).hexdigest() != entry.sha256:
            problems.append(f"{path} differs from its manifest")
    return problems
