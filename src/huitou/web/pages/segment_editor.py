"""What the builder's editor needs to know besides the fields: events, places, and the words around them."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.fields import EventEntry, FieldEntry
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.catalogue import segment_entries, segment_events
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.filters.json_form import leaves_of
from huitou.core.filters.reading import MEASURE_LABELS, MEASURE_UNITS, OPERATOR_LABELS
from huitou.core.filters.tree import Node, Operator, Window
from huitou.core.filters.window_form import WINDOW_OPERATORS
from huitou.web.lists.editor import editor_data


def builder_data(viewer: Viewer, rule: Node) -> dict[str, Any]:
    """
    Return {fields, words} of the filter editor and {events, operators, near, window_words} of the builder's own rows.

    rule: what stands in the editor; of a narrowing with too many values to choose from it offers those that the rule names.
    """
    entries = segment_entries(viewer)
    names = {entry.field.name: entry.names(viewer) for entry in entries if entry.names}
    data = editor_data(entries, names)
    for field in data["fields"]:
        field["operators"] = [one for one in field["operators"] if one["code"] != Operator.NEAR.value]
    return data | {
        "events": [_event(entry, viewer, rule) for entry in segment_events(viewer)],
        "operators": [
            {"code": one.value, "label": OPERATOR_LABELS[one].text(_language()), "pair": one is Operator.BETWEEN}
            for one in WINDOW_OPERATORS
        ],
        "near": [_near(entry, names.get(entry.field.name, {})) for entry in entries if entry.field.places],
        "window_words": _words(),
    }


def _language() -> str:
    return get_language() or "zh-hans"


def _event(entry: EventEntry, viewer: Viewer, rule: Node) -> dict[str, Any]:
    language = _language()
    narrowings = []
    for one in entry.event.narrowings:
        choices = _choices(entry, one, viewer, rule)
        if choices:
            narrowings.append({"name": one.name, "label": one.label.text(language), "choices": choices})
    return {
        "name": entry.event.name,
        "label": entry.event.label.text(language),
        "measures": [
            {
                "code": one.value,
                "label": MEASURE_LABELS[one].text(language),
                "unit": MEASURE_UNITS[one].text(language) if one in MEASURE_UNITS else "¥",
                "scale": 1 if one in MEASURE_UNITS else 100,
            }
            for one in entry.event.measures
        ],
        "narrowings": narrowings,
    }


def _choices(entry: EventEntry, field: Field, viewer: Viewer, rule: Node) -> list[tuple[str | int, str]]:
    if field.type is FieldType.ENUM:
        return [(choice.code, choice.label.text(_language())) for choice in field.choices]
    names, called = entry.names.get(field.name), entry.called.get(field.name)
    if called:
        asked = dict.fromkeys(value for values in _asked(rule, entry.event.name, field.name) for value in values)
        known = called(asked)
        return [(value, known.get(value, f"#{value}")) for value in asked]
    return list(names(viewer).items()) if names else []


def _asked(rule: Node, event: str, narrowing: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the windows of a rule narrow an event to."""
    for leaf in leaves_of(rule):
        if isinstance(leaf, Window) and leaf.event == event:
            yield from (values for name, values in leaf.among if name == narrowing)


def _near(entry: FieldEntry, names: Any) -> dict[str, Any]:
    return {
        "name": entry.field.name,
        "label": entry.field.label.text(_language()),
        "places": [(place.id, names.get(place.id, f"#{place.id}")) for place in entry.field.places],
    }


def _words() -> dict[str, str]:
    return {
        "add": _("事件"),
        "add_near": _("距离"),
        "event": _("哪种事件"),
        "measure": _("数什么"),
        "operator": _("怎样比较"),
        "amount": _("多少"),
        "span": _("什么时候"),
        "recent": _("近几天"),
        "dates": _("日期之间"),
        "ever": _("任何时候"),
        "days": _("天"),
        "from": _("从"),
        "to": _("到"),
        "only": _("只算"),
        "all": _("全部"),
        "in_days": _("近 {days} 天"),
        "between": _("{from} 至 {to}"),
        "comma": _("，"),
        "list_comma": _("、"),
        "within": _("公里内"),
        "store": _("门店"),
        "kilometres": _("公里数"),
        "near_words": _("{store} {km} 公里内"),
        "alone": _("单独 {count} 人"),
        "left": _("加上下面这项，还有 {count} 人"),
    }
