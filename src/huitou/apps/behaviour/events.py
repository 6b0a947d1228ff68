"""What customers do besides buying, and how they were contacted, that windows can count."""

from collections.abc import Iterator

from huitou.apps.base.fields import EventEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import product_names, store_names
from huitou.core.consent import CHANNEL_LABELS
from huitou.core.filters.catalogue import Choice, Event, EventRows, Field, FieldType
from huitou.core.labels import Label
from huitou.core.value.contacts import RESPONSE, TOUCH, event_type


def _event(name: str, zh: str, en: str, type_code: str) -> Event:
    return Event(
        name,
        Label(zh, en),
        narrowings=(
            Field("product", Label("商品", "product"), FieldType.REFERENCE, orm_path="product_id"),
            Field("store", Label("门店", "store"), FieldType.REFERENCE, orm_path="store_id"),
        ),
        rows=EventRows("behaviour.BehaviourEvent", "occurred_at", where=(("type_code", type_code),)),
    )


def _contact(kind: str, zh: str, en: str) -> Event:
    """Return touches or responses over all channels, each of which is a type of its own."""
    types = {channel: event_type(kind, channel) for channel in CHANNEL_LABELS}
    channels = tuple(Choice(channel, label, stored=types[channel]) for channel, label in CHANNEL_LABELS.items())
    return Event(
        kind,
        Label(zh, en),
        narrowings=(Field("channel", Label("渠道", "channel"), FieldType.ENUM, orm_path="type_code", choices=channels),),
        rows=EventRows("behaviour.BehaviourEvent", "occurred_at", where=(("type_code__in", tuple(types.values())),)),
    )


EVENTS = (
    _event("view", "浏览", "View", "view"),
    _event("search", "搜索", "Search", "search"),
    _event("cart", "加购", "Added to cart", "add_to_cart"),
    _event("pay", "线上支付", "Online payment", "pay"),
    _event("review", "评价", "Review", "review"),
    _event("community", "社区发言", "Community post", "community"),
    _contact(TOUCH, "触达", "Contact"),
    _contact(RESPONSE, "回应触达", "Answer to a contact"),
)


def done(viewer: Viewer) -> Iterator[EventEntry]:
    """Yield the events of the app and the community, touches and what answered them."""
    for event in EVENTS:
        names = {field.name for field in event.narrowings}
        stores = {"store": lambda one: store_names(one.store_ids)} if "store" in names else {}
        yield EventEntry(event, stores, {"product": product_names} if "product" in names else {})
