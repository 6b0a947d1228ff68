"""Read what a person did. Cut to the viewer's reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.models import BehaviourEvent
from huitou.apps.behaviour.texts import text_open
from huitou.apps.customers.queries import persons_in_reach

MOST_EVENTS = 1_000


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


def events_of_in_reach(viewer: Viewer, person_id: int, *, types: Sequence[str] = (), limit: int = MOST_EVENTS) -> list[EventRow]:
    """Return a person's events, newest first; nothing for a person out of reach."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return []
    events: QuerySet[BehaviourEvent] = BehaviourEvent.objects.filter(person_id=person_id)
    if types:
        events = events.filter(type_code__in=types)
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
            text=text_open(event.pk, event.text),
        )
        for event in events.order_by("-occurred_at", "-pk")[:limit]
    ]
