"""What a landing batch says about itself: manifest.json beside its files."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

SCHEMA_VERSION = 1


class ManifestError(Exception):
    """A manifest is missing, unreadable or of a later release; the message names the file."""


@dataclass(frozen=True, slots=True)
class KindCounts:
    """Rows of one canonical kind. Raises ValueError unless received = accepted + merged + quarantined."""

    received: int = 0
    accepted: int = 0
    merged: int = 0
    quarantined: int = 0

    def __post_init__(self) -> None:
        if self.received != self.accepted + self.merged + self.quarantined or min(asdict(self).values()) < 0:
            raise ValueError(f"received must equal accepted + merged + quarantined: {self}")

    def __add__(self, other: "KindCounts") -> "KindCounts":
        return KindCounts(
            self.received + other.received,
            self.accepted + other.accepted,
            self.merged + other.merged,
            self.quarantined + other.quarantined,
        )


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the batch as it was written."""

    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class PageEntry:
    """One received page; `page_no` of every landed row points here."""

    page_no: int
    stream: str
    name: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    The content of manifest.json. `counts` by canonical kind; `files` by file name; sealed_at is aware UTC.
    """

    batch_id: int
    source_code: str
    sealed_at: datetime
    counts: Mapping[str, KindCounts]
    files: Mapping[str, FileEntry]
    pages: tuple[PageEntry, ...] = field(default=())
    schema_version: int = SCHEMA_VERSION

    def rows(self, table: str) -> int:
        """Return how many rows of a typed table the batch holds; 0 when it has no such file."""
        entry = self.files.get(f"{table}.parquet") or self.files.get(f"{table}.parquet.enc")
        return entry.rows if entry else 0

    def to_json(self) -> str:
        return json.dumps({**asdict(self), "sealed_at": self.sealed_at.isoformat()}, ensure_ascii=False, indent=1, sort_keys=True)

    @classmethod
    def from_json(cls, text: str, *, name: str) -> "Manifest":
        """Read a manifest. Raises ManifestError that names the file."""
        try:
            raw: dict[str, Any] = json.loads(text)
            if raw["schema_version"] > SCHEMA_VERSION:
                raise ManifestError(f"{name} was written by a later release (schema {raw['schema_version']}): upgrade first")
            return cls(
                batch_id=raw["batch_id"],
                source_code=raw["source_code"],
                sealed_at=datetime.fromisoformat(raw["sealed_at"]),
                counts={kind: KindCounts(**counts) for kind, counts in raw["counts"].items()},
                files={file: FileEntry(**entry) for file, entry in raw["files"].items()},
                pages=tuple(PageEntry(**page) for page in raw["pages"]),
                schema_version=raw["schema_version"],
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ManifestError(f"{name} is no batch manifest ({error}): restore the batch folder from the backup") from error
