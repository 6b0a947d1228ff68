"""
What happened with one person, newest first: orders, points, tickets, what they did, and what changed in their file.

Every kind is read by its own key (moment and number) and merged, so that a page is cut exactly and nothing is skipped however
much of one kind there is. A position is where each kind stopped.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from django.utils.translation import get_language

from huitou.apps.attributes.definitions import event_titles
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import events_count, events_of_in_reach
from huitou.apps.identity.queries import EventView
from huitou.apps.privacy.consent import ConsentEntry
from huitou.apps.service.queries import TicketRow
from huitou.core.periods import business_date
from huitou.warehouse.queries.orders import OrderKey
from huitou.warehouse.queries.points import points_count, points_of
from huitou.warehouse.queries.timeline import timeline, timeline_count
from huitou.warehouse.reader import Reading

PAGE_ROWS = 20
LONGEST_NUMBER = 18  # digits that always fit 64 bits
CHANNELS = ("store", "online", "service")
Place = tuple[datetime, int]  # where a kind stopped: moment (aware) and number


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `kind` chooses the filter, `template` the part that draws `what`; number breaks ties in a kind."""

    at: datetime
    kind: str
    number: int
    what: object
    template: str
    source_code: str = ""
    title: str = ""  # of an event type that somebody defined

    @property
    def place(self) -> Place:
        return self.at, self.number


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one business day, newest first."""

    day: date
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """One stretch; `next_after` continues it, empty at the end. counts: entries per kind, "" for all; None when filtered."""

    days: list[Day] = field(default_factory=list)
    next_after: str = ""
    counts: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; "" is everything. channel: one of CHANNELS; source: a source code."""

    kind: str = ""
    channel: str = ""
    source: str = ""

    @property
    def is_cut(self) -> bool:
        return bool(self.channel or self.source)


@dataclass(frozen=True, slots=True)
class Story:
    """Whose story is told, and what was read for the page already. record_sources: source code of each record."""

    reading: Reading
    viewer: Viewer
    person_id: int
    record_sources: Mapping[int, str]
    tickets: Sequence[TicketRow]
    changes: Sequence[EventView]
    consents: Sequence[ConsentEntry]

    def records_of(self, source: str) -> list[int] | None:
        """Return the records of a source; None for every source."""
        return [record for record, code in self.record_sources.items() if code == source] if source else None


def timeline_page(story: Story, asked: Asked, *, after: str) -> TimelinePage:
    """
    Return the newest stretch of what is asked, or the one after a position that an earlier page gave.

    Raises ValueError on a position that no page gave out.
    """
    places = _places(after)
    kinds = [asked.kind] if asked.kind else list(FEEDS)
    found = [entry for kind in kinds for entry in FEEDS[kind].read(story, asked, places.get(kind), PAGE_ROWS + 1)]
    found.sort(key=lambda entry: (entry.at, entry.kind, entry.number), reverse=True)
    rows, more = found[:PAGE_ROWS], len(found) > PAGE_ROWS
    for entry in rows:
        places[entry.kind] = entry.place
    days = [Day(day, list(of_day)) for day, of_day in groupby(rows, key=lambda entry: business_date(entry.at))]
    counts = None if after or asked.is_cut else _counts(story)
    return TimelinePage(days, _text(places) if more else "", counts)


def _counts(story: Story) -> dict[str, int]:
    counts = {kind: feed.count(story) for kind, feed in FEEDS.items()}
    return {"": sum(counts.values()), **counts}


@dataclass(frozen=True, slots=True)
class Feed:
    """How one kind is read (newest first, after a place, at most so many) and counted."""

    read: Callable[[Story, Asked, Place | None, int], list[Entry]]
    count: Callable[[Story], int]


def _orders(story: Story, asked: Asked, after: Place | None, limit: int) -> list[Entry]:
    if asked.channel == "service":
        return []
    rows = timeline(
        story.reading.cursor,
        scope=story.viewer.scope(),
        person_id=story.person_id,
        after=OrderKey(*after) if after else None,
        limit=limit,
        channel={"store": 0, "online": 1}.get(asked.channel),
        record_ids=story.records_of(asked.source),
    )
    sources = story.record_sources
    return [
        Entry(row.sold_at, "order", row.net_order_id, row, "person/entry_order.html", sources.get(row.record_id or 0, ""))
        for row in rows
    ]


