"""The component page: every part and state of the screens in one place, with invented numbers, for those who build pages."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.customers.fields import ENTRIES, customer_catalogue
from huitou.core.filters.json_form import parse
from huitou.core.filters.reading import Chip, reading
from huitou.core.filters.reading import Frame as FilterFrame
from huitou.web import charts
from huitou.web.charts import Cell, Chart, Frame, Interval, Point, Series, Unit
from huitou.web.lists.editor import editor_data
from huitou.web.toasts import toast
from huitou.web.why import Why, WhyFact

AS_OF = date(2025, 6, 30)
COMPUTED_AT = datetime(2025, 6, 30, 19, 20, tzinfo=UTC)
EDITOR_TREE = {
    "all": [
        {"any": [{"field": "stage", "op": "eq", "value": "new"}, {"field": "sources", "op": "gte", "value": 2}]},
        {"not": {"field": "is_member", "op": "eq", "value": True}},
    ]
}


@dataclass(frozen=True, slots=True)
class Colour:
    """A swatch: the token without its prefix and its name."""

    token: str
    name: str


@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every component; the theme switch of the person's menu shows the other theme."""
    context = {
        "colours": _colours(),
        "charts": _charts(),
        "why": _why(),
        "steps": [_("上传"), _("编码与分列"), _("对应字段"), _("检查"), _("导入")],
        "as_of": AS_OF,
        "at": COMPUTED_AT,
        "editor": editor_data(ENTRIES, {}),
        "editor_tree": json.dumps(EDITOR_TREE),
        "editor_parts": _sentence(),
        "trend": [38.2, 38.9, 39.4, 39.0, 40.1, 40.9, 40.6, 40.0],
    }
    return render(request, "system/components.html", context)


@require_POST
def components_toast(request: HttpRequest) -> HttpResponse:
    """Show both toasts, and take back what the first one offers to take back: nothing happened, so nothing is undone."""
    if "undo" in request.GET:
        messages.warning(request, _("这是组件页，没有需要撤销的操作。"))
    else:
        toast(request, _("已给 3 位客户派任务"), undo_url=f"{request.path}?undo=1")
        messages.error(request, _("1 位未派：导购请假"))
    return redirect("system:components")


def _sentence() -> tuple[Chip | FilterFrame, ...]:
    """Return the parts of the editor's filter as a list reads them."""
    catalogue = customer_catalogue()
    part = reading(parse(EDITOR_TREE, catalogue), catalogue, language=get_language() or "zh-hans")
    return part.parts if isinstance(part, FilterFrame) else (part,)


def _colours() -> list[Colour]:
    pairs = (
        ("ground", _("背景")),
        ("surface", _("面")),
        ("line", _("线")),
        ("line-strong", _("强线")),
        ("muted", _("次要字")),
        ("text-2", _("正文二")),
        ("text", _("正文")),
        ("accent", _("强调")),
        ("good-fill", _("好")),
        ("caution-fill", _("注意")),
        ("bad-fill", _("坏")),
        ("info", _("信息")),
        ("accent-tint", _("选中底")),
        ("hover", _("悬停")),
        ("diamond", _("钻石")),
        ("core", _("核心")),
        ("potential", _("潜力")),
        ("basic", _("基础")),
        ("heat-2", _("热力 2")),
        ("heat-4", _("热力 4")),
        ("heat-6", _("热力 6")),
    )
    return [Colour(token, name) for token, name in pairs]


def _why() -> Why:
    return Why(
        sentence=_("12 个月预测价值 ¥2,684，排在前 7.4 %，落在 2–20 % 之间。"),
        facts=(
            WhyFact(_("近 12 月订单"), "31", _("POS、商城")),
            WhyFact(_("最近购买"), "2025-04-28", "POS"),
            WhyFact(_("核心门槛"), "≥ ¥1,240", _("方案 v7")),
            WhyFact(_("近 12 月投诉"), None, _("售后")),
        ),
        rule=_("分层方案 v7"),
        as_of=AS_OF,
        computed_at=COMPUTED_AT,
    )


