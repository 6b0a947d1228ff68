"""The category a customer is most likely to buy next, as a field of customers."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import categories_named
from huitou.apps.recommend.queries import run_in_force
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.labels import Label

GROUP = Label("消费习惯", "Habits")
_FIELD = Field(
    "next_category", Label("下次最可能买的品类", "Most likely next category"), FieldType.REFERENCE,
    orm_path="recommendation__next_category_id",
)  # fmt: skip


def next_category(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field once there are lists."""
    if run_in_force() is not None:
        yield FieldEntry(_FIELD, GROUP, Column.OFFERED, names=categories_named)
