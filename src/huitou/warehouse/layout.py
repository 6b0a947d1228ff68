"""Where the analytical store keeps its files, and how much of the machine it may use."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Layout:
    """
    The folders of one installation.

    landing/<source>/<batch id, 10 digits>/  manifest.json, <table>.parquet, <table>.parquet.enc
    warehouse/                               CURRENT, base-<n>.duckdb, tail-<n>.duckdb, tmp/
    """

    root: Path

    @property
    def landing(self) -> Path:
        return self.root / "landing"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse"

    @property
    def temporary(self) -> Path:
        return self.warehouse / "tmp"

    def batch(self, source_code: str, batch_id: int) -> Path:
        return self.landing / source_code / f"{batch_id:010d}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one DuckDB connection may use."""

    memory_mb: int = 2_500
    threads: int = 2


READER_LIMITS = Limits(memory_mb=700, threads=1)
