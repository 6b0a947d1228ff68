"""Tags and filters behind the components of templates/components."""

from collections.abc import Iterable
from functools import lru_cache

from django import template
from django.contrib.messages.storage.base import Message
from django.utils.safestring import SafeString
from pypinyin import Style, lazy_pinyin

from huitou.web.badges import ClockLook, TierLook, clock_look
from huitou.web.badges import tier_look as look_of
from huitou.web.lists.cells import Cell
from huitou.web.lists.drawing import drawn
from huitou.web.toasts import UNDO

register = template.Library()
KINDS = {"success": "good", "error": "bad", "warning": "caution", "info": "good", "debug": "good"}


@register.simple_tag
def tier_look(code: str) -> TierLook:
    return look_of(code)


@register.simple_tag
def table_cells(cells: Iterable[Cell]) -> SafeString:
    return drawn(cells)


@register.simple_tag
def sla_look(left: float | str, paused: object = "") -> ClockLook:
    """Return the look of a clock; `left` are seconds until the deadline."""
    return clock_look(float(left), is_paused=bool(paused))


@register.filter
def times(number: int | str) -> range:
    """Count to a number: {% for _row in 4|times %}."""
    return range(int(number))


@register.filter
def toast_kind(message: Message) -> str:
    """Return the look of a message: good, caution or bad."""
    return KINDS[message.level_tag]


@register.filter
def toast_undo(message: Message) -> str:
    """Return the address that takes a message's action back, or nothing."""
    tags = message.extra_tags or ""
    return tags.removeprefix(UNDO) if tags.startswith(UNDO) else ""


@register.filter
def search_words(label: object) -> str:
    """Return what a label of the palette is found by: itself, its pinyin and the first letters of that."""
    return _search_words(str(label))


@lru_cache(maxsize=500)
def _search_words(label: str) -> str:
    forms = (label, "".join(lazy_pinyin(label)), "".join(lazy_pinyin(label, style=Style.FIRST_LETTER)))
    return " ".join(dict.fromkeys(form.lower() for form in forms))
