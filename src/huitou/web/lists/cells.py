"""How the values of a row are shown: one rule per type of field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.fields import FieldEntry
from huitou.apps.base.listing import RowValue
from huitou.core.decimals import scaled_text
from huitou.core.filters.catalogue import Field, FieldType
from huitou.core.filters.tree import Scalar
from huitou.core.labels import Label
from huitou.core.money import yuan_text
from huitou.core.value.lifecycle import DORMANT_DAYS
from huitou.web import formats

FIGURES = frozenset({
    FieldType.INTEGER, FieldType.FEN, FieldType.DECIMAL, FieldType.SHARE, FieldType.DATE, FieldType.DAYS_AGO,
})  # fmt: skip
MOST_SHOWN = 1  # of the values of a field with rows; the others are counted


@dataclass(frozen=True, slots=True)
class Cell:
    """
    One value as it is written. kind: text, many, stage, state or tier (badges by `code`); title: the whole value on hover.
    """

    text: str
    is_figure: bool
    label: str  # of its column, for the phone
    kind: str = "text"
    code: str = ""
    title: str = ""
    rest: int = 0  # values beyond those written
    is_late: bool = False
    href: str = ""
    on_phone: str = ""  # figure: beside the name; off: not shown there
    note: str = ""  # small beside the value


def cell(
    entry: FieldEntry,
    value: RowValue,
    *,
    names: Mapping[str, Mapping[int, str]],
    as_of: date,
    today: date,
) -> Cell:
    """Return a value of a row as it is shown; as_of: the day that lateness is judged at."""
    field = entry.field
    label, is_figure = text_of(field.label), field.type in FIGURES
    if isinstance(value, tuple):
        shown = [scalar_text(field, one, names) for one in value]
        return Cell("、".join(shown[:MOST_SHOWN]), False, label, "many", title="、".join(shown), rest=len(shown) - MOST_SHOWN)
    if value is None or value == "":
        return Cell(formats.MISSING, is_figure, label)
    if field.type is FieldType.DAYS_AGO and isinstance(value, date):
        is_late = field.name == "days_since_purchase" and (as_of - value).days >= DORMANT_DAYS
        return Cell(formats.days_ago_text(value, today=today), True, label, title=value.isoformat(), is_late=is_late)
    if field.type is FieldType.ENUM and (kind := _badge(field.name)):
        text = scalar_text(field, value, names)
        return Cell(capfirst(text) if kind == "state" else text, False, label, kind, str(value))
    text = scalar_text(field, value, names)
    return Cell(capfirst(text) if field.type is FieldType.ENUM else text, is_figure, label)


def _badge(name: str) -> str:
    """Return how the values of a field are drawn, where they are badges: the tiers of every scheme alike."""
    return "tier" if name.startswith("tier_") else name if name in ("stage", "state") else ""


def scalar_text(field: Field, value: Scalar, names: Mapping[str, Mapping[int, str]]) -> str:
    """Return one value in the language of the page, as lists and exports write it."""
    match field.type:
        case FieldType.INTEGER:
            return formats.count_text(int(str(value)))
        case FieldType.FEN:
            return yuan_text(int(str(value)), decimals=2)
        case FieldType.DECIMAL:
            return scaled_text(int(str(value)), field.decimals)
        case FieldType.SHARE:
            return formats.percent_text(float(str(value)), decimals=0)
        case FieldType.DATE | FieldType.DAYS_AGO:
            return formats.day_text(value if isinstance(value, date | datetime) else None)
        case FieldType.FLAG:
            return _("是") if value else _("否")
        case FieldType.ENUM:
            known = {choice.code: choice.label for choice in field.choices}
            return text_of(known[str(value)]) if str(value) in known else str(value)
        case FieldType.REFERENCE:
            return names.get(field.name, {}).get(int(str(value)), f"#{value}")
        case FieldType.CODE:
            return str(value)


def text_of(label: Label) -> str:
    """Return a label in the language of the page."""
    return label.text(get_language() or "zh-hans")
