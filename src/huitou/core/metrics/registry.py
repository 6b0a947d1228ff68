"""
The metrics: one entry per number that screens, reports, exports and alerts show. They read its definition here.

A share is stored and passed on as numerator and denominator (`shares.Share`), so that its base is never lost.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum

from huitou.core.labels import Label


class Unit(StrEnum):
    """What a value of the metric is."""

    SHARE = "share"  # numerator / denominator, 0..1
    FEN = "fen"
    SECONDS = "seconds"
    COUNT = "count"


class Better(StrEnum):
    """Which way is an improvement."""

    LOWER = "lower"
    HIGHER = "higher"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Metric:
    """
    One definition. `formula` is its rule in words; `denominator` says what it is divided by ("—" for a plain amount);
    `window` what time it covers; `grain` what one value stands for; `owner` the app that computes it.
    """

    key: str  # stored with every value: never renamed
    label: Label
    formula: Label
    grain: Label
    unit: Unit
    denominator: Label
    window: Label
    owner: str
    better: Better
    ruling: str = ""  # the ruling it follows, where the documents were silent ("R2")


_CHAIN = Label("全连锁", "whole chain")
_NOW = Label("截止日的现状", "state at the as-of date")
_NONE = Label("—", "—")
_RECORDS = Label("全部源记录", "all source records")
_PERSONS = Label("在用档案", "live persons")
_STORE_DAY = Label("门店 × 营业日", "store × business date")
_PRODUCT_DAY = Label("商品 × 营业日", "product × business date")
_CHOSEN = Label("所选营业日", "chosen business days")
_HOME_STORE = Label("归属门店", "home store")
_SINCE_MONTH_END = Label("上月末至截止日", "end of last month to the as-of date")

METRICS: tuple[Metric, ...] = (
    Metric(
        "duplicate_rate_before",
        Label("识别前重复率", "Duplicate rate before resolution"),
        Label("（源记录数 − 归并后人数）÷ 源记录数", "(source records − persons they resolve to) ÷ source records"),
        _CHAIN,
        Unit.SHARE,
        _RECORDS,
        _NOW,
        "quality",
        Better.NEITHER,
    ),
    Metric(
        "duplicate_rate_after",
        Label("识别后重复率", "Duplicate rate after resolution"),
        Label(
            "与另一份档案共用手机号、会员卡，或姓名加生日的多余档案 ÷ 在用档案；疑似值，已排除公用号码",
            "surplus persons that share a phone, a card, or name and birthday with another ÷ live persons; an estimate, "
            "shared numbers left out",
        ),
        _CHAIN,
        Unit.SHARE,
        _PERSONS,
        _NOW,
        "quality",
        Better.LOWER,
    ),
    Metric(
        "completeness_share",
        Label("资料完整度", "Profile completeness"),
        Label("关键字段按权重计的已填比例，在用档案平均", "weighted share of filled key fields, mean over live persons"),
        _CHAIN,
        Unit.SHARE,
        Label("在用档案 × 字段权重", "live persons × field weights"),
        _NOW,
        "quality",
        Better.HIGHER,
    ),
    Metric(
        "attainable_completeness_share",
        Label("现有来源能达到的完整度", "Completeness the sources allow"),
        Label(
            "档案的任一源记录、或与它共用号码或姓名加生日的档案写到的关键字段都算已填，按权重计，在用档案平均",
            "weighted share of key fields that any record of a person states, or one of those who share a number, or name and "
            "birthday, with them; mean over live persons",
        ),
        _CHAIN,
        Unit.SHARE,
        Label("在用档案 × 字段权重", "live persons × field weights"),
        _NOW,
        "quality",
        Better.NEITHER,
    ),
    Metric(
        "record_completeness_share",
        Label("源记录完整度", "Source record completeness"),
        Label("关键字段按权重计的已填比例，源记录平均", "weighted share of filled key fields, mean over source records"),
        _CHAIN,
        Unit.SHARE,
        Label("源记录 × 字段权重", "source records × field weights"),
        _NOW,
        "quality",
        Better.HIGHER,
    ),
    Metric(
        "dormancy_rate",
        Label("沉睡率", "Dormancy rate"),
        Label(
            "最近购买距截止日满 90 天的会员 ÷ 买过至少一单的会员",
            "members whose last purchase lies 90 days or more back ÷ members with at least one order",
        ),
        _CHAIN,
        Unit.SHARE,
        Label("买过至少一单的会员", "members with at least one order"),
        _NOW,
        "quality",
        Better.LOWER,
        "R2",
    ),
    Metric(
        "identified_revenue_share",
        Label("归到个人的营收占比", "Revenue tied to a person"),
        Label(
            "归到档案的净营收 ÷ 全部净营收（含匿名小票）", "net revenue tied to a person ÷ net revenue with anonymous receipts"
        ),
        _CHAIN,
        Unit.SHARE,
        Label("净营收", "net revenue"),
        Label("全部已落地订单", "all landed orders"),
        "quality",
        Better.HIGHER,
    ),
    Metric(
        "multi_source_share",
        Label("含两个以上来源的档案占比", "Persons with two or more sources"),
        Label("有两个及以上来源系统记录的档案 ÷ 在用档案", "persons with records from two or more systems ÷ live persons"),
        _CHAIN,
        Unit.SHARE,
        _PERSONS,
        _NOW,
        "quality",
        Better.HIGHER,
    ),
    Metric(
        "net_revenue",
        Label("净营收", "Net revenue"),
        Label(
            "销售行金额 − 退货与作废行金额，按销售的营业日计",
            "sale lines − return and void lines, on the date of the sale",
        ),
        _STORE_DAY,
        Unit.FEN,
        _NONE,
        _CHOSEN,
        "builds",
        Better.HIGHER,
        "R1",
    ),
    Metric(
        "orders",
        Label("订单数", "Orders"),
        Label(
            "退货与作废后仍有净额的订单，按销售的营业日计",
            "orders with something left after returns and voids, on the date of the sale",
        ),
        _STORE_DAY,
        Unit.COUNT,
        _NONE,
        _CHOSEN,
        "builds",
        Better.HIGHER,
    ),
    Metric(
        "average_ticket",
        Label("客单价", "Average ticket"),
        Label("净营收 ÷ 订单数", "net revenue ÷ orders"),
        _STORE_DAY,
        Unit.FEN,
        Label("订单数", "orders"),
        _CHOSEN,
        "builds",
        Better.HIGHER,
    ),
    Metric(
        "store_spend",
        Label("门店客户消费总额", "Customer spending of a store"),
        Label(
            "在本店归到档案的净营收，退货算回原单的营业日",
            "net revenue of the store tied to a person, returns on the date of the sale",
        ),
        _STORE_DAY,
        Unit.FEN,
        _NONE,
        _CHOSEN,
        "builds",
        Better.HIGHER,
    ),
    Metric(
        "store_spend_mean",
        Label("门店客户人均消费", "Spending per customer of a store"),
        Label(
            "在本店归到档案的净营收 ÷ 到时段末已买过、常去门店是本店的客户数；常去门店按截止日的",
            "net revenue of the store tied to a person ÷ customers with this main store who had bought by the end of the window; "
            "the main store is that of the as-of date",
        ),
        _STORE_DAY,
        Unit.FEN,
        Label("到时段末已买过的客户", "customers who had bought by the end of the window"),
        _CHOSEN,
        "builds",
        Better.HIGHER,
    ),
    Metric(
        "return_share",
        Label("退货率", "Returned revenue"),
        Label("退货与作废金额 ÷ 销售金额，按销售的营业日计", "returned and voided amount ÷ sold amount, on the date of the sale"),
        _STORE_DAY,
        Unit.SHARE,
        Label("销售金额", "sold amount"),
        _CHOSEN,
        "builds",
        Better.LOWER,
    ),
    Metric(
        "identified_share",
        Label("本期归到个人的营收占比", "Revenue tied to a person, window"),
        Label("归到档案的净营收 ÷ 净营收（含匿名小票）", "net revenue tied to a person ÷ net revenue with anonymous receipts"),
        _STORE_DAY,
        Unit.SHARE,
        Label("净营收", "net revenue"),
        _CHOSEN,
        "builds",
        Better.HIGHER,
    ),
    Metric(
        "pieces",
        Label("卖出件数", "Pieces sold"),
        Label(
            "销售行数量 − 退货与作废行数量，按销售的营业日计",
            "quantity of sale lines − of return and void lines, on the date of the sale",
        ),
        _PRODUCT_DAY,
        Unit.COUNT,
        _NONE,
        _CHOSEN,
        "sales",
        Better.HIGHER,
    ),
    Metric(
        "piece_price",
        Label("件单价", "Price per piece"),
        Label("净营收 ÷ 卖出件数，优惠已减", "net revenue ÷ pieces sold, discounts taken off"),
        _PRODUCT_DAY,
        Unit.FEN,
        Label("卖出件数", "pieces sold"),
        _CHOSEN,
        "sales",
        Better.NEITHER,
    ),
    Metric(
        "margin_at_cost",
        Label("毛利（按现成本）", "Margin at today's cost"),
        Label("净营收 − 卖出件数 × 现在的成本", "net revenue − pieces sold × today's cost"),
        _PRODUCT_DAY,
        Unit.FEN,
        _NONE,
        _CHOSEN,
        "sales",
        Better.HIGHER,
    ),
    Metric(
        "stage_persons",
        Label("生命周期人数", "Persons by lifecycle"),
        Label(
            "新客：没买过，或首单在 30 天内；沉睡：最近一单满 90 天；其余为活跃",
            "new: no order yet or the first within 30 days; dormant: the last one 90 days or more back; active: the rest",
        ),
        Label("归属门店", "home store"),
        Unit.COUNT,
        _NONE,
        _NOW,
        "builds",
        Better.NEITHER,
        "R2",
    ),
    Metric(
        "dormant_share",
        Label("沉睡客户占比", "Dormant share of buyers"),
        Label(
            "最近购买距截止日满 90 天的客户 ÷ 买过至少一单的客户",
            "persons whose last purchase lies 90 days or more back ÷ persons with at least one order",
        ),
        Label("归属门店", "home store"),
        Unit.SHARE,
        Label("买过至少一单的客户", "persons with at least one order"),
        _NOW,
        "builds",
        Better.LOWER,
        "R2",
    ),
    Metric(
        "high_value_share",
        Label("高价值客户占比", "Share of high-value customers"),
        Label(
            "分层方案前两级（钻石与核心）的客户 ÷ 有等级的客户",
            "persons in the two best tiers (diamond and core) ÷ persons with a tier",
        ),
        Label("归属门店", "home store"),
        Unit.SHARE,
        Label("有等级的客户", "persons with a tier"),
        Label("近 365 天", "365 days"),
        "value",
        Better.HIGHER,
    ),
    Metric(
        "tier_moved_up",
        Label("较上月上移", "Moved up"),
        Label(
            "截止日的等级高于上月末等级的在用档案，一人算一次，月内来回不算；上月末或截止日没有等级的不算；两头按同一版方案",
            "live persons whose tier on the as-of date is better than at the end of last month, each once, there and back not; "
            "who had no tier at one of them is left out; both by one version of the scheme",
        ),
        _HOME_STORE,
        Unit.COUNT,
        _NONE,
        _SINCE_MONTH_END,
        "value",
        Better.HIGHER,
    ),
    Metric(
        "tier_moved_down",
        Label("较上月下移", "Moved down"),
        Label(
            "截止日的等级低于上月末等级的在用档案，一人算一次，月内来回不算；上月末或截止日没有等级的不算；两头按同一版方案",
            "live persons whose tier on the as-of date is worse than at the end of last month, each once, there and back not; "
            "who had no tier at one of them is left out; both by one version of the scheme",
        ),
        _HOME_STORE,
        Unit.COUNT,
        _NONE,
        _SINCE_MONTH_END,
        "value",
        Better.LOWER,
    ),
    Metric(
        "new_members",
        Label("本月新入会", "New members"),
        Label(
            "最早一条源记录的注册日在本月、有会员卡的在用档案",
            "live persons with a membership card whose earliest record registered this month",
        ),
        _HOME_STORE,
        Unit.COUNT,
        _NONE,
        Label("截止日所在月的第一天至截止日", "first day of the as-of date's month to the as-of date"),
        "customers",
        Better.HIGHER,
    ),
    Metric(
        "persons",
        Label("客户数", "Customers"),
        Label("归属门店在可见范围内的在用档案", "live persons whose home store is in reach"),
        Label("归属门店", "home store"),
        Unit.COUNT,
        _NONE,
        Label("此刻", "this moment"),
        "customers",
        Better.NEITHER,
    ),
    Metric(
        "lag",
        Label("数据延迟", "Lag"),
        Label("现在 − 最近一次成功取数", "now − last successful pull"),
        Label("来源", "source"),
        Unit.SECONDS,
        _NONE,
        Label("此刻", "this moment"),
        "intake",
        Better.LOWER,
    ),
    Metric(
        "quarantine_share",
        Label("隔离率", "Quarantined rows"),
        Label("隔离行 ÷ 接收行；接收 = 通过 + 合并 + 隔离", "quarantined ÷ received; received = accepted + merged + quarantined"),
        Label("来源", "source"),
        Unit.SHARE,
        Label("接收行", "received rows"),
        Label("全部批次", "all batches"),
        "intake",
        Better.LOWER,
    ),
)


def check_metrics(metrics: Iterable[Metric]) -> None:
    """Raise ValueError on a key that comes twice, an empty entry, or a share without a denominator."""
    seen: set[str] = set()
    for metric in metrics:
        if metric.key in seen:
            raise ValueError(f"metric {metric.key} is defined twice")
        seen.add(metric.key)
        empty = [one.name for one in fields(metric) if one.name != "ruling" and not getattr(metric, one.name)]
        if empty:
            raise ValueError(f"metric {metric.key!r} lacks {', '.join(empty)}")
        if metric.unit is Unit.SHARE and metric.denominator == _NONE:
            raise ValueError(f"metric {metric.key} is a share without a denominator")


check_metrics(METRICS)
BY_KEY: Mapping[str, Metric] = {metric.key: metric for metric in METRICS}


def metric(key: str) -> Metric:
    """Return the definition. Raises KeyError with the known keys."""
    try:
        return BY_KEY[key]
    except KeyError:
        raise KeyError(f"no metric {key!r}; known: {', '.join(BY_KEY)}") from None
