"""A version file while it is built: under a temporary name and a lock, final only when it is whole and on the disk."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp

import duckdb

from huitou.warehouse.connect import connect
from huitou.warehouse.landing.files import sync_folder
from huitou.warehouse.layout import Layout, Limits


@dataclass(slots=True)
class Staged:
    """An open, unpublished version file. `finish` gives it its final name; without it the file is removed."""

    connection: duckdb.DuckDBPyConnection
    temporary: Path
    final: Path
    finished: bool = field(default=False)

    def finish(self) -> None:
        """Checkpoint, close, sync and rename. From here on nobody writes to the file."""
        self.connection.execute("checkpoint")
        self.connection.close()
        descriptor = os.open(self.temporary, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(self.temporary, self.final)
        sync_folder(self.final.parent)
        self.finished = True


@contextmanager
def staged(layout: Layout, final: Path, limits: Limits) -> Iterator[Staged]:
    """Open a new version file in a folder of its own; whatever is not finished is removed, also after an exception."""
    with work_folder(layout, final.stem) as folder:
        version = Staged(connect(folder / final.name, limits=limits, temporary=folder), folder / final.name, final)
        try:
            yield version
        finally:
            version.connection.close()


@contextmanager
def work_folder(layout: Layout, name: str) -> Iterator[Path]:
    """Give a locked folder under tmp/, empty at first and removed at the end; a dead process leaves it to the sweep."""
    layout.temporary.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(prefix=f"{name}-", dir=layout.temporary))
    with _locked(folder):
        try:
            yield folder
        finally:
            clear(folder)
            remove_folder(folder)


def sweep_temporary(layout: Layout) -> list[str]:
    """Remove what dead builders left under tmp/; a folder whose builder is alive is locked and stays. Returns the names."""
    removed = []
    for folder in sorted(layout.temporary.glob("*/")) if layout.temporary.exists() else []:
        if _is_free(folder):
            clear(folder)
            remove_folder(folder)
            removed.append(folder.name)
    return removed


_LOCK = "lock"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)  # gives the lock back, as the end of the process would


def _is_free(folder: Path) -> bool:
    try:
        with _locked(folder):
            return True
    except BlockingIOError:
        return False


def clear(folder: Path) -> None:
    """Remove the files of a builder's folder, its lock excepted."""
    for path in folder.iterdir():
        if path.name != _LOCK:
            path.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    (folder / _LOCK).unlink(missing_ok=True)
    folder.rmdir()
