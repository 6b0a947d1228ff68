"""The menu: areas that exist, in the order of the screen reference, cut to what the person's role may open."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huitou.apps.accounts.roles import Role
from huitou.web.lazy import LazyText
from huitou.web.policy import may_open


@dataclass(frozen=True, slots=True)
class Area:
    """
    One line of the menu. `route` starts with the namespace that marks it as current; g and `key` go there.

    query: of the address, where a list opens with a filter.
    """

    route: str
    label: LazyText
    icon: str
    key: str = ""
    query: str = ""


GROUPS: tuple[tuple[LazyText, tuple[Area, ...]], ...] = (
    ("", (Area("cockpit:cockpit", _("驾驶舱"), "layout-dashboard", "h"), Area("tasks:today", _("今日"), "checkbox", "y"))),
    (
        _("客户"),
        (
            Area("customers:list", _("客户"), "users", "c"),
            Area("segments:list", _("人群"), "users-group", "e"),
            Area("tags:list", _("标签"), "tags", "l"),
            Area("identity:review", _("身份核对"), "user-check", "i"),
            Area("quality:stale", _("待核实"), "history"),
            Area("coupons:list", _("券"), "gift"),
            Area("coupons:kinds", _("券种"), "gift"),
            Area("exports:list", _("完整导出"), "file-export"),
            Area("privacy:erasures", _("删除申请"), "trash"),
        ),
    ),
    (
        _("价值"),
        (
            Area("value:value", _("客户价值"), "coin", "v"),
            Area("tiers:list", _("分层方案"), "stack-2", "t"),
            Area("forecast:backtest", _("价值预测"), "chart-line", "f"),
            Area("clusters:clusters", _("自动分群"), "chart-dots"),
            Area("associations:list", _("关联规则"), "shopping-bag"),
            Area("anomalies:list", _("异常"), "alert-triangle"),
        ),
    ),
    (_("门店与服务"), (Area("tasks:list", _("导购任务"), "list-check", "k", "?f=state.eq.open"),)),
    (
        _("数据"),
        (
            Area("data:data", _("数据总览"), "database", "d"),
            Area("imports:list", _("导入"), "upload", "m"),
            Area("sources:list", _("来源"), "database-import"),
            Area("data:batches", _("批次"), "archive"),
            Area("data:quarantine", _("隔离区"), "alert-triangle", "q"),
            Area("builds:builds", _("构建"), "stack-2", "b"),
            Area("orders:list", _("订单"), "receipt", "o"),
            Area("products:stores", _("门店"), "building-store", "s"),
            Area("products:products", _("商品"), "package", "p"),
            Area("attributes:list", _("自定义属性"), "adjustments"),
            Area("api_docs", _("开放接口"), "key"),
        ),
    ),
)
FOOT = (
    Area("users:list", _("账号"), "users-group"),
    Area("audit:audit", _("审计"), "shield-check"),
    Area("accounts:me", _("我的账号"), "user-circle"),
)
PHONE_TABS_MOST = 5

LANDING = {
    Role.ADMIN.value: "cockpit:cockpit",
    Role.MANAGER.value: "cockpit:cockpit",
    Role.REGION_MANAGER.value: "cockpit:cockpit",
    Role.STORE_MANAGER.value: "cockpit:cockpit",
    Role.ENGINEER.value: "data:data",
    Role.ANALYST.value: "data:data",
    Role.GUIDE.value: "tasks:today",
    Role.CASHIER.value: "accounts:me",
    Role.PRODUCT_OWNER.value: "products:products",
    Role.AUDITOR.value: "audit:audit",
}
LANDING_DEFAULT = "customers:list"


@dataclass(frozen=True, slots=True)
class MenuItem:
    """An area as the template draws it."""

    route: str
    url: str
    label: LazyText
    icon: str
    is_current: bool
    key: str


@dataclass(frozen=True, slots=True)
class MenuGroup:
    title: LazyText
    items: list[MenuItem]


def menu_for(role_code: str, current_route: str) -> tuple[list[MenuGroup], list[MenuItem]]:
    """Return the groups with anything in them for this role, and the items at the foot."""
    groups = [MenuGroup(title, _items(areas, role_code, current_route)) for title, areas in GROUPS]
    return [group for group in groups if group.items], _items(FOOT, role_code, current_route)


def landing_route(role_code: str) -> str:
    """Return the page a role starts on."""
    return LANDING.get(role_code, LANDING_DEFAULT)


def _items(areas: tuple[Area, ...], role_code: str, current_route: str) -> list[MenuItem]:
    shown = [area for area in areas if may_open(area.route, role_code)]
    return [
        MenuItem(
            area.route, reverse(area.route) + area.query, area.label, area.icon, _is_current(area.route, current_route), area.key
        )
        for area in shown
    ]


def _is_current(route: str, current_route: str) -> bool:
    """An area stays marked on the pages below it: same namespace, and no other area whose route is more like theirs."""
    if route == current_route:
        return True
    routes = [area.route for _title, areas in GROUPS for area in areas]
    if current_route in routes or _namespace(current_route) != _namespace(route):
        return False
    related = [one for one in routes if _namespace(one) == _namespace(route)]
    return max(related, key=lambda one: _shared(one, current_route), default=None) == route  # of equals the first


def _shared(one: str, other: str) -> int:
    """Return how many letters both begin with."""
    pairs = list(zip(one, other, strict=False))
    return next((place for place, (a, b) in enumerate(pairs) if a != b), len(pairs))


def _namespace(route: str) -> str:
    return route.partition(":")[0]
