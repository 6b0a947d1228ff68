"""Filters and tags of every template; settings load them as built-ins."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext

from huitou.apps.base.clock import utc_now
from huitou.apps.identity.evidence import Link
from huitou.apps.quality.queries import TrendPoint
from huitou.core.labels import Label
from huitou.core.metrics.shares import Share
from huitou.core.money import yuan_text
from huitou.core.periods import business_date
from huitou.core.value.inputs import Input
from huitou.web import (
    formats,
    words,
    words_build,
    words_identity,
    words_intake,
    words_person,
    words_tag,
    words_tier,
)
from huitou.web.audit_words import AUDIT_ACTIONS, AUDIT_DETAILS, AUDIT_SUBJECTS
from huitou.web.figures import SHARES_OF_MONEY
from huitou.web.icons import ICONS
from huitou.web.lazy import LazyText
from huitou.web.policy import may_open

register = template.Library()
Missing = Literal[""]  # what a template makes of an attribute of None
WORD_MODULES = (words_build, words_identity, words_intake, words_person, words_tag, words_tier)
WORD_TABLES: Mapping[str, Mapping[str, LazyText]] = {
    name: table for module in WORD_MODULES for name, table in vars(module).items() if name.isupper()
}


@register.filter
def count(value: int | Missing | None) -> str:
    return formats.count_text(None if value == "" else value)


@register.filter
def yuan(fen: int | Missing | None, decimals: int = 0) -> str:
    return formats.money_text(None if fen == "" else fen, decimals=decimals)


@register.filter
def yuan_short(fen: int | Missing | None) -> str:
    """Write an amount for a tile or a label; the exact one belongs beside it or on hover."""
    return formats.short_money_text(None if fen == "" else fen)


@register.filter
def percent(share: float | Missing | None, decimals: int = 1) -> str:
    return formats.percent_text(None if share == "" else share, decimals=decimals)


@register.filter
def points(share: float | Missing | None, decimals: int = 1) -> str:
    return formats.points_text(None if share == "" else share, decimals=decimals)


@register.filter
def number(value: float | Missing | None, decimals: int = 1) -> str:
    return formats.decimal_text(None if value == "" else value, decimals=decimals)


@register.filter
def number_signed(value: float, decimals: int = 1) -> str:
    """Write a number with its sign, where what it adds up has signs."""
    return f"{'+' if value > 0 else ''}{formats.decimal_text(value, decimals=decimals)}"


@register.filter
def day(value: date | datetime | Missing | None) -> str:
    return formats.day_text(value or None)


@register.filter
def moment(value: datetime | Missing | None) -> str:
    return formats.moment_text(value or None)


@register.filter
def clock(value: datetime | Missing | None) -> str:
    return formats.clock_text(value or None)


@register.filter
def duration(seconds: float | Missing | None) -> str:
    return formats.duration_text(None if seconds == "" else seconds)


@register.filter
def ago(value: datetime | Missing | None) -> str:
    return formats.ago_text(value or None, now=utc_now())


@register.filter
def days_ago(value: date | Missing | None) -> str:
    return formats.days_ago_text(value or None, today=business_date(utc_now()))


@register.filter
def dash(value: object) -> object:
    """Show a missing text as "—"."""
    return formats.MISSING if value is None or value == "" else value


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw a Tabler icon; with a label it speaks for itself, without one it is decoration. Raises KeyError on an unknown name."""
    if name not in ICONS:
        raise KeyError(f"icon {name!r} is not in huitou/web/icons.py")
    return _drawn(name, str(label))


@lru_cache(maxsize=1_000)
def _drawn(name: str, label: str) -> SafeString:
    """Return the picture: a page draws a hundred icons of a dozen kinds."""
    address = f"{static('vendor/icons.svg')}#{name}"
    if label:
        shape = '<svg class="ht-icon" role="img" aria-label="{}"><title>{}</title><use href="{}"></use></svg>'
        return format_html(shape, label, label, address)
    return format_html('<svg class="ht-icon" aria-hidden="true"><use href="{}"></use></svg>', address)


