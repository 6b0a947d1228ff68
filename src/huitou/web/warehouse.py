"""The published analytical store, as the screens read it: one open store per process."""

from huitou.apps.base.storage import warehouse
from huitou.warehouse.reader import NothingPublished

__all__ = ["NothingPublished", "warehouse"]
