"""
The tag dictionary: what every computed tag means, how it comes about, and where it stands (docs/algorithms/tags.md).

A tag refers to a field that customers can be filtered by; `check_tags` refuses one that refers to none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from huitou.core.labels import Label


class Dimension(StrEnum):
    """What a tag says something about. Stored codes."""

    DEMOGRAPHIC = "demographic"
    CONSUMPTION = "consumption"
    VALUE = "value"


class Kind(StrEnum):
    """How a tag comes about. Stored codes."""

    RULE = "rule"
    MODEL = "model"
    MANUAL = "manual"
    IMPORTED = "imported"


class TagInvalid(Exception):
    """A tag that cannot be kept; `reason` is a stored code, `detail` the offending value."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


_MARKETING = Label("总部营销", "head-office marketing")
_SOON = Label("每夜，购买后约一分钟", "nightly, and about a minute after a purchase")
_NIGHT = Label("每夜", "nightly")


@dataclass(frozen=True, slots=True)
class Tag:
    """
    One entry. field: the customer field it is filtered by; column: where its coverage is counted ("facts" for those published
    with the purchase facts). owner and refresh are shown as they stand here.
    """

    code: str
    label: Label
    dimension: Dimension
    kind: Kind
    definition: Label
    field: str
    column: str
    owner: Label = _MARKETING
    refresh: Label = _SOON


_C, _V = Dimension.CONSUMPTION, Dimension.VALUE

MOOD = "mood"
TAGS: tuple[Tag, ...] = (
    Tag(
        "average_ticket",
        Label("客单价", "Average ticket"),
        _C,
        Kind.RULE,
        Label("累计净消费 ÷ 订单数，退货已减", "net spend ÷ orders, returns taken off"),
        "average_ticket",
        "average_ticket_fen",
    ),
    Tag(
        "cycle_days",
        Label("购买周期", "Purchase cycle"),
        _C,
        Kind.RULE,
        Label("购买日之间的平均天数，满 3 个购买日才算", "mean days between purchase days, from three of them on"),
        "cycle_days",
        "cycle_days",
    ),
    Tag(
        "top_category",
        Label("品类偏好", "Category preference"),
        _C,
        Kind.RULE,
        Label("净消费最多的品类，同额取编号小的", "the category with most net spend, ties to the lower id"),
        "top_category",
        "facts",
    ),
    Tag(
        "top_category_share",
        Label("首选品类占比", "Share of the top category"),
        _C,
        Kind.RULE,
        Label("首选品类净消费 ÷ 累计净消费", "net spend in the top category ÷ net spend"),
        "top_category_share",
        "top_category_share",
    ),
    Tag(
        "price_sensitivity",
        Label("价格敏感度", "Price sensitivity"),
        _C,
        Kind.RULE,
        Label(
            "优惠商品行占比在全体中的五分位，5 最敏感，满 5 行才算",
            "quintile of the share of discounted lines, 5 the most sensitive, from 5 lines on",
        ),
        "price_sensitivity",
        "facts",
        refresh=_NIGHT,
    ),
    Tag(
        "discount_share",
        Label("优惠商品占比", "Share of discounted lines"),
        _C,
        Kind.RULE,
        Label("有优惠的商品行 ÷ 全部商品行", "lines with a discount ÷ all lines"),
        "discount_share",
        "discount_share",
    ),
    Tag(
        "online_share",
        Label("线上订单占比", "Share of online orders"),
        _C,
        Kind.RULE,
        Label("线上订单 ÷ 全部订单", "online orders ÷ all orders"),
        "online_share",
        "online_share",
    ),
    Tag(
        "preferred_channel",
        Label("偏好渠道", "Preferred channel"),
        _C,
        Kind.RULE,
        Label(
            "触达满 3 次的渠道里平滑后回应率最高的；没有则取同阶段客户的",
            "the channel answered most, smoothed, of those with three touches; else that of the same stage",
        ),
        "preferred_channel",
        "preferred_channel",
    ),
    Tag(
        "preferred_hour",
        Label("最佳联系时段", "Best hour to contact"),
        _C,
        Kind.RULE,
        Label(
            "近 365 天购买最多的钟点，先按全体分布垫 5 单；没有购买的取全体的；只在 9 至 20 时",
            "the hour with most purchases in 365 days, after five in the chain's distribution; without any the chain's; 9 to 20",
        ),
        "preferred_hour",
        "preferred_hour",
        refresh=_NIGHT,
    ),
    Tag(
        "rfm_total",
        Label("RFM 总分", "RFM total"),
        _V,
        Kind.RULE,
        Label("R、F、M 各 1 至 5 分之和，近 365 天，按名次", "R, F and M of 1 to 5 added up, 365 days, by rank"),
        "rfm_total",
        "rfm_total",
    ),
    Tag(
        "stage",
        Label("生命周期", "Lifecycle"),
        _V,
        Kind.RULE,
        Label(
            "新客：未购或首购 30 天内；沉睡：满 90 天没买；其余活跃",
            "new: no purchase or the first within 30 days; dormant: none for 90 days; active: the rest",
        ),
        "stage",
        "stage",
    ),
    Tag(
        "clv_12m",
        Label("12 个月预测价值", "12-month predicted value"),
        _V,
        Kind.MODEL,
        Label("未来 12 个月的净消费，准不准见回测", "net spend of the next 12 months; how well it does is in the backtest"),
        "clv_12m",
        "clv_12m_fen",
        refresh=_NIGHT,
    ),
    Tag(
        "spending_power",
        Label("消费力", "Spending power"),
        _V,
        Kind.RULE,
        Label("（F ＋ M － 2）÷ 8 × 100", "(F + M − 2) ÷ 8 × 100"),
        "spending_power",
        "spending_power",
    ),
    Tag(
        "interaction_power",
        Label("互动力", "Interaction power"),
        _V,
        Kind.RULE,
        Label(
            "购买、浏览、搜索、加购、支付、评价、社区各有权重，每过 30 天减半",
            "purchase, view, search, cart, payment, review and community by weight, halved every 30 days",
        ),
        "interaction_power",
        "interaction_power",
    ),
    Tag(
        "potential_power",
        Label("潜在力", "Potential power"),
        _V,
        Kind.RULE,
        Label("近 90 天势头、M 分余地、新近程度加权", "momentum of 90 days, room in the M score, freshness, by weight"),
        "potential_power",
        "potential_power",
    ),
    Tag(
        MOOD,
        Label("情感评分", "Mood"),
        _V,
        Kind.MODEL,
        Label(
            "最近一次评分和工单、评价、社区文字，−1（不满）至 +1（满意），每过 180 天减半；列表里按百分之一计",
            "last rating and texts of tickets, reviews, community, -1 (displeased) to 1, halved in 180 days; hundredths in lists",
        ),
        "mood_points",
        "mood",
    ),
)


def check_tags(tags: Iterable[Tag], *, fields: Collection[str]) -> None:
    """Raise TagInvalid on a code that comes twice or a tag that refers to a field that is not there."""
    seen: set[str] = set()
    for tag in tags:
        if tag.code in seen:
            raise TagInvalid("code_twice", tag.code)
        if tag.field not in fields:
            raise TagInvalid("field_missing", tag.field)
        seen.add(tag.code)
