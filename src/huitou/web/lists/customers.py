"""The list of customers."""

from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.builds.queries import published
from huitou.apps.customers.queries.listing import person_ids
from huitou.apps.value.queries import values_are_forecast
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.periods import business_date
from huitou.core.value.lifecycle import Stage
from huitou.web import formats
from huitou.web.lists.customer_actions import TAGGING
from huitou.web.lists.customer_parts import customer_count, customer_groups, customer_page, customer_parts, customer_place
from huitou.web.lists.spec import Interval, Joined, ListSpec, RowHead

_O = Operator
QUICK: tuple[Condition, ...] = (
    Condition("stage", _O.EQ, Stage.NEW.value),
    Condition("stage", _O.EQ, Stage.ACTIVE.value),
    Condition("stage", _O.EQ, Stage.DORMANT.value),
    Condition("is_member", _O.EQ, True),
    Condition("sources", _O.GTE, 2),
    Condition("days_since_purchase", _O.GT, 60),
    Condition("net_365d", _O.GTE, 100_000),
    Condition("completeness", _O.LT, 0.65),
)


def published_as_of() -> date:
    """Return the day the published numbers stand at; today before the first build."""
    state = published()
    return (state.as_of if state else None) or business_date(utc_now())


def _no_forecast() -> str:
    return "" if values_are_forecast() else _("还没有发布预测：12 个月预测价值这一列暂用近 12 个月净消费，没有区间")


FORECAST_INTERVAL = Interval(  # of orders, since the backtest calibrated orders: what each will cost has no interval of its own
    low="forecast_low",
    high="forecast_high",
    head=gettext_lazy("80 % 区间"),
    said=lambda low, high: _("%(low)s–%(high)s 单") % _ends(low, high),
    title=lambda low, high: _("未来 12 个月，五位里约有四位会买 %(low)s 至 %(high)s 单") % _ends(low, high),
    missing=gettext_lazy("没有区间的预测不显示"),
    stand_in=_no_forecast,
)


def _ends(low: int, high: int) -> dict[str, str]:
    return {"low": formats.count_text(low), "high": formats.count_text(high)}


RFM = Joined(
    ("r", "f", "m"),
    gettext_lazy("RFM"),
    lambda values: _("最近 %(r)s 分，次数 %(f)s 分，金额 %(m)s 分；5 分最好") % dict(zip("rfm", values, strict=True)),
)


def _heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    people = [row.subject for row in rows]
    return [
        RowHead(
            person.fields["name"].text if "name" in person.fields else _("没有姓名"),
            reverse("customers:person", args=[person.person_id]),
            person.fields["phone"].text if "phone" in person.fields else "",
        )
        for person in people
    ]


CUSTOMERS = ListSpec(
    noun=Noun.CUSTOMER,
    route="customers:list",
    title=gettext_lazy("客户"),
    group=gettext_lazy("客户"),
    icon="users",
    unit=("人", "customer", "customers"),
    head_title=gettext_lazy("客户"),
    everything=gettext_lazy("全部客户"),
    empty_title=gettext_lazy("还没有客户"),
    empty_text=gettext_lazy("四个来源导入后，每个人会有一份档案；你只看得到自己门店的客户。"),
    default_sort="-clv_12m",
    by_id=Label("编号", "number"),
    page=customer_page,
    count=customer_count,
    heads=_heads,
    tells_people=True,
    as_of=published_as_of,
    quick=QUICK,
    place=customer_place,
    row_route="customers:person",
    people=lambda rows: {row.row_id for row in rows},
    leading=("tier_pyramid", "rfm_total", "clv_12m"),
    joined={"rfm_total": RFM},
    groupings=("tier_pyramid", "stage", "home_store"),
    groups=customer_groups,
    group_sum="net_365d",
    intervals={"clv_12m": FORECAST_INTERVAL},
    parts=customer_parts,
    picks=True,
    bulk=(TAGGING,),
    ids=person_ids,
    cannot=gettext_lazy("姓名和号码不能筛选：地址里不放个人信息。用上方的搜索找一个人。"),
)
