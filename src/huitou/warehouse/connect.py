"""The one way to open DuckDB: bounded memory and threads, nothing fetched, nothing printed, UTC."""

from pathlib import Path
from typing import Any

import duckdb

from huitou.warehouse.layout import Limits


def connect(path: Path | None = None, *, limits: Limits, temporary: Path, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """
    Open a database file, or an in-memory one without a path.

    temporary: an existing folder for spilled data; DuckDB's default would be a folder in the working directory.
    Raises duckdb.IOException when another process has the file open for writing.
    """
    config: dict[str, Any] = {
        "memory_limit": f"{limits.memory_mb}MB",
        "threads": limits.threads,
        "temp_directory": str(temporary),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(str(path) if path else ":memory:", read_only=read_only, config=config)
    connection.execute("set enable_progress_bar = false")
    connection.execute("set TimeZone = 'UTC'")
    return connection
