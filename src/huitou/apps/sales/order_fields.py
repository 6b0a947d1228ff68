"""What orders can be filtered by and shown with; every field names a column of `warehouse.queries.order_list.ORDERS`."""

from collections.abc import Iterator

from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.fields import region_field
from huitou.apps.products.queries import product_names_by_code, store_names, store_regions
from huitou.core.filters.catalogue import Choice, Field, FieldType, SqlRows
from huitou.core.labels import Label

SALE, MONEY, ROWS = Label("销售", "Sale"), Label("金额", "Amounts"), Label("明细", "Lines")
_OFFERED, _DEFAULT = Column.OFFERED, Column.DEFAULT
_MOST_ROWS = 10**6


def _field(name: str, zh: str, en: str, type: FieldType, column: str, unit: Label | None = None) -> Field:
    minimum = 0 if type is FieldType.INTEGER else -(10**12)
    maximum = _MOST_ROWS if type is FieldType.INTEGER else 10**12
    return Field(
        name, Label(zh, en), type, sql_column=column, nullable=False, unit=unit, minimum=minimum, maximum=maximum,
    )  # fmt: skip


_CHANNEL = Field(
    "channel",
    Label("渠道", "Channel"),
    FieldType.ENUM,
    sql_column="channel_code",
    nullable=False,
    choices=(Choice("store", Label("门店", "store")), Choice("online", Label("线上", "online"))),
)
_BUYER = Field(
    "buyer",
    Label("客户", "Customer"),
    FieldType.ENUM,
    sql_column="buyer_code",
    nullable=False,
    choices=(Choice("known", Label("认得出的", "identified")), Choice("anonymous", Label("匿名", "anonymous"))),
)
_SOLD = SqlRows(
    "select net_order_id, code from lines inner join products using (product_id) where kind = 0", owner="net_order_id"
)  # fmt: skip
_PRODUCT = Field(
    "product", Label("含商品", "Product sold"), FieldType.CODE, sql_column="code", nullable=False, sql_rows=_SOLD,
    unit=Label("（编号）", "(code)"),
)  # fmt: skip
_BATCH = Field(
    "batch", Label("批次", "Batch"), FieldType.REFERENCE, sql_column="batch_id", nullable=False,
    sql_rows=SqlRows("select net_order_id, batch_id from lines", owner="net_order_id"),
)  # fmt: skip
_LINES, _PIECES = Label("行", "lines"), Label("件", "pieces")
ORDER_ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(_field("date", "日期", "Date", FieldType.DATE, "d"), SALE, _DEFAULT, sortable=True),
    FieldEntry(_field("days_since", "多久以前", "How long ago", FieldType.DAYS_AGO, "d"), SALE, _OFFERED, sorts_as="date"),
    FieldEntry(
        Field("store", Label("门店", "Store"), FieldType.REFERENCE, sql_column="store_id", nullable=False),
        SALE,
        _DEFAULT,
        names=lambda viewer: store_names(viewer.store_ids),
    ),
    FieldEntry(_CHANNEL, SALE, _DEFAULT),
    FieldEntry(_BUYER, SALE, _DEFAULT),
    FieldEntry(Field("number", Label("单号", "Number"), FieldType.CODE, sql_column="order_no"), SALE),
    FieldEntry(_field("has_sale", "销售已到", "Sale landed", FieldType.FLAG, "has_sale"), SALE, _OFFERED),
    FieldEntry(_BATCH, ROWS),
    FieldEntry(_PRODUCT, ROWS, called=product_names_by_code),
    FieldEntry(_field("items", "件数", "Pieces", FieldType.INTEGER, "items", _PIECES), ROWS, _DEFAULT, sortable=True),
    FieldEntry(_field("lines", "销售行", "Sale lines", FieldType.INTEGER, "lines_count", _LINES), ROWS, _OFFERED, sortable=True),
    FieldEntry(_field("return_lines", "退货行", "Return lines", FieldType.INTEGER, "return_lines", _LINES), ROWS, _OFFERED),
    FieldEntry(_field("void_lines", "作废行", "Void lines", FieldType.INTEGER, "void_lines", _LINES), ROWS, _OFFERED),
    FieldEntry(_field("net", "净额", "Net", FieldType.FEN, "net_fen"), MONEY, _DEFAULT, sortable=True),
    FieldEntry(_field("gross", "销售额", "Sales", FieldType.FEN, "gross_fen"), MONEY, _OFFERED, sortable=True),
    FieldEntry(_field("discount", "优惠", "Discount", FieldType.FEN, "discount_fen"), MONEY, _DEFAULT, sortable=True),
    FieldEntry(_field("returned", "退货额", "Returned", FieldType.FEN, "refund_fen"), MONEY, _DEFAULT, sortable=True),
)  # fmt: skip


def regions(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field `region`: it stands for the stores of a region, as far as the viewer reaches."""
    field = region_field(store_regions(viewer=viewer), of="store")
    if field is not None:
        yield FieldEntry(field, SALE, _OFFERED)