def _charts() -> list[Chart]:
    months = [_("%(month)s 月") % {"month": month} for month in range(1, 7)]
    share = Frame("lines", _("复购率"), _("滚动 90 天"), Unit.SHARE, AS_OF)
    return [
        charts.lines(
            share,
            months,
            [
                Series(_("本年"), [0.398, 0.392, 0.406, 0.413, 0.407, 0.400], low=[0.39] * 6, high=[0.42] * 6),
                Series(_("去年"), [0.351, 0.349, 0.36, 0.364, 0.366, None], look="compare"),
                Series(_("目标"), [0.42] * 6, look="target"),
            ],
            floor=0.34,
        ),
        charts.waterfall(
            Frame("waterfall", _("复购率的差距来自哪里"), _("百分点，纵轴从 39 % 起"), Unit.SHARE, AS_OF),
            start=Point(_("目标"), 0.42),
            changes=[
                Point(_("老客留存"), -0.014),
                Point(_("新客第二单"), -0.005),
                Point(_("生鲜缺货"), -0.003),
                Point(_("会员日"), 0.002),
            ],
            end=Point(_("实际"), 0.40),
            floor=0.39,
        ),
        charts.pyramid(
            Frame("pyramid", _("客户等级"), _("人，按预测价值"), Unit.COUNT, AS_OF),
            [
                Point(_("钻石"), 4_098, "diamond"),
                Point(_("核心"), 36_886, "core"),
                Point(_("潜力"), 61_476, "potential"),
                Point(_("基础"), 102_460, "basic"),
            ],
            notes=[_("占 %(share)s %%") % {"share": number} for number in (2, 18, 30, 50)],
        ),
        charts.tile_grid(
            Frame("tiles", _("区域消费热力"), _("每位会员月消费，元"), Unit.COUNT, AS_OF),
            [
                Cell(_("北站"), 1, 0, 118),
                Cell(_("水岸"), 2, 0, 96),
                Cell(_("砚山"), 0, 1, 71),
                Cell(_("渡口"), 1, 1, 64),
                Cell(_("青年路"), 2, 1, 104),
                Cell(_("云台"), 3, 1, 58),
                Cell(_("文庙"), 0, 2, 124),
                Cell(_("新港"), 3, 2, None),
            ],
            bounds=[60, 75, 90, 105, 120],
        ),
        charts.bars(
            Frame("bars", _("各来源接收行"), _("近 30 天，行"), Unit.COUNT, AS_OF),
            [Point(_("商城"), 1_204_000), Point("POS", 986_200), Point(_("会员"), 84_310), Point(_("售后"), 3_208, "caution")],
        ),
        charts.funnel(
            Frame("funnel", _("新客转化"), _("注册后 30 天，人"), Unit.COUNT, AS_OF),
            [Point(_("注册"), 5_520), Point(_("到店"), 3_108), Point(_("首单"), 2_410), Point(_("第二单"), 1_932)],
        ),
        charts.intervals(
            Frame("intervals", _("高价值客户占比"), _("95 % 区间"), Unit.SHARE, AS_OF),
            [
                Interval(_("中央广场店"), 0.274, 0.265, 0.283),
                Interval(_("梧桐路店"), 0.251, 0.241, 0.261),
                Interval(_("松林店"), 0.165, 0.131, 0.203, "muted"),
                Interval(_("临湖店"), 0.12, 0.111, 0.129, "bad"),
            ],
            reference=0.2,
            reference_name=_("连锁平均 20 %"),
        ),
        charts.bars(
            Frame("standing", _("每月新会员"), _("人"), Unit.COUNT, AS_OF),
            [Point(month, value) for month, value in zip(months, (4_820, 3_110, 5_240, 5_020, 4_730, 5_520), strict=True)],
            lying=False,
        ),
    ]
