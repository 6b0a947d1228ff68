"""How tiers and running clocks look: colour, shape or icon, and a word; never colour alone."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huitou.web.lazy import LazyText


@dataclass(frozen=True, slots=True)
class TierLook:
    """The look of a tier; `path` draws its shape in a box of 8 by 8."""

    kind: str
    path: str
    label: LazyText


TIERS: Mapping[str, TierLook] = {
    "DIAMOND": TierLook("diamond", "M4 0 8 4 4 8 0 4z", gettext_lazy("钻石")),
    "CORE": TierLook("core", "M4 .3a3.7 3.7 0 1 0 0 7.4 3.7 3.7 0 0 0 0-7.4z", gettext_lazy("核心")),
    "POTENTIAL": TierLook("potential", "M4 .5 8 7.5H0z", gettext_lazy("潜力")),
    "BASIC": TierLook("basic", "M.8.8h6.4v6.4H.8z", gettext_lazy("基础")),
}


def tier_look(code: str) -> TierLook:
    """Return the look of a stored tier code; one without a look is shown as it is stored, grey and square."""
    found = TIERS.get(code.upper())
    return found or TierLook("basic", TIERS["BASIC"].path, code)


STATES: Mapping[str, tuple[str, str]] = {  # kind and icon of the badge of a state in a list, whose word its field knows
    "usable": ("outline", "gift"),  # grey: it may be past its day
    "redeemed": ("good", "circle-check"),
    "set_aside": ("caution", "player-pause"),
    "withdrawn": ("outline", "x"),
    "open": ("info", "clock"),
    "done": ("good", "circle-check"),
    "dismissed": ("caution", "x"),
    "cancelled": ("outline", "ban"),
    "sealed": ("outline", "package"),
    "stored": ("outline", "database"),
    "applied": ("outline", "user-check"),
    "folded": ("good", "circle-check"),
}


@dataclass(frozen=True, slots=True)
class ClockLook:
    kind: str
    icon: str
    text: str


SOON_SECONDS = 3_600


def clock_look(left_seconds: float, *, is_paused: bool = False) -> ClockLook:
    """
    Say how much of a deadline is left: grey, amber from an hour down, red once missed; green while it waits for the customer.

    left_seconds: until the deadline, negative past it. Exactly on it counts as missed.
    """
    if is_paused:
        return ClockLook("good", "check", _("等客户"))
    if left_seconds <= 0:
        return ClockLook("bad", "flame", _("超时 %(time)s") % {"time": _minutes(-left_seconds)})
    kind = "caution" if left_seconds <= SOON_SECONDS else ""
    return ClockLook(kind, "clock", _("剩 %(time)s") % {"time": _minutes(left_seconds)})


def _minutes(seconds: float) -> str:
    """Write whole minutes, begun ones not counted: 3 时 20 分, 18 分."""
    hours, minutes = divmod(int(seconds // 60), 60)
    if hours >= 48:
        return _("%(days)s 天 %(hours)s 时") % {"days": hours // 24, "hours": hours % 24}
    if hours:
        return _("%(hours)s 时 %(minutes)s 分") % {"hours": hours, "minutes": minutes}
    return _("%(minutes)s 分") % {"minutes": minutes}
