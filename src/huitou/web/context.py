"""What the frame of every page shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from huitou.apps.builds.queries import version_stamp
from huitou.web.navigation import PHONE_TABS_MOST, menu_for
from huitou.web.policy import may_open


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return menu, stamp, theme and density; strangers get the defaults and no menu."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"theme": "auto", "density": "standard", "languages": settings.LANGUAGES}
    route = request.resolver_match.view_name if request.resolver_match else ""
    groups, foot = menu_for(user.role_code, route)
    tabs = [item for group in groups for item in group.items][: PHONE_TABS_MOST - 1] + foot
    return {
        "theme": user.theme,
        "density": user.density,
        "languages": settings.LANGUAGES,
        "menu_groups": groups,
        "menu_foot": foot,
        "menu_tabs": tabs,
        "menu_keys": [item for group in groups for item in group.items if item.key],
        "stamp": SimpleLazyObject(version_stamp),
        "may_open_builds": may_open("builds:builds", user.role_code),
        "may_search": may_open("customers:search", user.role_code),
    }
