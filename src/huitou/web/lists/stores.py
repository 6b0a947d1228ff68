"""The list of stores."""

from datetime import date

from django.utils.translation import gettext_lazy

from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.products.queries import store_count, store_groups, store_page, store_place
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.periods import business_date
from huitou.web.drill import route_url
from huitou.web.lists.spec import ListSpec, RowHead

CODE_ONLY = ("caution", "alert-triangle", gettext_lazy("只有编号"))


def today() -> date:
    """Return the day of lists whose rows are read as they stand now."""
    return business_date(utc_now())


def _heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    return [
        RowHead(
            row.subject.name or row.subject.code,
            route_url(viewer.role_code, "stores:store", row.row_id),
            badge=CODE_ONLY if row.subject.is_placeholder else None,
        )
        for row in rows
    ]


STORES = ListSpec(
    noun=Noun.STORE,
    route="products:stores",
    title=gettext_lazy("门店"),
    group=gettext_lazy("数据"),
    icon="building-store",
    unit=("家", "store", "stores"),
    head_title=gettext_lazy("门店"),
    everything=gettext_lazy("全部门店"),
    empty_title=gettext_lazy("还没有门店"),
    empty_text=gettext_lazy("门店资料随会员系统和 POS 的第一次导入到来；你只看得到自己范围内的门店。"),
    default_sort="code",
    by_id=Label("编号顺序", "order of arrival"),
    page=store_page,
    count=store_count,
    heads=_heads,
    tells_people=False,
    as_of=today,
    place=store_place,
    row_route="stores:store",
    picks=True,
    groupings=("region",),
    groups=store_groups,
    quick=(
        Condition("is_placeholder", Operator.EQ, True),
        Condition("opened_on", Operator.MISSING),
        Condition("area_m2", Operator.GTE, 1_000),
    ),
)
