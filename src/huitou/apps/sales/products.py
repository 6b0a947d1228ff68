"""
Products with what they brought: the list, its count, a place in it.

The figures are of the viewer's stores. They are drawn once per version and reach and held as one table, since a list asks for
sums of weeks and sorts by them; what the night's base knows of last sales is drawn once per base.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc

from huitou.apps.base.listing import Asked, Count, ListPage, Place
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import layout, warehouse
from huitou.apps.base.stored_listing import keyset_of, stored_page, stored_place, wanted_of
from huitou.apps.products.queries import product_stamp, product_table
from huitou.core.periods import Period
from huitou.warehouse.held import held_counted, held_listed
from huitou.warehouse.product_figures import products_with_sums
from huitou.warehouse.queries.product_sums import (
    NEVER_SOLD,
    NOTHING_SOLD,
    last_days_of_base,
    last_days_of_tail,
    product_sums,
)
from huitou.warehouse.reader import NothingPublished, Reading

DEFAULT_SORT = "-net"
ID = "product_id"
WINDOW_DAYS = 28  # whole weeks, as the cockpit's first window
_HELD = 12  # tables, of about 2 MB per 20,000 products


@dataclass
class _Shelf:
    """The newest tables by what they were drawn from."""

    tables: dict[tuple[object, ...], pa.Table] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def get(self, key: tuple[object, ...], draw: Callable[[], pa.Table]) -> pa.Table:
        with self.lock:
            found = self.tables.pop(key, None)
        found = draw() if found is None else found
        with self.lock:
            self.tables[key] = found  # the last used one stands last
            while len(self.tables) > _HELD:
                del self.tables[next(iter(self.tables))]
        return found


_shelf = _Shelf()


def product_list(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of the list of products; the subjects of its rows are the rows by column."""
    return stored_page(asked, held_listed(_products(viewer), wanted=wanted_of(asked, ID), keyset=keyset_of(asked, ID)), ID)


def product_list_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many products match."""
    return Count(held_counted(_products(viewer), wanted=wanted_of(asked, ID)))


def product_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the products before and after a position in the list."""
    table, wanted = _products(viewer), wanted_of(asked, ID)
    return stored_place(
        asked, ID,
        lambda keyset: held_listed(table, wanted=wanted, keyset=keyset),
        is_in=lambda product_id: held_counted(table.filter(pc.equal(table[ID], product_id)), wanted=wanted) > 0,
        count=Count(held_counted(table, wanted=wanted)),
    )  # fmt: skip


def _products(viewer: Viewer) -> pa.Table:
    """Return every product with its figures in the viewer's reach; before the first build nothing was sold."""
    files = product_stamp()
    root = str(layout().root)
    try:
        with warehouse().read() as reading:
            key = (root, reading.version, viewer.scope(), files)
            return _shelf.get(key, lambda: products_with_sums(_master(root, files), *_figures(reading, viewer)))
    except NothingPublished:
        return _shelf.get((root, files), lambda: products_with_sums(_master(root, files), NOTHING_SOLD, NEVER_SOLD, NEVER_SOLD))


def _master(root: str, files: tuple[object, ...]) -> pa.Table:
    return _shelf.get((root, "master", files), product_table)


def _figures(reading: Reading, viewer: Viewer) -> tuple[pa.Table, pa.Table, pa.Table]:
    cursor, scope, version = reading.cursor, viewer.scope(), reading.version
    key = (str(layout().root), "base", version.base, scope)
    of_base = _shelf.get(key, lambda: last_days_of_base(cursor, scope=scope, version=version))
    sums = product_sums(cursor, scope=scope, period=Period.last_days(WINDOW_DAYS, as_of=reading.as_of))
    return sums, of_base, last_days_of_tail(cursor, scope=scope, version=version)
