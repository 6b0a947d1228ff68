"""
What happened with one person: orders and points from the analytical store, tickets from the service desk, what they did besides.

Orders lead a page: it ends with its last order, and the others fill the same stretch of time.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain, groupby

from django.utils.translation import get_language

from huitou.apps.attributes.definitions import event_titles
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import events_of_in_reach
from huitou.apps.service.queries import tickets_of
from huitou.core.periods import business_date
from huitou.warehouse.queries.orders import OrderKey, OrderRow
from huitou.warehouse.queries.points import PointsEntry, points_of
from huitou.warehouse.queries.timeline import timeline
from huitou.warehouse.reader import Reading

PAGE_ORDERS = 20
MOST_POINTS = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` names the template part that draws `what`."""

    at: datetime
    kind: str
    what: object
    title: str = ""  # of an event type that somebody defined

    @property
    def template(self) -> str:
        return f"person/entry_{self.kind}.html"


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one business day, newest first."""

    day: date
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """One stretch of the timeline; `next_after` continues it, empty at the end."""

    days: list[Day] = field(default_factory=list)
    next_after: str = ""


def timeline_page(reading: Reading, *, viewer: Viewer, person_id: int, kind: str, after: str) -> TimelinePage:
    """
    Return the newest stretch of one kind (or of all, for ""), or the one after a position that an earlier page gave.

    Raises ValueError on a position that no page gave out.
    """
    position = _position(after)
    orders: list[OrderRow] = []
    if kind in ("", "order"):
        orders = timeline(reading.cursor, scope=viewer.scope(), person_id=person_id, after=position, limit=PAGE_ORDERS + 1)
    more = len(orders) > PAGE_ORDERS
    orders = orders[:PAGE_ORDERS]
    oldest = orders[-1].sold_at if more else None
    others = chain.from_iterable(read(reading, viewer, person_id) for name, read in OTHERS.items() if kind in ("", name))
    entries = [Entry(order.sold_at, "order", order) for order in orders]
    entries += [
        entry for entry in others if (oldest is None or entry.at >= oldest) and (position is None or entry.at < position.sold_at)
    ]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    days = [Day(day, list(rows)) for day, rows in groupby(entries, key=lambda entry: business_date(entry.at))]
    return TimelinePage(days, _text(orders[-1].key) if more else "")


def _points(reading: Reading, viewer: Viewer, person_id: int) -> list[Entry]:
    rows: list[PointsEntry] = points_of(reading.cursor, scope=viewer.scope(), person_id=person_id, limit=MOST_POINTS)
    return [Entry(row.occurred_at, "points", row) for row in rows]


def _tickets(reading: Reading, viewer: Viewer, person_id: int) -> list[Entry]:
    return [Entry(ticket.opened_at, "ticket", ticket) for ticket in tickets_of(viewer, person_id)]


def _behaviour(reading: Reading, viewer: Viewer, person_id: int) -> list[Entry]:
    titles = event_titles()
    place = 1 if (get_language() or "").startswith("en") else 0
    return [
        Entry(event.occurred_at, "behaviour", event, titles.get(event.type_code, ("", ""))[place])
        for event in events_of_in_reach(viewer, person_id)
    ]


OTHERS: Mapping[str, Callable[[Reading, Viewer, int], list[Entry]]] = {
    "points": _points,
    "ticket": _tickets,
    "behaviour": _behaviour,
}


def _text(key: OrderKey) -> str:
    return f"{key.sold_at.isoformat()}~{key.net_order_id}"


def _position(text: str) -> OrderKey | None:
    if not text:
        return None
    moment, _tilde, number = text.partition("~")
    sold_at = datetime.fromisoformat(moment)
    if sold_at.tzinfo is None:
        raise ValueError(f"not a position of a timeline: {text[:60]!r}")
    return OrderKey(sold_at, int(number))
