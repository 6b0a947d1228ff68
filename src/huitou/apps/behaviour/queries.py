"""Read what a person did. Cut to the viewer's reach."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet, Subquery

from huitou.apps.base.bulk import chunked
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent, BehaviourFacts, PersonContact
from huitou.apps.behaviour.texts import text_open
from huitou.apps.customers.queries import persons_in_reach
from huitou.core.periods import Period, business_date, day_start
from huitou.core.planted import hidden
from huitou.core.value.contacts import EVENT_TYPES, TOUCH

MOST_EVENTS = 1_000
_IDS_PER_STATEMENT = 5_000


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as the timeline and the API show it; rating 1..5 or None."""

    event_id: int
    source_code: str
    event_no: str
    type_code: str
    occurred_at: datetime
    store_id: int | None
    product_id: int | None
    rating: int | None
    text: str


def events_count(viewer: Viewer, person_id: int) -> int:
    """Return how many events of a person in reach there are; 0 for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return 0
    return BehaviourEvent.objects.filter(person_id=person_id).count()


def events_of_in_reach(
    viewer: Viewer,
    person_id: int,
    *,
    types: Sequence[str] = (),
    limit: int = MOST_EVENTS,
    after: tuple[datetime, int] | None = None,
    source_code: str = "",
    in_store: bool | None = None,
) -> list[EventRow]:
    """
    Return a person's events, newest first; nothing for a person out of reach.

    after: moment and id of the last event of the page before. in_store: True those of a store, False those without one.
    """
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    events: QuerySet[BehaviourEvent] = BehaviourEvent.objects.filter(person_id=person_id)
    if types:
        events = events.filter(type_code__in=types)
    if after is not None:
        events = events.filter(Q(occurred_at__lt=after[0]) | Q(occurred_at=after[0], pk__lt=after[1]))
    if source_code:
        events = events.filter(source_code=source_code)
    if in_store is not None:
        events = events.filter(store_id__isnull=not in_store)
    return [
        EventRow(
            event_id=event.pk,
            source_code=event.source_code,
            event_no=event.event_no,
            type_code=event.type_code,
            occurred_at=event.occurred_at,
            store_id=event.store_id,
            product_id=event.product_id,
            rating=event.rating,
            text=hidden(text_open(event.pk, event.text)),
        )
        for event in events.order_by("-occurred_at", "-pk")[:limit]
    ]


LAST_DID = ("view", "search", "cart", "pay", "review", "community")


def last_days(person_ids: Collection[int] | None = None) -> Iterator[tuple[int, tuple[date | None, ...], int | None]]:
    """
    Yield per person in rising id: id, the last day of each of LAST_DID, the last rating. None: everybody. For jobs, no screen.
    """
    columns = ("person_id", *(f"last_{name}_on" for name in LAST_DID), "last_rating")
    rows = BehaviourFacts.objects.order_by("pk").values_list(*columns)
    if person_ids is None:
        parts = iter([rows.iterator(chunk_size=20_000)])
    else:
        parts = (rows.filter(pk__in=ids).iterator() for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT))
    for part in parts:
        for row in part:
            yield row[0], row[1:-1], row[-1]


def contacts_counted(person_ids: Collection[int] | None = None) -> Iterator[tuple[int, str, int, int]]:
    """Yield person in rising id, channel, touches and answers of who was ever touched. None: everybody. For jobs, no screen."""
    rows = PersonContact.objects.order_by("person_id", "channel_code")
    columns = ("person_id", "channel_code", "touches", "answers")
    if person_ids is None:
        parts = iter([rows.values_list(*columns).iterator(chunk_size=20_000)])
    else:
        chunks = chunked(sorted(person_ids), _IDS_PER_STATEMENT)
        parts = (rows.filter(person_id__in=ids).values_list(*columns).iterator() for ids in chunks)
    for part in parts:
        yield from part


def touches_grouped(by: Subquery, period: Period) -> list[tuple[Any, str, int]]:
    """
    Return (group, event type, touches of the period) of everybody. by: asked for each touch by its `person_id`. For jobs, no
    screen.
    """
    types = [code for code, (kind, _) in EVENT_TYPES.items() if kind == TOUCH]
    reached = BehaviourEvent.objects.filter(
        type_code__in=types,
        person_id__isnull=False,
        occurred_at__gte=day_start(period.start),
        occurred_at__lt=day_start(period.end),
    )
    counted = reached.annotate(group=by).order_by().values_list("group", "type_code")
    return list(counted.annotate(number=Count("pk")))


def contacts_of_in_reach(viewer: Viewer, person_id: int) -> dict[str, tuple[int, int]]:
    """Return touches and answers by channel of a person in reach; nothing for anybody else."""
    reached = persons_in_reach(viewer).filter(pk=person_id)
    rows = PersonContact.objects.filter(person_id__in=reached.values("pk"))
    return {channel: (touches, answers) for channel, touches, answers in rows.values_list("channel_code", "touches", "answers")}


def low_raters(persons: QuerySet[Any], *, at_most: int) -> dict[int, date]:
    """
    Return the day of the last review by person whose last rating (1..5) is at most so much.

    persons: the ids, as a query that the caller cut to its viewer's reach.
    """
    asked = persons.filter(pk=OuterRef("pk"))  # looked up for each rating: the persons are far more
    rows = BehaviourFacts.objects.filter(Exists(asked), last_rating__lte=at_most, last_review_on__isnull=False)
    return {person: day for person, day in rows.values_list("pk", "last_review_on") if day is not None}


def touches_until(last_days: Mapping[int, date], *, types: Collection[str]) -> dict[int, list[str]]:
    """
    Return the kinds of what each person did, oldest first, up to and with the person's day; who did nothing is left out.

    last_days: business day by person; the caller cut them to its viewer's reach.
    """
    found: dict[int, list[str]] = {}
    for ids in chunked(sorted(last_days), _IDS_PER_STATEMENT):
        rows = BehaviourEvent.objects.filter(person_id__in_list=ids, type_code__in=list(types))
        columns = rows.order_by("person_id", "occurred_at", "pk").values_list("person_id", "type_code", "occurred_at")
        for person_id, type_code, occurred_at in columns.iterator(chunk_size=20_000):
            if person_id is not None and business_date(occurred_at) <= last_days[person_id]:
                found.setdefault(person_id, []).append(type_code)
    return found


def newest_event() -> int:
    """Return the highest id of an event; 0 before the first."""
    return BehaviourEvent.objects.aggregate(last=Max("pk"))["last"] or 0


def persons_since(event_id: int) -> set[int]:
    """Return who did anything that landed after the event of this id. For jobs, no screen."""
    rows = BehaviourEvent.objects.filter(pk__gt=event_id, person_id__isnull=False).order_by()
    return {person_id for person_id in rows.values_list("person_id", flat=True).distinct() if person_id is not None}


def event_counts(
    type_code: str, person_ids: Collection[int] | None = None, *, since: datetime | None = None
) -> list[tuple[int, int]]:
    """
    Return in rising id how often persons did something, from a moment on (None: ever): 0 who did it only before, who never did
    is left out. person_ids None: everybody. For jobs, no screen.
    """
    within = None if since is None else Q(occurred_at__gte=since)
    rows = BehaviourEvent.objects.filter(type_code=type_code, person_id__isnull=False)
    counted = rows.values_list("person_id").annotate(count=Count("pk", filter=within)).order_by("person_id")
    if person_ids is None:
        return [(person_id, count) for person_id, count in counted if person_id is not None]
    parts = (counted.filter(person_id__in=ids) for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT))
    return [(person_id, count) for part in parts for person_id, count in part if person_id is not None]


def texts_said(person_ids: Collection[int] | None = None) -> list[tuple[int, int, date, datetime]]:
    """
    Return (event id, person, business day, moment) of every text without stars, in rising id; stars beside a text say it better.

    None: everybody. For jobs, no screen.
    """
    rows = (
        BehaviourEvent.objects.filter(person_id__isnull=False, text__isnull=False, rating__isnull=True)
        .order_by("pk")
        .values_list("pk", "person_id", "occurred_on", "occurred_at")
    )
    parts = [rows.iterator(chunk_size=20_000)] if person_ids is None else [
        rows.filter(person_id__in=ids) for ids in chunked(sorted(person_ids), _IDS_PER_STATEMENT)
    ]  # fmt: skip
    found = [row for part in parts for row in part]
    return sorted((pk, person or 0, day or business_date(moment), moment) for pk, person, day, moment in found)


def texts_in_clear(event_ids: Collection[int]) -> dict[int, str]:
    """Return the texts of these events by id; an event without one is left out. For jobs, no screen."""
    parts = (BehaviourEvent.objects.filter(pk__in=ids, text__isnull=False) for ids in chunked(event_ids, _IDS_PER_STATEMENT))
    return {pk: text_open(pk, sealed) for part in parts for pk, sealed in part.values_list("pk", "text")}


def rated_texts() -> Iterator[tuple[str, int]]:
    """Yield the text and the stars of every review that has both. For jobs, no screen."""
    rows = BehaviourEvent.objects.filter(text__isnull=False, rating__isnull=False).order_by("pk")
    for pk, sealed, rating in rows.values_list("pk", "text", "rating").iterator(chunk_size=2_000):
        if rating is not None:
            yield text_open(pk, sealed), rating
