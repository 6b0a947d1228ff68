"""Where this installation keeps the files of the analytical store, and the one reader of it per process."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from huitou.warehouse.layout import Layout
from huitou.warehouse.reader import Warehouse


def layout() -> Layout:
    """Return the folders of this installation."""
    return Layout(Path(settings.HUITOU_DATA_DIR))


def warehouse() -> Warehouse:
    """Return this process's store; its `read()` raises NothingPublished before the first build."""
    return _open(Path(settings.HUITOU_DATA_DIR))


@lru_cache(maxsize=2)
def _open(root: Path) -> Warehouse:
    return Warehouse(Layout(root))
