"""What customers do besides buying that windows can count."""

from collections.abc import Iterator

from huitou.apps.base.fields import EventEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import product_names, store_names
from huitou.core.filters.catalogue import Event, EventRows, Field, FieldType
from huitou.core.labels import Label


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


EVENTS = (
    _event("view", "浏览", "View", "view"),
    _event("search", "搜索", "Search", "search"),
    _event("cart", "加购", "Added to cart", "add_to_cart"),
    _event("pay", "线上支付", "Online payment", "pay"),
    _event("review", "评价", "Review", "review"),
    _event("community", "社区发言", "Community post", "community"),
)


def done(viewer: Viewer) -> Iterator[EventEntry]:
    """Yield the events of the app and the community."""
    for event in EVENTS:
        yield EventEntry(event, {"store": lambda one: store_names(one.store_ids)}, {"product": product_names})
