"""The columns of person facts: name, type and Chinese label. Publisher, filters and screens read this list."""

from dataclasses import dataclass
from typing import Literal

FactType = Literal["bigint", "integer", "date"]


@dataclass(frozen=True, slots=True)
class Fact:
    """
    One column of person facts. `unit` says how a screen writes it.

    from_base: a score whose cut values come from the last base build; every other column is live.
    """

    name: str
    type: FactType
    label: str
    unit: Literal["fen", "count", "date", "milli", "store", "category", "score", "points"]
    from_base: bool = False


KEY = "person_id"

FACTS: tuple[Fact, ...] = (
    Fact("first_date", "date", "首次购买日", "date"),
    Fact("last_date", "date", "最近购买日", "date"),
    Fact("orders_count", "bigint", "订单数", "count"),
    Fact("order_days", "bigint", "购买天数", "count"),
    Fact("net_fen", "bigint", "累计净消费", "fen"),
    Fact("gross_fen", "bigint", "累计消费(退货前)", "fen"),
    Fact("refund_fen", "bigint", "累计退款", "fen"),
    Fact("discount_fen", "bigint", "累计优惠", "fen"),
    Fact("items_milli", "bigint", "购买件数", "milli"),
    Fact("orders_30d", "bigint", "近30天订单数", "count"),
    Fact("orders_90d", "bigint", "近90天订单数", "count"),
    Fact("orders_365d", "bigint", "近365天订单数", "count"),
    Fact("net_30d_fen", "bigint", "近30天净消费", "fen"),
    Fact("net_90d_fen", "bigint", "近90天净消费", "fen"),
    Fact("net_365d_fen", "bigint", "近365天净消费", "fen"),
    Fact("online_orders", "bigint", "线上订单数", "count"),
    Fact("store_orders", "bigint", "门店订单数", "count"),
    Fact("main_store_id", "integer", "常去门店", "store"),
    Fact("lines_count", "bigint", "商品行数", "count"),
    Fact("discounted_lines", "bigint", "优惠商品行数", "count"),
    Fact("price_sensitivity", "integer", "价格敏感度(1-5)", "score", from_base=True),
    Fact("top_category_id", "integer", "高频品类", "category"),
    Fact("second_category_id", "integer", "第二品类", "category"),
    Fact("third_category_id", "integer", "第三品类", "category"),
    Fact("top_category_fen", "bigint", "高频品类净消费", "fen"),
    Fact("return_orders", "bigint", "有退货的订单数", "count"),
    Fact("max_order_fen", "bigint", "最大单笔净消费", "fen"),
    Fact("points_balance", "bigint", "积分余额", "points"),
)

COLUMNS: tuple[str, ...] = (KEY, *(fact.name for fact in FACTS))
LIVE_COLUMNS: tuple[str, ...] = (KEY, *(fact.name for fact in FACTS if not fact.from_base))
WINDOW_DAYS = (30, 90, 365)
