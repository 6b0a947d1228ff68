"""The list page of every noun: one view, one template."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.fields import Column, FieldEntry
from huitou.apps.base.listing import Asked, Count, Sort
from huitou.apps.lists.queries import columns_of
from huitou.core.filters.catalogue import FieldType
from huitou.core.filters.json_form import salvage
from huitou.core.filters.reading import Chip, Frame, without
from huitou.core.filters.tree import All, Condition
from huitou.core.labels import Label
from huitou.web import formats
from huitou.web.lists.cells import FIGURES, text_of
from huitou.web.lists.export import may_take
from huitou.web.lists.groups import forms_offered, grouped
from huitou.web.lists.lines import lines_of, stand_ins
from huitou.web.lists.refusals import sentences
from huitou.web.lists.spec import BulkTool, ListSpec
from huitou.web.lists.state import (
    AddressRefused,
    Form,
    ListContext,
    ListState,
    number_read,
    parts_of,
    state_read,
    with_part,
    without_part,
)
from huitou.web.lists.views import ViewsShown, views_shown
from huitou.web.policy import may_open

_UNIT_SIGNS = {FieldType.FEN: "¥"}
_NOTES_ON_PHONE = 5


@dataclass(frozen=True, slots=True)
class Head:
    """A column's head: its words, the address that sorts by it, and which way it leads now."""

    label: str
    is_figure: bool
    url: str = ""
    aria: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A condition on offer, as words, with the address that adds it (or takes it out)."""

    words: Chip
    url: str
    is_on: bool


@dataclass(frozen=True, slots=True)
class WayOut:
    """A condition whose removal brings rows back: the empty result's way out."""

    words: str
    count: int
    unit: str
    url: str


@dataclass(frozen=True, slots=True)
class ColumnOffer:
    """A column that may be shown."""

    name: str
    label: str
    group: str
    is_on: bool


def list_page(request: HttpRequest, spec: ListSpec) -> HttpResponse:
    """Show a list; filter, order and place in the list are all in the address."""
    viewer = request_viewer(request)
    context = ListContext(spec, viewer)
    try:
        state, asked = state_read(context, request.GET)
    except AddressRefused as error:
        told = {"spec": spec, "refused": error.refused, "sentences": sentences(error.refused, context)}
        return render(request, "lists/refused.html", told, status=400)
    if "tree" in request.GET:
        return _edited(request, context, state)
    shown = context.columns(columns_of(viewer.user_id, spec.noun)) or context.columns(context.default_columns)
    asked = replace(asked, shown=context.with_ends(shown))
    views = views_shown(context, state)
    is_filtered = state.filters != All()
    stands_in = stand_ins(context, shown)
    is_list = state.form is Form.LIST
    body = _listed(context, state, asked, shown, stands_in, request) if is_list else grouped(context, state, asked, shown)
    count, has_rows = body["count"], bool(body.get("lines") or body.get("groups"))
    told = {
        **body,
        "spec": spec,
        "state": state,
        "forms": forms_offered(context, state),
        "asked": asked,
        "has_rows": has_rows,
        "stand_ins": [text for text in stands_in.values() if text],
        "parts_url": _parts_url(spec, state, count) if has_rows else "",
        "unit": spec.unit_text(count.value, get_language() or "zh-hans"),
        "chips": _chips(context, state),
        "offers": [_offer(condition, context, state) for condition in spec.quick if condition.field in context.catalogue],
        "column_offers": _column_offers(context, shown),
        "shown_columns": len(shown),
        "views": views,
        "share_url": share_url(state, views),
        "is_by_day": state.sort.column.type is FieldType.DATE,
        "sort_label": text_of(state.sort.column.label),
        "ways_out": [] if has_rows else _ways_out(context, asked, state),
        "is_filtered": is_filtered,
        "editor_url": _editor_url(spec, state),
        "filter_text": state.pairs(state.filters, state.sort)["f"],
        "note": spec.note(viewer, asked) if spec.note is not None else "",
        **_bulk(context, count),
    }
    return render(request, "lists/list.html", told)


