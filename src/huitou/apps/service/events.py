"""What customers do that windows can count: tickets."""

from collections.abc import Iterator

from huitou.apps.base.fields import EventEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import store_names
from huitou.core.filters.catalogue import Choice, Event, EventRows, Field, FieldType
from huitou.core.labels import Label

TYPES = (
    Choice("complaint", Label("投诉", "complaint")),
    Choice("delivery", Label("配送", "delivery")),
    Choice("enquiry", Label("咨询", "enquiry")),
    Choice("exchange", Label("换货", "exchange")),
    Choice("praise", Label("表扬", "praise")),
    Choice("repair", Label("维修", "repair")),
    Choice("return", Label("退货", "return")),
)
TICKET = Event(
    "ticket",
    Label("工单", "Ticket"),
    narrowings=(
        Field("type", Label("类型", "type"), FieldType.ENUM, orm_path="type_code", choices=TYPES),
        Field("store", Label("门店", "store"), FieldType.REFERENCE, orm_path="store_id"),
    ),
    rows=EventRows("service.Ticket", "opened_at"),
)


def tickets(viewer: Viewer) -> Iterator[EventEntry]:
    """Yield the ticket of the after-sales system, counted from the day it was opened."""
    yield EventEntry(TICKET, {"store": lambda one: store_names(one.store_ids)})
