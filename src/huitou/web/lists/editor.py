"""What the filter editor needs to know: the fields as JSON, in the language of the page."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.fields import FieldEntry
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.filters.reading import operator_label
from huitou.core.filters.tree import BARE_OPERATORS, LIST_OPERATORS, Operator

SHAPES = {Operator.BETWEEN: "pair", **dict.fromkeys(LIST_OPERATORS, "list"), **dict.fromkeys(BARE_OPERATORS, "none")}


def editor_data(
    entries: Iterable[FieldEntry], names: Mapping[str, Mapping[int, str]], called: Mapping[str, Mapping[Any, str]] | None = None
) -> dict[str, Any]:
    """
    Return the fields as `<c-filter-editor>` reads them, in order, with their group, operators and choices; and its words.

    names: what the ids of a reference are called, by field name; a reference without names is asked by number.
    called: what values of the filter in the editor are called, by field name.
    """
    language = get_language() or "zh-hans"
    fields = [
        {
            "name": entry.field.name,
            "label": entry.field.label.text(language),
            "group": entry.group.text(language),
            "type": entry.field.type.value,
            "unit": entry.field.unit.text(language) if entry.field.unit else "",
            "decimals": entry.field.decimals,
            "minimum": _bound(entry.field, entry.field.minimum),
            "maximum": _bound(entry.field, entry.field.maximum),
            "operators": [
                {"code": one.value, "label": operator_label(entry.field, one).text(language), "shape": SHAPES.get(one, "one")}
                for one in entry.field.operators
                if one is not Operator.NEAR  # asked by segments, on their map
            ],
            "called": dict((called or {}).get(entry.field.name, {})),
            "choices": _choices(entry.field, names.get(entry.field.name, {}), language),
        }
        for entry in entries
        if not entry.is_part
    ]
    return {"fields": fields, "words": _words()}


def _words() -> dict[str, str]:
    return {
        "and": _("且"),
        "or": _("或"),
        "not": _("非"),
        "not_help": _("反过来：不满足这一条"),
        "all_of": _("满足全部"),
        "any_of": _("满足任一"),
        "joined": _("这一组怎样连接"),
        "add": _("条件"),
        "add_group": _("一组条件"),
        "remove": _("去掉这个条件"),
        "remove_group": _("去掉这一组"),
        "field": _("字段"),
        "operator": _("怎样比较"),
        "value": _("值"),
        "from": _("从"),
        "to": _("到"),
        "choose": _("请选择"),
        "several": _("几个值，用逗号隔开"),
        "find": _("在选项里找"),
        "yes": _("是"),
        "no": _("否"),
        "days_ago": _("天前"),
        "comma": _("、"),
        "unfinished": _("这个条件还没有填完。"),
    }


def _choices(field: Field, names: Mapping[int, str], language: str) -> list[tuple[str | int, str]]:
    if field.type is FieldType.ENUM:
        return [(choice.code, choice.label.text(language)) for choice in field.choices]
    return list(names.items()) if field.type is FieldType.REFERENCE else []


def _bound(field: Field, value: int) -> int | None:
    return value if field.type is FieldType.INTEGER and abs(value) < 2**53 - 1 else None
