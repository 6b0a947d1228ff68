"""
The inputs that a tier scheme may ask for, by stored name: those of this table, the numbers of custom attributes
(`attribute_<code>`) and the counts of custom events (`event_<code>`). Any other name is refused before a scheme is saved.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from huitou.core.attributes import CODE
from huitou.core.labels import Label


class InputUnit(StrEnum):
    """How a value is written on screens."""

    FEN = "fen"
    COUNT = "count"
    DAYS = "days"
    POINTS = "points"  # a score on a scale of its own
    HUNDRED = "hundred"  # a score of 0..100, the only kind that weights may mix
    SIGNED = "signed"  # -1..1
    EXACT = "exact"  # a number of the chain's own, with all its places


@dataclass(frozen=True, slots=True)
class Input:
    """
    One input. is_given: it comes from outside, as counted events or a custom attribute of the same code, and is missing until
    somebody sends it; all others are computed in the run.
    """

    name: str
    label: Label
    unit: InputUnit
    is_given: bool = False


_U = InputUnit
_ALL = (
    Input("clv_12m_fen", Label("12 个月预测价值", "12-month predicted value"), _U.FEN),
    Input("net_365d_fen", Label("近 12 月净消费", "Net spend in 12 months"), _U.FEN),
    Input("net_fen", Label("累计净消费", "Net spend"), _U.FEN),
    Input("orders_365d", Label("近 12 月订单数", "Orders in 12 months"), _U.COUNT),
    Input("orders_count", Label("累计订单数", "Orders"), _U.COUNT),
    Input("average_ticket_fen", Label("客单价", "Average ticket"), _U.FEN),
    Input("cycle_days", Label("购买周期", "Purchase cycle"), _U.DAYS),
    Input("days_since_purchase", Label("距最近购买天数", "Days since last purchase"), _U.DAYS),
    Input("days_since_first", Label("距首次购买天数", "Days since first purchase"), _U.DAYS),
    Input("days_since_view", Label("距最近浏览天数", "Days since last view"), _U.DAYS),
    Input("days_since_review", Label("距最近评价天数", "Days since last review"), _U.DAYS),
    Input("last_rating", Label("最近评分", "Last rating"), _U.POINTS),
    Input("rfm_total", Label("RFM 总分", "RFM total"), _U.POINTS),
    Input("price_sensitivity", Label("价格敏感度", "Price sensitivity"), _U.POINTS),
    Input("top_category_share", Label("首选品类占比", "Share of the top category"), _U.HUNDRED),
    Input("spending_power", Label("消费力", "Spending power"), _U.HUNDRED),
    Input("interaction_power", Label("互动力", "Interaction power"), _U.HUNDRED),
    Input("potential_power", Label("潜在力", "Potential power"), _U.HUNDRED),
    Input("mood", Label("情感评分", "Mood"), _U.SIGNED),
    Input("assets_fen", Label("资产规模", "Assets"), _U.FEN, is_given=True),
    Input("trades", Label("近 12 月交易次数", "Trades in 12 months"), _U.COUNT, is_given=True),
    Input("services", Label("近 12 月服务使用次数", "Services used in 12 months"), _U.COUNT, is_given=True),
    Input("vehicles", Label("购车数", "Vehicles bought"), _U.COUNT, is_given=True),
    Input("model_level", Label("车型级别（1 至 3）", "Model level (1 to 3)"), _U.POINTS, is_given=True),
    Input("maintenances", Label("近 12 月保养次数", "Maintenance visits in 12 months"), _U.COUNT, is_given=True),
    Input("stays", Label("近 12 月入住次数", "Stays in 12 months"), _U.COUNT, is_given=True),
    Input("stay_spend_fen", Label("近 12 月住宿消费", "Spend on stays in 12 months"), _U.FEN, is_given=True),
    Input("lessons", Label("完成课时", "Lessons completed"), _U.COUNT, is_given=True),
    Input("courses", Label("购买课程数", "Courses bought"), _U.COUNT, is_given=True),
    Input("progress", Label("学习进度", "Learning progress"), _U.HUNDRED, is_given=True),
)
INPUTS: Mapping[str, Input] = {entry.name: entry for entry in _ALL}
GIVEN: frozenset[str] = frozenset(entry.name for entry in _ALL if entry.is_given)
ATTRIBUTE, EVENT = "attribute_", "event_"  # before the code of what a chain defined itself, as in filters


def is_custom(name: str) -> bool:
    """Say whether a name is spelled like the input of a custom attribute or event type; whether there is one, the apps know."""
    code = name.removeprefix(ATTRIBUTE) if name.startswith(ATTRIBUTE) else name.removeprefix(EVENT)
    return code != name and CODE.fullmatch(code) is not None
