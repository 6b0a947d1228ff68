"""
How a cell of a list is drawn. A page has some four hundred of them: a template for each took half of the page's time, so only
badges, of which a page has a few different ones, are templates.
"""

from collections.abc import Iterable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from huitou.web.badges import STATES
from huitou.web.lists.cells import Cell

_DRAWN = 512  # badges kept


def drawn(cells: Iterable[Cell]) -> SafeString:
    """Return the cells of a row as they stand in the table."""
    language = get_language() or ""
    return mark_safe("".join([_drawn(cell, language) for cell in cells]))


def _drawn(cell: Cell, language: str) -> str:
    note = f' <span class="ht-cell-note">{conditional_escape(cell.note)}</span>' if cell.note else ""
    return f"<td{_attributes(cell)}>{_inside(cell, language)}{note}</td>"


def _attributes(cell: Cell) -> str:
    figure = (' class="ht-num ht-caution-text"' if cell.is_late else ' class="ht-num"') if cell.is_figure else ""
    title = f' title="{conditional_escape(cell.title)}"' if cell.title else ""
    return f"{figure}{_on_phone(cell)}{title}"


def _on_phone(cell: Cell) -> str:
    """A badge says on the phone what it is; every other value has its column's name beside it."""
    match cell.on_phone:
        case "figure":
            return " data-figure"
        case "off":
            return " data-off-phone"
    return f' data-label="{conditional_escape(cell.label)}"' if cell.is_figure or cell.kind == "text" else ""


def _inside(cell: Cell, language: str) -> str:
    if cell.kind != "text":
        return _badge(cell.kind, cell.code, cell.text, cell.rest, language)
    text = f"<bdi>{conditional_escape(cell.text)}</bdi>"
    if cell.note:  # a forecast beside its interval
        text = f"<strong>{text}</strong>"
    return f'<a class="ht-name" href="{conditional_escape(cell.href)}">{text}</a>' if cell.href else text


@lru_cache(_DRAWN)
def _badge(kind: str, code: str, text: str, rest: int, language: str) -> str:
    """language: of the page, in which the templates of the badges write."""
    del language  # in the key alone
    look = STATES.get(code, ("outline", "")) if kind == "state" else None
    return render_to_string("lists/badges.html", {"kind": kind, "code": code, "text": text, "rest": rest, "look": look}).strip()
