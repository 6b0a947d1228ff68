"""Events in: one request of up to 1,000, by key or by signature, stored at once and judged within the next micro-batch."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from ninja import Router
from ninja.responses import Status

from huitou.apps.attributes.definitions import attributes_by_code, choices_of, event_codes_usable
from huitou.apps.attributes.models import Attribute
from huitou.apps.base.clock import utc_now
from huitou.apps.intake import services
from huitou.apps.intake.sources import SourceUnknown
from huitou.core.attributes import KNOWN_EVENTS, AttributeType, Unreadable, value_read
from huitou.core.consent import CHANNELS
from huitou.core.periods import business_date
from huitou.core.value.contacts import RESPONSE, TOUCH
from huitou.web.api.access import SignedGuard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.events import EventIn, EventsIn, ReceivedOut
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["events"])
ORDER_CHANNELS = ("store", "online")
# What each type cannot do without; of a tuple one is enough.
NEEDS: Mapping[str, tuple[str | tuple[str, ...], ...]] = {
    "customer": ("customer",),
    "order": ("store", "lines"),
    "line": ("order", "line_no", "store", "product", "qty", "amount"),
    "refund": ("store", "original", "lines"),
    "review": (("rating", "text"),),
    "community": ("text",),
    "attribute": ("customer", "attribute", "value"),
    "referral": ("customer", "referrer"),
    "group_join": ("customer", "group"),
    "group_leave": ("customer", "group"),
    "touch": ("customer", "channel"),
    "response": ("customer", "channel"),
}


@router.post("/events", response=answers(ReceivedOut, status=202), auth=SignedGuard("events_post"), url_name="events_post")
def events_post(request: HttpRequest, body: EventsIn) -> Status[Any]:
    """
    Take 1 to 1,000 events of one source; all of them or, when one does not fit its type, none.

    Idempotent by (source, id, version): repeated, late and shuffled events end in the same state. An id is one event of its
    source whatever its type; orders, tickets and customers are known by their own numbers.
    """
    caller = caller_of(request)
    _check(body.events)
    items = [event.model_dump(mode="json", exclude_none=True) for event in body.events]

    def call() -> tuple[int, Any]:
        try:
            received = services.events_receive(source_code=body.source, items=items, now=utc_now())
        except SourceUnknown as error:
            raise Problem(404, str(error)) from error
        return 202, {"received": received.row_count, "repeat": received.is_repeat}

    return once(request, caller, "events_post", call, body=request.body)


def _value_problem(place: int, attribute: Attribute | None, value: str) -> list[dict[str, str]]:
    if attribute is None or not attribute.is_enabled:
        return [{"place": f"events.{place}.attribute", "problem": "no such attribute: see GET /attributes"}]
    try:
        value_read(value, AttributeType(attribute.type_code), choices_of(attribute), places=attribute.places)
    except Unreadable as error:
        return [{"place": f"events.{place}.value", "problem": str(error)}]
    return []


def _check(events: list[EventIn]) -> None:
    errors = []
    custom = event_codes_usable(today=business_date(utc_now()))
    attributes = attributes_by_code(event.attribute for event in events if event.attribute)
    for place, event in enumerate(events):
        if event.type not in KNOWN_EVENTS | custom or event.type == "follow_up":
            errors.append({"place": f"events.{place}.type", "problem": "no such type: see GET /attributes for custom ones"})
        if event.type == "attribute" and event.attribute and event.value:
            errors += _value_problem(place, attributes.get(event.attribute), event.value)
        if event.channel and event.channel not in (CHANNELS if event.type in (TOUCH, RESPONSE) else ORDER_CHANNELS):
            errors.append({"place": f"events.{place}.channel", "problem": f"no channel of {event.type}"})
        for need in NEEDS.get(event.type, ()):
            names = (need,) if isinstance(need, str) else need
            if not any(getattr(event, name) not in (None, []) for name in names):
                errors.append({"place": f"events.{place}", "problem": f"{event.type} needs {' or '.join(names)}"})
    if errors:
        raise Problem(422, "some events lack what their type needs; nothing was stored", errors=errors[:20])
