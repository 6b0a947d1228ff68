"""What the frame of every page shows."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import viewer_for
from huitou.apps.base.clock import utc_now
from huitou.apps.builds.queries import version_stamp
from huitou.apps.identity.review_queue import review_count
from huitou.apps.tasks.queries import Waiting, tasks_waiting
from huitou.web.lazy import LazyText
from huitou.web.navigation import PHONE_TABS_MOST, menu_for
from huitou.web.policy import may_open
from huitou.web.toasts import works


@dataclass(frozen=True, slots=True)
class Action:
    """A command of the palette: it clicks what the selector names, so that it can do nothing a person could not."""

    label: LazyText
    icon: str
    selector: str
    lang: str = ""  # of the label, where it is not the page's


_CHOICE = ".ht-top button[name={}][value={}]"
ACTIONS = (
    Action(_("外观：浅"), "sun", _CHOICE.format("theme", "light")),
    Action(_("外观：深"), "moon", _CHOICE.format("theme", "dark")),
    Action(_("外观：跟随系统"), "device-desktop", _CHOICE.format("theme", "auto")),
    Action(_("行距：紧凑"), "list", _CHOICE.format("density", "compact")),
    Action(_("行距：标准"), "list", _CHOICE.format("density", "standard")),
    Action(_("行距：宽松"), "list", _CHOICE.format("density", "relaxed")),
    Action("English", "language", _CHOICE.format("language", "en"), "en"),
    Action("简体中文", "language", _CHOICE.format("language", "zh-hans"), "zh-hans"),
    Action(_("收起或展开菜单"), "layout-sidebar-left-collapse", "[data-toggle-side]"),
    Action(_("快捷键"), "keyboard", "[data-open-dialog=keys-help]"),
    Action(_("退出登录"), "logout", ".ht-top form[action$=logout] button"),
)


@dataclass(frozen=True, slots=True)
class Errand:
    """A command of the palette that leads to where something new is begun; offered to who may open the route."""

    route: str
    label: LazyText
    icon: str


ERRANDS = (
    Errand("segments:new", _("新建人群"), "users-group"),
    Errand("look_alike:list", _("找相似的客户"), "users"),
    Errand("coupons:kind_new", _("新建券种"), "gift"),
    Errand("exports:new", _("申请完整导出"), "file-export"),
    Errand("imports:list", _("导入文件"), "upload"),
    Errand("attributes:new", _("新建属性"), "adjustments"),
    Errand("users:new", _("新建账号"), "user-plus"),
)


def _menu_counts(user: User) -> dict[str, Waiting]:
    """
    Return the work that waits by the route of its area, for those whose work it is; asked only where a menu is drawn.

    The questions of single stores are not counted: each would be looked at for its reach.
    """
    viewer, role = viewer_for(user), user.role_code
    if viewer.store_ids is not None:
        return {"tasks:list": tasks_waiting(viewer, now=utc_now())} if may_open("tasks:list", role) else {}
    return {"identity:review": Waiting(review_count(viewer), 0)} if may_open("identity:review", role) else {}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return menu, stamp, theme and density; strangers get the defaults and no menu."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto", "density": "standard", "languages": settings.LANGUAGES}
    route = request.resolver_match.view_name if request.resolver_match else ""
    groups, foot = menu_for(user.role_code, route)
    areas = [item for group in groups for item in group.items]
    tabs = areas[: PHONE_TABS_MOST - 1] + foot[-1:]
    return {
        "theme": user.theme,
        "density": user.density,
        "side": user.side,
        "languages": settings.LANGUAGES,
        "menu_groups": groups,
        "menu_foot": foot,
        "menu_tabs": tabs,
        "menu_keys": [item for item in areas if item.key],
        "palette_pages": areas + foot,
        "palette_errands": [errand for errand in ERRANDS if may_open(errand.route, user.role_code)],
        "palette_actions": ACTIONS,
        "stamp": SimpleLazyObject(version_stamp),
        "may_open_builds": may_open("builds:builds", user.role_code),
        "may_search": may_open("customers:search", user.role_code),
        "works": works(request).items(),
        "menu_counts": SimpleLazyObject(partial(_menu_counts, user)),
    }
