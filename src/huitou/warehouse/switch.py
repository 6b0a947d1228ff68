"""
Which version readers see: the pointer file CURRENT, replaced in one step.

A version is a base file and, if anything landed since, a tail file. Files are never written after they are named here;
the files of the last KEPT_VERSIONS versions stay for readers that are still inside a request.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from huitou.warehouse.landing.files import sync_folder, write_synced
from huitou.warehouse.layout import Layout
from huitou.warehouse.staging import sweep_temporary

KEPT_VERSIONS = 3


class BadPointer(Exception):
    """CURRENT is unreadable or names a file that is not there; the message says which and what to do."""


@dataclass(frozen=True, slots=True)
class Version:
    """A base and its tail; `number` is the tail's, or the base's when there is none, and only rises."""

    number: int
    base: int
    tail: int | None

    def files(self, layout: Layout) -> tuple[Path, ...]:
        base = base_path(layout, self.base)
        return (base,) if self.tail is None else (base, tail_path(layout, self.tail))


def base_path(layout: Layout, number: int) -> Path:
    return layout.warehouse / f"base-{number}.duckdb"


def tail_path(layout: Layout, number: int) -> Path:
    return layout.warehouse / f"tail-{number}.duckdb"


def pointer_path(layout: Layout) -> Path:
    return layout.warehouse / "CURRENT"


def current(layout: Layout) -> Version | None:
    """Return the published version, None before the first. Raises BadPointer."""
    versions = kept_versions(layout)
    return versions[0] if versions else None


def switch(layout: Layout, *, base: int, tail: int | None) -> Version:
    """
    Publish a finished base, or a base with a finished tail, then remove what no kept version needs.

    Raises ValueError unless the number rises, BadPointer when a file is missing. A crash at any point leaves either the old
    or the new version published, whole.
    """
    kept = kept_versions(layout)
    version = Version(base if tail is None else tail, base, tail)
    if kept and version.number <= kept[0].number:
        raise ValueError(f"version {version.number} does not follow the published version {kept[0].number}")
    for path in version.files(layout):
        if not path.exists():
            raise BadPointer(f"{path} is missing: build it again")
    versions = (version, *kept)[:KEPT_VERSIONS]
    temporary = pointer_path(layout).with_suffix(".tmp")
    write_synced(temporary, json.dumps([asdict(kept) for kept in versions]).encode())
    os.replace(temporary, pointer_path(layout))
    sync_folder(layout.warehouse)
    sweep(layout)
    return version


def sweep(layout: Layout) -> list[str]:
    """
    Remove version files that no kept version names, and what dead builders left. Call it when a worker starts.

    A finished file with a higher number than the published one stays: its builder may be about to publish it. Returns the
    names of what was removed.
    """
    versions = kept_versions(layout)
    named = {path for version in versions for path in version.files(layout)}
    removed = sweep_temporary(layout)
    for path in sorted(layout.warehouse.glob("*-*.duckdb")) if versions else []:
        number = int(path.stem.rsplit("-", 1)[1])
        if path not in named and number < versions[0].number:
            path.unlink(missing_ok=True)
            removed.append(path.name)
    return removed


def kept_versions(layout: Layout) -> tuple[Version, ...]:
    """Return the versions whose files are kept, the published one first. Raises BadPointer."""
    path = pointer_path(layout)
    try:
        text = path.read_text()
    except FileNotFoundError:
        return ()
    try:
        return tuple(Version(**entry) for entry in json.loads(text))
    except (ValueError, TypeError) as error:
        raise BadPointer(f"{path} is unreadable ({error}): remove it and build again") from error
