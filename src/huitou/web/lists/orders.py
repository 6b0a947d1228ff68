"""The list of orders."""

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import Asked, ListPage, ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.sales.orders import DEFAULT_SORT, Buyer, ListedOrder, order_count, order_page, order_place, stored_as_of
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.web import formats
from huitou.web.lists.spec import CellText, ListSpec, RowHead
from huitou.web.policy import may_open

NO_SALE = ("caution", "alert-triangle", gettext_lazy("销售还没到"))
RETURNED = ("outline", "receipt-refund", gettext_lazy("有退货"))


def names_buyers(viewer: Viewer) -> bool:
    """Say whether the viewer's role is told who bought."""
    return may_open("customers:person", viewer.role_code)


def buyer_text(viewer: Viewer, buyer: Buyer | None) -> CellText:
    """Return how an order's buyer is called for the viewer, and the person's page if it may be opened."""
    if buyer is None:
        return CellText(_("匿名"))
    if buyer.person_id is None:
        return CellText(_("别店的客户") if names_buyers(viewer) else _("认得出的"))
    return CellText(buyer.name or _("没有姓名"), reverse("customers:person", args=[buyer.person_id]))


def _page(viewer: Viewer, asked: Asked) -> ListPage:
    return order_page(viewer, asked, names=names_buyers(viewer))


def _heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    return [_head(row.subject) for row in rows]


def _head(order: ListedOrder) -> RowHead:
    row = order.row
    badge = RETURNED if row["refund_fen"] else None
    return RowHead(
        row["order_no"] or f"#{row['net_order_id']}",
        reverse("orders:order", args=[row["net_order_id"]]),
        formats.clock_text(row["sold_at"]),
        badge if row["has_sale"] else NO_SALE,
    )


def _said(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[Mapping[str, CellText]]:
    return [{"buyer": buyer_text(viewer, row.subject.buyer)} for row in rows]


ORDERS = ListSpec(
    noun=Noun.ORDER,
    route="orders:list",
    title=gettext_lazy("订单"),
    group=gettext_lazy("数据"),
    icon="receipt",
    unit=("单", "order", "orders"),
    head_title=gettext_lazy("单号"),
    everything=gettext_lazy("全部订单"),
    empty_title=gettext_lazy("还没有订单"),
    empty_text=gettext_lazy("订单随第一次构建到来；你只看得到自己门店卖出的。"),
    default_sort=DEFAULT_SORT,
    by_id=Label("到达顺序", "order of arrival"),
    page=_page,
    count=order_count,
    heads=_heads,
    tells_people=True,
    as_of=stored_as_of,
    quick=(
        Condition("days_since", Operator.LTE, 6),
        Condition("channel", Operator.EQ, "online"),
        Condition("buyer", Operator.EQ, "anonymous"),
        Condition("returned", Operator.GT, 0),
        Condition("net", Operator.GTE, 50_000),
        Condition("has_sale", Operator.EQ, False),
    ),
    said=_said,
    place=order_place,
    row_route="orders:order",
    picks=True,
)
