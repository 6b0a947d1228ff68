"""An in-memory DuckDB for typing: bounded, silent, and without a way to fetch extensions."""

from pathlib import Path

import duckdb

from huitou.warehouse.layout import Limits

SEAL_LIMITS = Limits(memory_mb=900, threads=2)


def memory_engine(*, scratch: Path, limits: Limits = SEAL_LIMITS) -> duckdb.DuckDBPyConnection:
    """Open an empty engine; what does not fit its memory spills into the scratch folder."""
    scratch.mkdir(parents=True, exist_ok=True)
    engine = duckdb.connect(
        config={
            "memory_limit": f"{limits.memory_mb}MB",
            "threads": limits.threads,
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    engine.execute("set enable_progress_bar = false")
    return engine
