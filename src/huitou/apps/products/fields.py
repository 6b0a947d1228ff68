"""What stores can be filtered by and shown with."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import store_regions
from huitou.core.filters.catalogue import Choice, Field, FieldType
from huitou.core.labels import Label

STORE = Label("门店", "Store")


def _entry(
    name: str, label: Label, type: FieldType, *, column: Column = Column.DEFAULT, sortable: bool = False, nullable: bool = False,
    unit: Label | None = None,
) -> FieldEntry:  # fmt: skip
    field = Field(name, label, type, orm_path=name, nullable=nullable, unit=unit, minimum=0, maximum=10**6)
    return FieldEntry(field, STORE, column, sortable)


STORE_ENTRIES: tuple[FieldEntry, ...] = (
    _entry("code", Label("编号", "Code"), FieldType.CODE, sortable=True),
    _entry("city", Label("城市", "City"), FieldType.CODE),
    _entry("address", Label("地址", "Address"), FieldType.CODE),
    _entry("opened_on", Label("开业", "Opened"), FieldType.DATE, sortable=True, nullable=True),
    _entry("area_m2", Label("面积", "Area"), FieldType.INTEGER, sortable=True, nullable=True, unit=Label("m²", "m²")),
    _entry("is_placeholder", Label("只有编号", "Code only"), FieldType.FLAG, column=Column.OFFERED),
)


def store_fields(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the fields of stores, the region behind the code."""
    code, *others = STORE_ENTRIES
    yield code
    yield from _regions(viewer)
    yield from others


def _regions(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field `region` with the regions of the stores in reach; nothing where there are none."""
    names = {store.region_code: store.region_name for store in store_regions(viewer=viewer) if store.region_code}
    choices = tuple(Choice(code, Label(name or code, name or code)) for code, name in names.items())
    if choices:
        field = Field("region", Label("区域", "Region"), FieldType.ENUM, orm_path="region_code", nullable=False, choices=choices)
        yield FieldEntry(field, STORE, Column.DEFAULT, sortable=True)
