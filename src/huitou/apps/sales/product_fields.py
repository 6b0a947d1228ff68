"""What products can be filtered by and shown with; every field names a column of `sales.products`."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import categories_below, category_names, root_categories
from huitou.core.filters.catalogue import Choice, Field, FieldType
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label

FILE, SOLD = Label("商品", "Product"), Label("近 4 周", "Last 4 weeks")
COST_ROLES = frozenset({"admin", "manager", "analyst", "product_owner"})  # who is told what a product costs the chain
_OFFERED, _DEFAULT = Column.OFFERED, Column.DEFAULT


def _entry(
    name: str, label: Label, type: FieldType, place: str, group: Label, column: Column, *,
    known: bool = True, sortable: bool = True, sorts_as: str = "", unit: Label | None = None,
) -> FieldEntry:  # fmt: skip
    return FieldEntry(
        Field(name, label, type, sql_column=place, nullable=not known, unit=unit), group, column, sortable, sorts_as
    )


_CATEGORY = Field("category", Label("品类", "Category"), FieldType.REFERENCE, sql_column="category_id", nullable=False)
_LAST, _LAST_DAY = Label("最后卖出", "Last sold"), Label("最后卖出日", "Last sold on")
_PIECES = Label("件", "pieces")
PRODUCT_ENTRIES: tuple[FieldEntry, ...] = (
    _entry("code", Label("编号", "Code"), FieldType.CODE, "code", FILE, _DEFAULT),
    FieldEntry(_CATEGORY, FILE, _DEFAULT, names=lambda viewer: category_names()),
    _entry("brand", Label("品牌", "Brand"), FieldType.CODE, "brand", FILE, _OFFERED),
    _entry("price", Label("售价", "Price"), FieldType.FEN, "price_fen", FILE, _DEFAULT, known=False),
    _entry("is_placeholder", Label("只有编号", "Code only"), FieldType.FLAG, "is_placeholder", FILE, _OFFERED, sortable=False),
    _entry("last_sold", _LAST_DAY, FieldType.DATE, "last_date", FILE, _OFFERED, known=False),
    _entry(
        "days_since_sold",
        _LAST,
        FieldType.DAYS_AGO,
        "last_date",
        FILE,
        _DEFAULT,
        known=False,
        sortable=False,
        sorts_as="last_sold",
    ),
    _entry("net", Label("近 4 周净额", "Net in 4 weeks"), FieldType.FEN, "net_fen", SOLD, _DEFAULT),
    _entry("pieces", Label("近 4 周卖出", "Sold in 4 weeks"), FieldType.INTEGER, "pieces", SOLD, _DEFAULT, unit=_PIECES),
    _entry("returned", Label("近 4 周退货额", "Returned in 4 weeks"), FieldType.FEN, "refund_fen", SOLD, _DEFAULT),
)
_MARGIN = Label("近 4 周毛利（按现成本）", "Margin in 4 weeks at today's cost")
COST_ENTRIES: tuple[FieldEntry, ...] = (
    _entry("cost", Label("成本", "Cost"), FieldType.FEN, "cost_fen", FILE, _OFFERED, known=False),
    _entry("margin", _MARGIN, FieldType.FEN, "margin_fen", SOLD, _OFFERED, known=False),
)


def departments(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field `department`: a category of the first level stands for all below it; nothing before categories came."""
    below = categories_below()
    choices = tuple(
        Choice(f"c{root}", Label(name, name), Condition("category", Operator.IN, (root, *below.get(root, ()))))
        for root, name in root_categories().items()
    )
    if choices:
        yield FieldEntry(Field("department", Label("大类", "Department"), FieldType.ENUM, choices=choices), FILE, _OFFERED)


def costs(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield what a product costs and what is left of its sales, for those who may know."""
    if viewer.role_code in COST_ROLES:
        yield from COST_ENTRIES
