"""The list of products."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.sales.orders import stored_as_of
from huitou.apps.sales.products import DEFAULT_SORT, product_list, product_list_count, product_place
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.web.lists.spec import ListSpec, RowHead
from huitou.web.lists.stores import CODE_ONLY


def _heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    return [
        RowHead(
            row.subject["name"] or row.subject["code"],
            reverse("products:product", args=[row.row_id]),
            badge=CODE_ONLY if row.subject["is_placeholder"] else None,
        )
        for row in rows
    ]


PRODUCTS = ListSpec(
    noun=Noun.PRODUCT,
    route="products:products",
    title=gettext_lazy("商品"),
    group=gettext_lazy("数据"),
    icon="package",
    unit=("个", "product", "products"),
    head_title=gettext_lazy("商品"),
    everything=gettext_lazy("全部商品"),
    empty_title=gettext_lazy("还没有商品"),
    empty_text=gettext_lazy("商品资料随商城和 POS 的第一次导入到来。"),
    default_sort=DEFAULT_SORT,
    by_id=Label("到达顺序", "order of arrival"),
    page=product_list,
    count=product_list_count,
    heads=_heads,
    tells_people=False,
    as_of=stored_as_of,
    quick=(
        Condition("days_since_sold", Operator.GTE, 28),
        Condition("last_sold", Operator.MISSING),
        Condition("returned", Operator.GT, 0),
        Condition("is_placeholder", Operator.EQ, True),
    ),
    place=product_place,
    row_route="products:product",
    picks=True,
    search_hint=gettext_lazy("名称或编号"),
)
