"""What customers can be filtered by, as far as the file and the published facts tell it; higher apps add their fields."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from huitou.apps.base.fields import Column, FieldEntry, Noun, catalogue_of
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import StoreRegion, categories_named, store_names, store_regions
from huitou.core.filters.catalogue import Catalogue, Choice, Field, FieldType
from huitou.core.filters.tree import All, Any, Condition, Node, Not, Operator
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, KEY_FIELD_LABELS, bits_without
from huitou.core.labels import Label
from huitou.core.value.lifecycle import DORMANT_DAYS, NEW_DAYS, Stage

STAGE_LABELS = {
    Stage.NEW: Label("新客", "new"),
    Stage.ACTIVE: Label("活跃", "active"),
    Stage.DORMANT: Label("沉睡", "dormant"),
}
PURCHASES, FILE = Label("购买", "Purchases"), Label("档案", "File")
_TIMES, _SOURCES, _POINTS = Label("次", "orders"), Label("个", "sources"), Label("分", "points")
_OFFERED, _DEFAULT = Column.OFFERED, Column.DEFAULT


def _fact(
    name: str, zh: str, en: str, type: FieldType, place: str, unit: Label | None = None, *,
    column: Column = _OFFERED, sortable: bool = False, sorts_as: str = "",
) -> FieldEntry:  # fmt: skip
    field = Field(name, Label(zh, en), type, orm_path=f"facts__{place}", sql_column=place, unit=unit)
    return FieldEntry(field, PURCHASES, column, sortable, sorts_as)


_IS_NEW = Any((Condition("last_purchase", Operator.MISSING), Condition("days_since_first", Operator.LTE, NEW_DAYS)))
_IS_DORMANT = Condition("days_since_purchase", Operator.GTE, DORMANT_DAYS)
_STAGE = Field(
    "stage",
    Label("生命周期", "Lifecycle"),
    FieldType.ENUM,
    nullable=False,
    choices=(
        Choice(Stage.NEW.value, STAGE_LABELS[Stage.NEW], _IS_NEW),
        Choice(Stage.ACTIVE.value, STAGE_LABELS[Stage.ACTIVE], All((Not(_IS_NEW), Not(_IS_DORMANT)))),
        Choice(Stage.DORMANT.value, STAGE_LABELS[Stage.DORMANT], _IS_DORMANT),
    ),
)
_SENSITIVITY = Field(
    "price_sensitivity",
    Label("价格敏感度", "Price sensitivity"),
    FieldType.INTEGER,
    orm_path="facts__price_sensitivity",
    sql_column="price_sensitivity",
    minimum=1,
    maximum=5,
)
_TOP_CATEGORY = Field(
    "top_category",
    Label("高频品类", "Top category"),
    FieldType.REFERENCE,
    orm_path="facts__top_category_id",
    sql_column="top_category_id",
)
_SOURCE_COUNT = Field(
    "sources",
    Label("来源数", "Sources"),
    FieldType.INTEGER,
    orm_path="source_count",
    nullable=False,
    minimum=0,
    maximum=100,
    unit=_SOURCES,
)
_HOME_STORE = Field("home_store", Label("归属门店", "Home store"), FieldType.REFERENCE, orm_path="home_store_id")
_IS_MEMBER = Field("is_member", Label("会员", "Member"), FieldType.FLAG, orm_path="is_member", nullable=False)
_REGISTERED = Field("registered", Label("注册日", "Registered on"), FieldType.DATE, orm_path="registered_at", of_moment=True)
_COMPLETENESS = Field(
    "completeness", Label("资料完整度", "Completeness"), FieldType.SHARE, orm_path="completeness_share", nullable=False
)
_FILLED = Field("filled_bits", Label("已填的资料", "Filled key fields"), FieldType.REFERENCE, orm_path="filled_bits")


def _without(name: str) -> Node:
    if name == "store":  # orders may set the store after the file was written: its bit would be old
        return Condition("home_store", Operator.MISSING)
    return Any((Condition("filled_bits", Operator.IN, bits_without(name)), Condition("filled_bits", Operator.MISSING)))


_LACKS = Field(
    "lacks",
    Label("缺的资料", "Lacks"),
    FieldType.ENUM,
    choices=tuple(Choice(name, KEY_FIELD_LABELS[name], _without(name)) for name in COMPLETENESS_WEIGHTS),
)
ENTRIES: tuple[FieldEntry, ...] = (
    FieldEntry(_STAGE, PURCHASES, _OFFERED),
    _fact(
        "days_since_purchase",
        "最近购买",
        "Last purchase",
        FieldType.DAYS_AGO,
        "last_date",
        column=_DEFAULT,
        sorts_as="last_purchase",
    ),
    _fact("last_purchase", "最近购买日", "Last purchase date", FieldType.DATE, "last_date", sortable=True),
    _fact("days_since_first", "首次购买", "First purchase", FieldType.DAYS_AGO, "first_date"),
    _fact("first_purchase", "首次购买日", "First purchase date", FieldType.DATE, "first_date"),
    _fact("net_365d", "近 12 月净消费", "Net spend in 12 months", FieldType.FEN, "net_365d_fen", column=_DEFAULT, sortable=True),
    _fact("orders_90d", "近 90 天订单数", "Orders in 90 days", FieldType.INTEGER, "orders_90d", _TIMES),
    _fact("orders_365d", "近 12 月订单数", "Orders in 12 months", FieldType.INTEGER, "orders_365d", _TIMES),
    _fact("orders", "累计订单数", "Orders", FieldType.INTEGER, "orders_count", _TIMES, column=_DEFAULT, sortable=True),
    _fact("online_orders", "线上订单数", "Online orders", FieldType.INTEGER, "online_orders", _TIMES),
    _fact("net", "累计净消费", "Net spend", FieldType.FEN, "net_fen"),
    _fact("net_90d", "近 90 天净消费", "Net spend in 90 days", FieldType.FEN, "net_90d_fen"),
    _fact("points", "积分余额", "Points", FieldType.INTEGER, "points_balance", _POINTS),
    FieldEntry(_TOP_CATEGORY, PURCHASES, _OFFERED, names=categories_named),
    FieldEntry(_SENSITIVITY, PURCHASES, _OFFERED),
    FieldEntry(_HOME_STORE, FILE, _DEFAULT, names=lambda viewer: store_names(viewer.store_ids)),
    FieldEntry(_IS_MEMBER, FILE, _OFFERED),
    FieldEntry(_REGISTERED, FILE),
    FieldEntry(_SOURCE_COUNT, FILE, _OFFERED),
    FieldEntry(_COMPLETENESS, FILE, _OFFERED),
    FieldEntry(_LACKS, FILE),
    FieldEntry(_FILLED, FILE, is_part=True),
)


def customer_catalogue(viewer: Viewer | None = None) -> Catalogue:
    """Return what customers can be filtered by; with a viewer also what depends on stored rows (regions, tags)."""
    return catalogue_of(Noun.CUSTOMER, viewer)


def regions(viewer: Viewer) -> Iterator[FieldEntry]:
    """Yield the field `region`: it stands for the home stores of a region, as far as the viewer reaches."""
    field = region_field(store_regions(viewer=viewer))
    if field is not None:
        yield FieldEntry(field, FILE, _OFFERED)


def region_field(stores: Iterable[StoreRegion], *, of: str = "home_store") -> Field | None:
    """Return the field of these stores' regions, told from the field `of` that names a store; None without stores."""
    ordered = sorted(stores, key=lambda store: store.region_code)
    choices = tuple(_region(list(group), of) for _, group in groupby(ordered, key=lambda store: store.region_code))
    return Field("region", Label("区域", "Region"), FieldType.ENUM, choices=choices) if choices else None


def _region(stores: list[StoreRegion], of: str) -> Choice:
    name = stores[0].region_name or stores[0].region_code or "—"
    rule = Condition(of, Operator.IN, tuple(sorted(store.store_id for store in stores)))
    return Choice(stores[0].region_code, Label(name, name), rule)
