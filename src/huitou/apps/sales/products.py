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
from huitou.warehouse.queries.product_sums import last_days, last_days_of_base, product_sums
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


NOTHING_SOLD = pa.table({name: pa.array([], kind) for name, kind in (
    ("product_id", pa.int32()), ("net_fen", pa.int64()), ("refund_fen", pa.int64()), ("qty_milli", pa.int64()))})  # fmt: skip
NEVER_SOLD = pa.table({"product_id": pa.array([], pa.int32()), "last_date": pa.array([], pa.date32())})


def product_list(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of the list of products; the subjects of its rows are the rows by column."""
    return stored_page(asked, held_listed(_products(viewer), wanted=wanted_of(asked), keyset=keyset_of(asked, ID)), ID)


def product_list_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many products match."""
    return Count(held_counted(_products(viewer), wanted=wanted_of(asked)))


def product_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the products before and after a position in the list."""
    table, wanted = _products(viewer), wanted_of(asked)
    return stored_place(
        asked, ID,
        lambda keyset: held_listed(table, wanted=wanted, keyset=keyset),
        is_in=lambda product_id: held_counted(table.filter(pc.field(ID) == product_id), wanted=wanted) > 0,
        count=Count(held_counted(table, wanted=wanted)),
    )  # fmt: skip


def _products(viewer: Viewer) -> pa.Table:
    """
    Return every product with its figures in the viewer's reach; before the first build nothing was sold.

    Columns: those of `products.queries.PRODUCT_SCHEMA`, net_fen, refund_fen, pieces (whole ones), margin_fen (None without a
    known cost), last_date (None: never sold).
    """
    files = product_stamp()
    root = str(layout().root)
    try:
        with warehouse().read() as reading:
            key = (root, reading.version, viewer.scope(), files)
            return _shelf.get(key, lambda: _joined(_master(root, files), *_figures(reading, viewer)))
    except NothingPublished:
        return _shelf.get((root, files), lambda: _joined(_master(root, files), NOTHING_SOLD, NEVER_SOLD))


def _master(root: str, files: tuple[object, ...]) -> pa.Table:
    return _shelf.get((root, "master", files), product_table)


def _figures(reading: Reading, viewer: Viewer) -> tuple[pa.Table, pa.Table]:
    cursor, scope, version = reading.cursor, viewer.scope(), reading.version
    key = (str(layout().root), "base", version.base, scope)
    of_base = _shelf.get(key, lambda: last_days_of_base(cursor, scope=scope, version=version))
    period = Period.last_days(WINDOW_DAYS, as_of=reading.as_of)
    return product_sums(cursor, scope=scope, period=period), last_days(cursor, scope=scope, version=version, of_base=of_base)


def _joined(master: pa.Table, sums: pa.Table, last: pa.Table) -> pa.Table:
    joined = master.join(sums, "product_id", join_type="left outer").join(last, "product_id", join_type="left outer")
    net, milli = pc.fill_null(joined["net_fen"], 0), pc.fill_null(joined["qty_milli"], 0)
    cost = pc.divide(pc.add(pc.multiply(joined["cost_fen"], milli), 500), 1_000)
    columns = {
        "net_fen": net,
        "refund_fen": pc.fill_null(joined["refund_fen"], 0),
        "pieces": pc.divide(pc.add(milli, 500), 1_000),
        "margin_fen": pc.subtract(net, cost),
    }
    joined = joined.drop_columns(["net_fen", "refund_fen", "qty_milli"])
    for name, values in columns.items():
        joined = joined.append_column(name, values)
    return joined
