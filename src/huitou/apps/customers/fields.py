"""What customers can be filtered by: the catalogue for the customer list, segments and the API."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from huitou.core.filters.catalogue import Catalogue, Choice, Field, FieldType
from huitou.core.filters.tree import All, Any, Condition, Not, Operator
from huitou.core.labels import Label
from huitou.core.value.lifecycle import DORMANT_DAYS, NEW_DAYS, Stage

STAGE_LABELS = {
    Stage.NEW: Label("新客", "new"),
    Stage.ACTIVE: Label("活跃", "active"),
    Stage.DORMANT: Label("沉睡", "dormant"),
}
_TIMES, _SOURCES, _POINTS = Label("次", "orders"), Label("个", "sources"), Label("分", "points")


@dataclass(frozen=True, slots=True)
class StoreRegion:
    """A store and the region it belongs to, for the region field."""

    store_id: int
    region_code: str
    region_name: str


def _fact(name: str, zh: str, en: str, type: FieldType, column: str, unit: Label | None = None) -> Field:
    return Field(name, Label(zh, en), type, orm_path=f"facts__{column}", sql_column=column, unit=unit)


def _last(name: str, zh: str, en: str) -> Field:
    """Days since a person last did something; the behaviour app keeps the day beside the person."""
    return Field(f"days_since_{name}", Label(zh, en), FieldType.DAYS_AGO, orm_path=f"behaviour__last_{name}_on")


_IS_NEW = Any((Condition("last_purchase", Operator.MISSING), Condition("days_since_first", Operator.LTE, NEW_DAYS)))
_IS_DORMANT = Condition("days_since_purchase", Operator.GTE, DORMANT_DAYS)
_FIELDS: tuple[Field, ...] = (
    _fact("days_since_purchase", "最近购买", "Last purchase", FieldType.DAYS_AGO, "last_date"),
    _fact("last_purchase", "最近购买日", "Last purchase date", FieldType.DATE, "last_date"),
    _fact("days_since_first", "首次购买", "First purchase", FieldType.DAYS_AGO, "first_date"),
    _fact("first_purchase", "首次购买日", "First purchase date", FieldType.DATE, "first_date"),
    Field(
        "stage",
        Label("生命周期", "Lifecycle"),
        FieldType.ENUM,
        nullable=False,
        choices=(
            Choice(Stage.NEW.value, STAGE_LABELS[Stage.NEW], _IS_NEW),
            Choice(Stage.ACTIVE.value, STAGE_LABELS[Stage.ACTIVE], All((Not(_IS_NEW), Not(_IS_DORMANT)))),
            Choice(Stage.DORMANT.value, STAGE_LABELS[Stage.DORMANT], _IS_DORMANT),
        ),
    ),
    _fact("orders", "累计订单数", "Orders", FieldType.INTEGER, "orders_count", _TIMES),
    _fact("orders_90d", "近 90 天订单数", "Orders in 90 days", FieldType.INTEGER, "orders_90d", _TIMES),
    _fact("orders_365d", "近 12 月订单数", "Orders in 12 months", FieldType.INTEGER, "orders_365d", _TIMES),
    _fact("online_orders", "线上订单数", "Online orders", FieldType.INTEGER, "online_orders", _TIMES),
    _fact("net", "累计净消费", "Net spend", FieldType.FEN, "net_fen"),
    _fact("net_90d", "近 90 天净消费", "Net spend in 90 days", FieldType.FEN, "net_90d_fen"),
    _fact("net_365d", "近 12 月净消费", "Net spend in 12 months", FieldType.FEN, "net_365d_fen"),
    _fact("points", "积分余额", "Points", FieldType.INTEGER, "points_balance", _POINTS),
    _fact("top_category", "高频品类", "Top category", FieldType.REFERENCE, "top_category_id"),
    Field(
        "price_sensitivity",
        Label("价格敏感度", "Price sensitivity"),
        FieldType.INTEGER,
        orm_path="facts__price_sensitivity",
        sql_column="price_sensitivity",
        minimum=1,
        maximum=5,
    ),
    Field("home_store", Label("归属门店", "Home store"), FieldType.REFERENCE, orm_path="home_store_id"),
    Field("is_member", Label("会员", "Member"), FieldType.FLAG, orm_path="is_member", nullable=False),
    Field(
        "sources",
        Label("来源数", "Sources"),
        FieldType.INTEGER,
        orm_path="source_count",
        nullable=False,
        minimum=0,
        maximum=100,
        unit=_SOURCES,
    ),
    _last("view", "最近浏览", "Last view"),
    _last("search", "最近搜索", "Last search"),
    _last("cart", "最近加购", "Last added to cart"),
    _last("pay", "最近线上支付", "Last online payment"),
    _last("review", "最近评价", "Last review"),
    _last("community", "最近社区发言", "Last community post"),
    Field(
        "last_rating",
        Label("最近评分", "Last rating"),
        FieldType.INTEGER,
        orm_path="behaviour__last_rating",
        minimum=1,
        maximum=5,
    ),
    Field("completeness", Label("资料完整度", "Completeness"), FieldType.SHARE, orm_path="completeness_share", nullable=False),
)


def customer_catalogue(stores: Iterable[StoreRegion] = ()) -> Catalogue:
    """Return the catalogue; with stores it has the field `region`, which stands for the home stores of that region."""
    choices = tuple(_region(list(group)) for _, group in groupby(sorted(stores, key=_region_order), key=_region_order))
    region = (Field("region", Label("区域", "Region"), FieldType.ENUM, choices=choices),) if choices else ()
    return Catalogue(Label("客户", "customers"), _FIELDS + region)


def _region_order(store: StoreRegion) -> str:
    return store.region_code


def _region(stores: list[StoreRegion]) -> Choice:
    name = stores[0].region_name
    rule = Condition("home_store", Operator.IN, tuple(sorted(store.store_id for store in stores)))
    return Choice(stores[0].region_code, Label(name, name), rule)
