"""
Orders in the viewer's reach: the list, its count, one order with its lines.

An order belongs to the store of its sale. Who bought is named where the viewer may see that person; a customer of another
store bought here all the same, so the order is shown without a name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from huitou.apps.base.clock import utc_now
from huitou.apps.base.listing import Asked, Count, ListPage, Place
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.base.stored_listing import keyset_of, stored_page, stored_place, wanted_of
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.identity.queries import persons_of_records
from huitou.core.periods import business_date
from huitou.warehouse.queries.order_list import ID, order_matches, order_row, orders_counted, orders_listed, orders_summed
from huitou.warehouse.queries.orders import LineRow, order_lines
from huitou.warehouse.reader import NothingPublished

DEFAULT_SORT = "-date"


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who an order belongs to. person_id None: not for this viewer; name empty: nobody told it."""

    person_id: int | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class ListedOrder:
    """One order as the columns of ORDERS say, and its buyer; None: anonymous."""

    row: dict[str, Any]
    buyer: Buyer | None


@dataclass(frozen=True, slots=True)
class OrderFile:
    """One order with its lines, returns after the sale."""

    order: ListedOrder
    lines: list[LineRow]


def stored_as_of() -> date:
    """Return the day the analytical store stands at; today before the first build."""
    try:
        with warehouse().read() as reading:
            return reading.as_of
    except NothingPublished:
        return business_date(utc_now())


def order_page(viewer: Viewer, asked: Asked, *, names: bool) -> ListPage:
    """
    Return one page of the list of orders; the subjects of its rows are ListedOrder. Empty before the first build.

    names: whether the viewer's role is told who bought.
    """
    try:
        with warehouse().read() as reading:
            found = orders_listed(
                reading.cursor, scope=viewer.scope(), wanted=wanted_of(asked, ID), keyset=keyset_of(asked, ID)
            )  # fmt: skip
    except NothingPublished:
        return ListPage((), None, None, Count(0))
    return stored_page(asked, found, ID, lambda rows: _with_buyers(viewer, rows, names=names))


def order_count(viewer: Viewer, asked: Asked) -> Count:
    """Return how many orders in reach match."""
    try:
        with warehouse().read() as reading:
            return Count(orders_counted(reading.cursor, scope=viewer.scope(), wanted=wanted_of(asked, ID)))
    except NothingPublished:
        return Count(0)


def order_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the orders before and after a position in the list. Nothing before the first build."""
    scope, wanted = viewer.scope(), wanted_of(asked, ID)
    try:
        with warehouse().read() as reading:
            cursor = reading.cursor
            return stored_place(
                asked, ID,
                lambda keyset: orders_listed(cursor, scope=scope, wanted=wanted, keyset=keyset),
                is_in=lambda order_id: order_matches(cursor, scope=scope, wanted=wanted, net_order_id=order_id),
                count=Count(orders_counted(cursor, scope=scope, wanted=wanted)),
            )  # fmt: skip
    except NothingPublished:
        return Place(None, None, is_in=False, count=Count(0))


def order_sums(viewer: Viewer, asked: Asked) -> tuple[int, int]:
    """Return how many orders in reach match, and their net in fen."""
    try:
        with warehouse().read() as reading:
            return orders_summed(reading.cursor, scope=viewer.scope(), wanted=wanted_of(asked, ID))
    except NothingPublished:
        return 0, 0


def order_file(viewer: Viewer, net_order_id: int, *, names: bool) -> OrderFile | None:
    """Return one order; None for one that is not there and for one of a store out of reach alike."""
    try:
        with warehouse().read() as reading:
            row = order_row(reading.cursor, scope=viewer.scope(), net_order_id=net_order_id)
            if row is None:
                return None
            lines = order_lines(
                reading.cursor, scope=viewer.scope(), net_order_id=net_order_id, record_id=row["record_id"]
            )  # fmt: skip
    except NothingPublished:
        return None
    return OrderFile(_with_buyers(viewer, [row], names=names)[0], lines)


def _with_buyers(viewer: Viewer, rows: Sequence[dict[str, Any]], *, names: bool) -> list[ListedOrder]:
    known = [row["record_id"] for row in rows if row["record_id"] is not None] if names else []
    owners = persons_of_records(known)
    called = names_in_reach(viewer, owners.values())

    def buyer(record_id: int | None) -> Buyer | None:
        if record_id is None:
            return None
        person_id = owners.get(record_id)
        return Buyer(person_id, called[person_id]) if person_id in called else Buyer(None)

    return [ListedOrder(row, buyer(row["record_id"])) for row in rows]