@register.simple_tag
def bar(share: float | None, label: str, kind: str = "", size: str = "") -> SafeString:
    """Draw a share 0..1 to scale; the label is what a screen reader says. The number itself stands beside it."""
    width = min(max(share or 0.0, 0.0), 1.0) * 100
    return format_html(
        '<svg class="ht-bar" data-kind="{}" data-size="{}" role="img" aria-label="{}"><rect width="100%" height="100%"></rect>'
        '<rect width="{}%" height="100%"></rect></svg>',
        kind,
        size,
        label,
        f"{width:.2f}",
    )


@register.simple_tag
def stacked(parts: Sequence[tuple[str, float | None]], label: str) -> SafeString:
    """Draw shares of one whole side by side, to scale, with a hairline between; parts: (kind, share 0..1), in order."""
    left, drawn = 0.0, []
    for kind, share in parts:
        width = min(max(share or 0.0, 0.0), 1.0) * 100
        if width:
            shape = '<rect data-part="{}" x="{}%" width="{}%" height="100%"></rect>'
            drawn.append(format_html(shape, kind, f"{left:.2f}", f"{width:.2f}"))
        left += width
    return format_html('<svg class="ht-stacked" role="img" aria-label="{}">{}</svg>', label, SafeString("".join(drawn)))


@register.simple_tag
def spark(values: Sequence[float], label: str, target: float | None = None) -> SafeString:
    """Draw a line of at least two values between the smallest and largest, a target dashed; fewer values draw nothing."""
    if len(values) < 2:
        return SafeString("")
    known = [*values, target] if target is not None else values
    low, spread = min(known), (max(known) - min(known)) or 1

    def height(value: float) -> str:
        return f"{29 - 26 * (value - low) / spread:.1f}"

    steps = [(f"{96 * at / (len(values) - 1):.1f}", height(value)) for at, value in enumerate(values)]
    aim = "" if target is None else f"0,{height(target)} 96,{height(target)}"
    return format_html(
        '<svg class="ht-spark" viewBox="0 0 96 32" role="img" aria-label="{}">{}<polyline points="{}"></polyline>'
        '<circle cx="{}" cy="{}" r="2.5"></circle></svg>',
        label,
        format_html('<polyline data-target="" points="{}"></polyline>', aim) if aim else "",
        " ".join(",".join(step) for step in steps),
        *steps[-1],
    )


@register.simple_tag
def interval(value: float, low: float, high: float, most: float, label: str, reference: float | None = None) -> SafeString:
    """Draw an estimate as a dot on its interval over an axis from 0 to `most`, a reference dotted; the numbers stand beside."""

    def place(number: float) -> str:
        return f"{96 * min(max(number / most, 0.0), 1.0):.1f}"

    line = '<line data-reference="" x1="{0}" x2="{0}" y1="0" y2="16"></line>'
    return format_html(
        '<svg class="ht-interval" viewBox="0 0 96 16" role="img" aria-label="{}">{}'
        '<rect x="{}" y="5" width="{}" height="6" rx="3"></rect><circle cx="{}" cy="8" r="3.5"></circle></svg>',
        label,
        "" if reference is None else format_html(line, place(reference)),
        place(low),
        f"{max(float(place(high)) - float(place(low)), 1):.1f}",
        place(value),
    )


@register.filter
def signed(value: int) -> str:
    """Write a change with its sign."""
    return ("+" if value > 0 else "") + formats.count_text(value)


@register.filter
def quantity(milli: int) -> str:
    """Write thousandths as a quantity: 1000 -> "1", 350 -> "0.35"."""
    return f"{milli / 1000:,.3f}".rstrip("0").rstrip(".").replace("-", formats.MINUS)


@register.filter
def source(code: str) -> LazyText:
    return words.word(words_intake.SOURCES, code)


@register.filter
def field(name: str) -> LazyText:
    return words.word(words_person.FIELDS, name)


@register.filter
def link_titles(links: Sequence[Link]) -> list[str]:
    """Return the kinds of value that tie a record to the others, each once."""
    return sorted({link.kind_title for link in links})