def _listed(
    context: ListContext,
    state: ListState,
    asked: Asked,
    shown: tuple[FieldEntry, ...],
    stands_in: Mapping[str, str],
    request: HttpRequest,
) -> dict[str, Any]:
    """Return what the page needs of its rows."""
    page = context.spec.page(context.viewer, asked)
    first = number_read(request.GET) if page.previous_cursor else 0
    is_counted = first > 0 or page.previous_cursor is None
    return {
        "count": page.count or context.spec.count(context.viewer, asked),
        "lines": lines_of(context, asked, shown, stands_in, page, state, first),
        "heads": [_head(entry, context, state, stands_in) for entry in shown],
        "first_row": first + 1 if is_counted else 0,
        "last_row": first + len(page.rows),
        "next_url": state.url(at=page.next_cursor, n=first + len(page.rows)) if page.next_cursor else "",
        "previous_url": state.url(at=page.previous_cursor, n=max(0, first - asked.limit)) if page.previous_cursor else "",
    }


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool of the bulk bar with what can be chosen."""

    tool: BulkTool
    choices: Sequence[tuple[str, str]]


def _bulk(context: ListContext, count: Count) -> dict[str, Any]:
    """
    Return what this role may do to many rows. bulk_total: everything as a text, where no tool is asked to take more than it can.
    bulk_one, bulk_unit: what is counted, of one and of several.
    """
    spec, role = context.spec, context.viewer.role_code
    may_export = may_take(spec, role)
    tools = [ToolOffer(tool, found) for tool in spec.bulk if may_open(tool.route, role) and (found := tool.choices())]
    most = min((offer.tool.most for offer in tools), default=None)
    is_too_many = most is not None and count.value > most
    shown = formats.count_text(count.value)
    one, several = (spec.unit_text(number, get_language() or "zh-hans") for number in (1, 2))
    return {
        "bulk_one": one,
        "bulk_unit": several,
        "may_export": may_export,
        "tools": tools,
        "may_pick": spec.picks and (bool(tools) or may_export),
        "bulk_total": "" if is_too_many else shown if count.is_exact else _("约 %(count)s") % {"count": shown},
        "bulk_most": formats.count_text(most) if is_too_many and most is not None else "",
    }


def share_url(state: ListState, views: ViewsShown) -> str:
    """Return the address that shows somebody else what this page asks: its first page, and its view where others may open it."""
    is_open_to_others = views.current is not None and views.current.is_shared
    return (state if is_open_to_others else replace(state, view=0)).url()


def _edited(request: HttpRequest, context: ListContext, state: ListState) -> HttpResponse:
    """Lead from the editor's form to the address of its filter."""
    try:
        tree = json.loads(request.GET["tree"])
    except (ValueError, RecursionError):
        tree = None
    filters, lost = salvage(tree, context.catalogue)
    if lost:
        told = {"spec": context.spec, "sentences": sentences(lost, context), "refused": {"rest": state.url(filters=filters)}}
        return render(request, "lists/refused.html", told, status=400)
    return redirect(state.url(filters=filters))


def _editor_url(spec: ListSpec, state: ListState) -> str:
    """Return where the filter's editor comes from when it is opened: its fields weigh as much as the rest of the page."""
    asked = {**state.pairs(state.filters, state.sort), "as": state.form, "by": state.by}
    return state.beside_url(reverse("lists:editor", args=[spec.noun]), **asked)


def _parts_url(spec: ListSpec, state: ListState, count: Count) -> str:
    """Return where it is told what the count is made of; "" for a list that does not say."""
    if spec.parts is None:
        return ""
    return state.beside_url(reverse("lists:parts", args=[spec.noun]), count=count.value)


def _head(entry: FieldEntry, context: ListContext, state: ListState, stands_in: Mapping[str, str]) -> Head:
    field = entry.field
    sign = _UNIT_SIGNS.get(field.type) or _sign(field.unit)
    joined = context.spec.joined.get(field.name)
    label = str(joined.head) if joined else f"{text_of(field.label)} {sign}" if sign else text_of(field.label)
    if field.name in stands_in and not stands_in[field.name]:
        label = f"{label} · {context.spec.intervals[field.name].head}"
    is_figure = field.type in FIGURES and joined is None
    column = context.sorts.get(entry.sorts_as or field.name)
    if column is None or not (entry.sortable or entry.sorts_as):
        return Head(label, is_figure)
    leads = column == state.sort.column
    url = state.url(sort=Sort(column, not state.sort.descending if leads else True))
    return Head(label, is_figure, url, ("descending" if state.sort.descending else "ascending") if leads else "")


def _sign(unit: Label | None) -> str:
    """A unit that every language writes alike is a sign; words stay with the conditions."""
    return unit.zh if unit is not None and unit.zh == unit.en else ""


def _chips(context: ListContext, state: ListState) -> list[dict[str, Any]]:
    """Return the outermost parts of the filter with the address that takes each out."""
    part = context.words(state.filters)
    parts = part.parts if isinstance(part, Frame) and part.kind == "all" and part.path == "" else (part,)
    return [{"part": one, "remove_url": state.url(filters=without(state.filters, one.path))} for one in parts]


def _offer(condition: Condition, context: ListContext, state: ListState) -> Offer:
    is_on = condition in parts_of(state.filters)
    url = state.url(filters=without_part(state.filters, condition) if is_on else with_part(state.filters, condition))
    return Offer(context.chip(condition), url, is_on)


def _column_offers(context: ListContext, shown: tuple[FieldEntry, ...]) -> list[ColumnOffer]:
    on = {entry.field.name for entry in shown}
    return [
        ColumnOffer(entry.field.name, text_of(entry.field.label), text_of(entry.group), entry.field.name in on)
        for entry in context.entries
        if entry.column is not Column.NEVER
    ]


def _ways_out(context: ListContext, asked: Asked, state: ListState) -> list[WayOut]:
    """Return the outermost conditions by how many rows would appear without each, most first."""
    ways = []
    language = get_language() or "zh-hans"
    for chip in _chips(context, state):
        part = chip["part"]
        count = context.spec.count(context.viewer, replace(asked, filters=without(state.filters, part.path)))
        words = f"{part.field} {part.operator} {part.value}".rstrip() if isinstance(part, Chip) else ""
        ways.append(WayOut(words, count.value, context.spec.unit_text(count.value, language), chip["remove_url"]))
    return sorted((way for way in ways if way.count), key=lambda way: -way.count)
