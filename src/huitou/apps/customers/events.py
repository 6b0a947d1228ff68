"""What customers do that windows can count: purchases."""

from collections.abc import Iterator

from huitou.apps.base.fields import EventEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import categories_below, category_names, product_names, store_names
from huitou.core.filters.catalogue import Choice, Event, Field, FieldType
from huitou.core.filters.tree import Measure
from huitou.core.labels import Label

CHANNELS = (Choice("store", Label("门店", "store")), Choice("online", Label("线上", "online")))


def _reference(name: str, zh: str, en: str, below: tuple[tuple[int, tuple[int, ...]], ...] = ()) -> Field:
    return Field(name, Label(zh, en), FieldType.REFERENCE, sql_column=f"{name}_id", minimum=1, maximum=2**31 - 1, below=below)


def purchases(viewer: Viewer) -> Iterator[EventEntry]:
    """Yield the purchase: a net order, or its share in some categories or products (docs/filters.md)."""
    event = Event(
        "purchase",
        Label("购买", "Purchase"),
        tuple(Measure),
        (
            _reference("category", "品类", "category", tuple(categories_below().items())),
            _reference("product", "商品", "product"),
            _reference("store", "门店", "store"),
            Field("channel", Label("渠道", "channel"), FieldType.ENUM, sql_column="channel", choices=CHANNELS),
        ),
        one_of=("category", "product"),
    )
    names = {"category": lambda one: category_names(), "store": lambda one: store_names(one.store_ids)}
    yield EventEntry(event, names, {"product": product_names})