@register.filter
def points_reason(code: str | None) -> LazyText:
    return formats.MISSING if code is None else words.word(words_person.POINTS_REASONS, code)


@register.filter
def line_kind(kind: int) -> LazyText:
    return words_person.LINE_KINDS[kind]


@register.filter
def input_label(name: str, known: Mapping[str, Input]) -> str:
    """Return what an input of a tier scheme is called."""
    return local(known[name].label)


@register.filter
def local(label: Label) -> str:
    """Show a label of the core tables in the language of the page."""
    return label.text(get_language() or "zh-hans")


@register.filter
def yuan_plain(fen: int | Missing | None, decimals: int = 2) -> str:
    """Write fen as yuan without the sign: the unit stands in the head of the column."""
    return formats.MISSING if fen is None or fen == "" else yuan_text(fen, decimals=decimals)


@register.filter
def item(mapping: Mapping[object, object], key: object) -> object:
    """Look a key up; None when it is missing."""
    return mapping.get(key)


@register.filter
def joint(kind: str) -> str:
    """Return the word between the parts of a filter group: all -> and, any -> or, not -> not."""
    return {"all": "and", "any": "or", "not": "not"}[kind]


@register.inclusion_tag("parts/state_badge.html")
def state_badge(code: str) -> dict[str, object]:
    """Draw the state of a build or a job: colour, icon and word."""
    kind, shape = words_build.STATE_KINDS[code]
    return {"kind": kind, "icon_name": shape, "label": words.word({**words_build.JOB_STATES, **words_build.BUILD_STATES}, code)}


@register.filter
def fact_of(text: str, field: str) -> LazyText:
    """Return a fact of a person's file as people read it: {{ one.text|fact_of:one.name }}."""
    return words_person.fact_text(field, text)


@register.filter
def word_of(code: str, table: str) -> LazyText:
    """Return the word of a code from one of the tables of the modules of words: {{ build.kind_code|word_of:"BUILD_KINDS" }}."""
    return words.word(WORD_TABLES[table], code)


@register.filter
def audit_action(code: str) -> LazyText:
    """Return what an action of the audit trail is called."""
    return words.word(AUDIT_ACTIONS, code)


@register.filter
def audit_detail(key: str) -> str:
    """Return what a value beside an entry of the audit trail is called, as it stands at the head of it."""
    return capfirst(str(AUDIT_DETAILS[key])) if key in AUDIT_DETAILS else key


@register.filter
def plain(value: object) -> object:
    """Return a stored value as it is read: yes and no in words, what is missing as a dash, lists and pairs in a row."""
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, dict):
        return gettext("、").join(f"{name} {plain(one)}" for name, one in value.items()) or "—"
    if isinstance(value, list):
        return gettext("、").join(str(plain(one)) for one in value) or "—"
    return "—" if value in (None, "") else value


@register.filter
def audit_subject(kind: str) -> LazyText:
    """Return what the thing is called that an entry of the audit trail is about."""
    return words.word(AUDIT_SUBJECTS, kind)


@register.filter
def source_icon(code: str) -> str:
    return words_intake.SOURCE_ICONS.get(code, "database")


@register.filter
def whole(value: float | Missing | None) -> str:
    """Write a count that is stored as a float."""
    return formats.MISSING if value is None or value == "" else formats.count_text(round(value))


@register.filter
def share_counts(share: Share, metric_key: str) -> str:
    """Write both parts of a share; those of a revenue share are money."""
    write = formats.money_text if metric_key in SHARES_OF_MONEY else formats.count_text
    return f"{write(round(share.numerator))} ÷ {write(round(share.denominator))}"


@register.filter
def trend_values(trend: Sequence[TrendPoint]) -> list[float]:
    """Return the values of a trend that there are."""
    return [point.value for point in trend if point.value is not None]


@register.filter
def weeks(days: int) -> int:
    """Return how many whole weeks the days are."""
    return days // 7


@register.filter
def open_to(route: str, role_code: str) -> bool:
    """Say whether the role may open the route: a link that would be refused is not drawn."""
    return may_open(route, role_code)
