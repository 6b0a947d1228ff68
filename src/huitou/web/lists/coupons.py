"""The lists of coupons and of their kinds."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import ListRow
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits.queries import coupon_count, coupon_page, coupon_place, kind_count, kind_page, kind_place
from huitou.apps.customers.queries import names_in_reach
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.web.coupon_words import STATES, state_of
from huitou.web.lists.spec import ListSpec, RowHead
from huitou.web.lists.stores import today
from huitou.web.policy import may_open


def _coupon_heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    names = names_in_reach(viewer, [row.subject.person_id for row in rows if row.subject.person_id is not None])
    now, heads = utc_now(), []
    for row in rows:
        person_id, state = row.subject.person_id, state_of(row.subject, now)
        badge = STATES[state] if state in ("expired", "later") else None  # the others stand in the column of states
        name = _("已删除的客户") if person_id is None else names.get(person_id) or _("没有姓名")
        heads.append(RowHead(name, reverse("coupons:coupon", args=[row.row_id]), badge=badge))
    return heads


def _people(rows: tuple[ListRow, ...]) -> set[int]:
    return {row.subject.person_id for row in rows if row.subject.person_id is not None}


def _kind_heads(viewer: Viewer, rows: tuple[ListRow, ...]) -> list[RowHead]:
    leads = may_open("coupons:kind", viewer.role_code)
    return [RowHead(row.subject.name, reverse("coupons:kind", args=[row.row_id]) if leads else "") for row in rows]


COUPONS = ListSpec(
    noun=Noun.COUPON,
    route="coupons:list",
    title=gettext_lazy("券"),
    group=gettext_lazy("客户"),
    icon="gift",
    unit=("张", "coupon", "coupons"),
    head_title=gettext_lazy("客户"),
    everything=gettext_lazy("全部的券"),
    empty_title=gettext_lazy("还没有发过券"),
    empty_text=gettext_lazy("总部营销建好券种后，在客户页面上发给客户；你只看得到自己范围内客户的券。"),
    default_sort="-id",
    by_id=Label("发放先后", "order of issue"),
    page=coupon_page,
    count=coupon_count,
    heads=_coupon_heads,
    tells_people=True,
    as_of=today,
    quick=(
        Condition("state", Operator.EQ, "usable"),
        Condition("state", Operator.EQ, "redeemed"),
        Condition("state", Operator.EQ, "set_aside"),
    ),
    place=coupon_place,
    row_route="coupons:coupon",
    people=_people,
    picks=True,
    make_route="coupons:runs",
    make_label=gettext_lazy("批量发券"),
    cannot=gettext_lazy("过期不是一种状态：未使用、最后可用日已过的就是过期的，请用最后可用日筛选。"),
)
KINDS = ListSpec(
    noun=Noun.COUPON_KIND,
    route="coupons:kinds",
    title=gettext_lazy("券种"),
    group=gettext_lazy("客户"),
    icon="gift",
    unit=("种", "kind", "kinds"),
    head_title=gettext_lazy("券种"),
    everything=gettext_lazy("全部券种"),
    empty_title=gettext_lazy("还没有券种"),
    empty_text=gettext_lazy("券种写明减多少、用在哪里、有效多久、每人每天发几张、预算多少。"),
    default_sort="-id",
    by_id=Label("新建先后", "order of making"),
    page=kind_page,
    count=kind_count,
    heads=_kind_heads,
    tells_people=False,
    as_of=today,
    place=kind_place,
    row_route="coupons:kind",
    picks=True,
    make_route="coupons:kind_new",
    make_label=gettext_lazy("新建券种"),
    quick=(
        Condition("is_on", Operator.EQ, True),
        Condition("first_order_only", Operator.EQ, True),
    ),
)