def _orders_count(story: Story) -> int:
    return timeline_count(story.reading.cursor, scope=story.viewer.scope(), person_id=story.person_id)


def _points(story: Story, asked: Asked, after: Place | None, limit: int) -> list[Entry]:
    if asked.channel:
        return []
    rows = points_of(
        story.reading.cursor,
        scope=story.viewer.scope(),
        person_id=story.person_id,
        limit=limit,
        after=after,
        record_ids=story.records_of(asked.source),
    )
    sources = story.record_sources
    return [
        Entry(row.occurred_at, "points", row.entry_id, row, "person/entry_points.html", sources.get(row.record_id, ""))
        for row in rows
    ]


def _points_count(story: Story) -> int:
    return points_count(story.reading.cursor, scope=story.viewer.scope(), person_id=story.person_id)


def _behaviour(story: Story, asked: Asked, after: Place | None, limit: int) -> list[Entry]:
    if asked.channel == "service":
        return []
    rows = events_of_in_reach(
        story.viewer,
        story.person_id,
        limit=limit,
        after=after,
        source_code=asked.source,
        in_store=(asked.channel == "store") if asked.channel else None,
    )
    titles = event_titles()
    language = 1 if (get_language() or "").startswith("en") else 0
    return [
        Entry(
            row.occurred_at,
            "behaviour",
            row.event_id,
            row,
            "person/entry_behaviour.html",
            row.source_code,
            titles.get(row.type_code, ("", ""))[language],
        )
        for row in rows
    ]


def _behaviour_count(story: Story) -> int:
    return events_count(story.viewer, story.person_id)


def _tickets(story: Story, asked: Asked, after: Place | None, limit: int) -> list[Entry]:
    if asked.channel not in ("", "service"):
        return []
    entries = [
        Entry(row.opened_at, "ticket", row.ticket_id, row, "person/entry_ticket.html", row.source_code) for row in story.tickets
    ]
    return _stretch([entry for entry in entries if asked.source in ("", entry.source_code)], after, limit)


def _file(story: Story, asked: Asked, after: Place | None, limit: int) -> list[Entry]:
    """Changes of the file come from nobody's channel or source system."""
    return [] if asked.is_cut else _stretch(_file_entries(story), after, limit)


def _file_entries(story: Story) -> list[Entry]:
    """Both kinds of change share one row of numbers: even ones are of identity, odd ones of consent."""
    changes = [Entry(row.at, "file", 2 * row.event_id, row, "person/entry_identity.html") for row in story.changes]
    consents = [Entry(row.said_at, "file", 2 * row.number + 1, row, "person/entry_consent.html") for row in story.consents]
    return changes + consents


def _stretch(entries: list[Entry], after: Place | None, limit: int) -> list[Entry]:
    later = [entry for entry in entries if after is None or entry.place < after]
    return sorted(later, key=lambda entry: entry.place, reverse=True)[:limit]


FEEDS: Mapping[str, Feed] = {
    "order": Feed(_orders, _orders_count),
    "points": Feed(_points, _points_count),
    "ticket": Feed(_tickets, lambda story: len(story.tickets)),
    "behaviour": Feed(_behaviour, _behaviour_count),
    "file": Feed(_file, lambda story: len(_file_entries(story))),
}


def _text(places: Mapping[str, Place]) -> str:
    return ";".join(f"{kind}~{at.isoformat()}~{number}" for kind, (at, number) in sorted(places.items()))


def _places(text: str) -> dict[str, Place]:
    places: dict[str, Place] = {}
    for part in text.split(";") if text else ():
        kind, _tilde, rest = part.partition("~")
        moment, _tilde, number = rest.partition("~")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or kind not in FEEDS or not number.isdecimal() or len(number) > LONGEST_NUMBER:
            raise ValueError(f"not a position of a timeline: {text[:60]!r}")
        places[kind] = at, int(number)
    return places
