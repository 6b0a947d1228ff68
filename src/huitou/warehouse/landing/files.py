"""Tables as the bytes of a landing file, and writes that survive a power cut."""

import os
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from huitou.core.crypto import Keyring
from huitou.warehouse.landing.manifest import FileEntry
from huitou.warehouse.landing.schema import PERSONAL, TABLES

ENCRYPTED = ".parquet.enc"
PLAIN = ".parquet"

_ROW_GROUP = 122_880  # DuckDB's own unit: one row group is one task of its reader


def file_name(table: str) -> str:
    """Return the name of a table's file inside a batch folder. Raises KeyError on a table the schema does not know."""
    TABLES[table]
    return f"{table}{ENCRYPTED if table in PERSONAL else PLAIN}"


def context(source_code: str, batch_id: int, table: str) -> str:
    """Return what an encrypted file is bound to: moved to another batch or table it does not decrypt."""
    return f"landing/{source_code}/{batch_id}/{table}"


def table_bytes(table: str, rows: pa.Table, *, source_code: str, batch_id: int, keyring: Keyring) -> bytes:
    """Return the bytes of a table's file, encrypted where the schema says personal."""
    sink = pa.BufferOutputStream()
    pq.write_table(rows, sink, compression="zstd", row_group_size=_ROW_GROUP)
    plain = sink.getvalue()
    if table not in PERSONAL:
        return plain.to_pybytes()  # type: ignore[no-any-return]
    return keyring.encrypt_file(plain.to_pybytes(), context=context(source_code, batch_id, table))


def own_reader(content: bytes | bytearray) -> pa.BufferReader:
    """
    Return a reader over a copy in Arrow's own memory.

    Arrow's threads let go of what they read a moment after the call has returned. Where that is Python's memory they need the
    interpreter for it, and one that ends just then aborts ("terminate called without an active exception", apache/arrow#34314).
    """
    copy = pa.allocate_buffer(len(content))
    memoryview(copy).cast("B")[:] = content
    return pa.BufferReader(copy)


def entry_of(rows: int, content: bytes) -> FileEntry:
    return FileEntry(rows=rows, bytes=len(content), sha256=sha256(content).hexdigest())


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, readable by its owner only, and wait until it is on the disk."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
