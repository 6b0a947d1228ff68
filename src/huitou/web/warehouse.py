"""The published analytical store, as the screens read it: one open store per process."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from huitou.warehouse.layout import Layout
from huitou.warehouse.reader import NothingPublished, Warehouse

__all__ = ["NothingPublished", "warehouse"]


def warehouse() -> Warehouse:
    """Return this process's store; `warehouse().read()` raises NothingPublished before the first build."""
    return _open(Path(settings.HUITOU_DATA_DIR))


@lru_cache(maxsize=2)
def _open(root: Path) -> Warehouse:
    return Warehouse(Layout(root))
