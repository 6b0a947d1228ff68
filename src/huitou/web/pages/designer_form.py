"""The form of a tier scheme: what its fields show, and the table that what was typed makes."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.value.queries import Design
from huitou.core.labels import Label
from huitou.core.value.inputs import Input, InputUnit
from huitou.core.value.scheme import Kind, Recut, Scheme, scheme_json
from huitou.core.value.tiers import SchemeInvalid
from huitou.web import formats, words_tier

TIER_TEXTS = ("label", "goal", "service", "upgrade")
_PERCENT, _YUAN = Decimal(100), Decimal(100)


class FormRefused(Exception):
    """A field of the form cannot be read; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A tier in force: its persons, and the worst value still in it by the last cut; None where there is none."""

    persons: int
    worst: float | None


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a tier: its name in the form, its label, what it says; was: what the version in force says, if not so."""

    name: str
    label: object
    text: str
    was: str


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier of the form; limits: its least and its most of every input. persons and threshold: as tried, else in force."""

    place: int
    code: str
    label: Label
    texts: list[Field]
    share: Field
    cost: Field
    persons: int | None
    threshold: str
    limits: list[tuple[Field, Field]]
    service: Label


def fields_of(scheme: Scheme, known: Mapping[str, Input]) -> dict[str, str]:
    """Return what each field of the form says of a scheme, as a sentence may name it."""
    language = get_language() or "zh-hans"
    is_shares = scheme.kind is Kind.SHARES
    said: dict[str, str] = {}
    if scheme.kind is not Kind.THRESHOLDS:
        said["recut"] = str(words_tier.RECUTS[scheme.recut])
    if is_shares and len(scheme.weights) == 1:
        said["input"] = known[next(iter(scheme.weights))].label.text(language)
    elif is_shares:
        said |= {f"weight_{name}": formats.percent_text(weight, decimals=0) for name, weight in scheme.weights.items()}
    if is_shares:
        said["keep_margin"] = f"{plain_number(scheme.keep_margin * 100)} %"
        said["mood_below"] = _("不看情感") if scheme.mood_below is None else f"{scheme.mood_below:g}"
        said["drop_at_most"] = _("每天最多降一级") if scheme.drop_at_most else _("不限")
    if scheme.kind is Kind.GRID:
        said["clv_share"] = f"{plain_number(scheme.clv_share * 100)} %"
        said["rfm_high"], said["rfm_middle"] = str(scheme.rfm_high), str(scheme.rfm_middle)
    for place, tier in enumerate(scheme.tiers):
        said |= {f"{name}_{place}": getattr(tier, name).text(language) for name in TIER_TEXTS}
        said[f"cost_{place}"] = _("不限") if tier.cost_fen is None else formats.money_text(tier.cost_fen)
        if is_shares:
            said[f"share_{place}"] = f"{plain_number((tier.share or 0) * 100)} %"
        for side, limits in (("least", tier.at_least), ("most", tier.at_most)):
            said |= {f"{side}_{name}_{place}": input_text(known[name].unit, value) for name, value in limits.items()}
    return said


def fields_changed(shown: Scheme, standing: Scheme, known: Mapping[str, Input]) -> dict[str, str]:
    """Return what the version in force says in each field that says something else now."""
    now, before = fields_of(shown, known), fields_of(standing, known)
    return {name: before.get(name) or "—" for name in {**now, **before} if now.get(name, "") != before.get(name, "")}


def names_added(typed: Mapping[str, Any], shown: Scheme, known: Mapping[str, Input]) -> list[str]:
    """Return the inputs that the form added to a scheme of thresholds, each once; they are kept once a tier asks for them."""
    said = (*str(typed.get("added", "")).split(), str(typed.get("new_input", "")))
    return [name for name in dict.fromkeys(said) if name in known and name not in shown.inputs]


def tier_rows(
    shown: Scheme,
    design: Design,
    typed: Mapping[str, Any] | None,
    known: Mapping[str, Input],
    *,
    standing: Sequence[Standing] = (),
    was: Mapping[str, str],
) -> list[TierRow]:
    """
    Return the tiers of the form: as stored, or as they were typed where the form comes back.

    standing: the tiers in force, for a scheme without a draft; was: `fields_changed`.
    """
    tried = None if design.draft is None else design.draft.what_if
    rows = []
    language = get_language() or "zh-hans"
    names = [name for name in shown.inputs if name != "mood"]
    names += [] if typed is None else names_added(typed, shown, known)
    for place, tier in enumerate(shown.tiers):

        def field(name: str, value: str, label: object = "", place: int = place) -> Field:
            name = f"{name}_{place}"
            return Field(name, label, value if typed is None else str(typed.get(name, value)), was.get(name, ""))

        persons, worst = (standing[place].persons, standing[place].worst) if standing else (None, None)
        if tried is not None:
            persons, worst = sum(row[place] for row in tried["persons"]), tried["thresholds"][place]
        unit = known[next(iter(shown.weights))].unit if len(shown.weights) == 1 else InputUnit.POINTS
        rows.append(
            TierRow(
                place,
                tier.code,
                tier.label,
                [field(name, getattr(tier, name).text(language), words_tier.TIER_PARTS[name]) for name in TIER_TEXTS],
                field("share", "" if tier.share is None else plain_number(tier.share * 100)),
                field("cost", "" if tier.cost_fen is None else plain_number(tier.cost_fen / 100)),
                persons,
                "" if worst is None else f"≥ {input_text(unit, worst)}",
                [
                    (
                        field(f"least_{name}", _typed_limit(known[name], tier.at_least.get(name)), known[name].label),
                        field(f"most_{name}", _typed_limit(known[name], tier.at_most.get(name)), known[name].label),
                    )
                    for name in names
                ],
                tier.service,
            )
        )
    return rows


def table_of_form(post: Mapping[str, Any], shown: Scheme, known: Mapping[str, Input]) -> dict[str, Any]:
    """Return the shown table with what the form says; fields that a kind does not have stay as they are."""
    table = scheme_json(shown)
    is_english = (get_language() or "zh").startswith("en")
    if shown.kind is Kind.SHARES:
        chosen = str(post.get("input", ""))
        if len(shown.weights) == 1 and chosen in known:
            table["weights"] = {chosen: 1.0}
        elif len(shown.weights) > 1:
            table["weights"] = {name: _share(post, f"weight_{name}", known[name].label) for name in shown.weights}
    if shown.kind is Kind.GRID:
        table["rfm_high"] = _count(post, "rfm_high")
        table["rfm_middle"] = _count(post, "rfm_middle")
        table["clv_share"] = _share(post, "clv_share", Label("预测价值前几", "top share of predicted value"))
    if post.get("recut") in set(Recut):
        table["recut"] = post["recut"]
    if shown.kind is Kind.SHARES:
        table["keep_margin"] = _share(post, "keep_margin", Label("留级余量", "margin"), empty=0.0)
        table["drop_at_most"] = 1 if post.get("drop_at_most") else 0
        mood = str(post.get("mood_below", "")).strip()
        table["mood_below"] = None if not mood else float(_decimal(mood, Label("情感", "mood")))
    for place, row in enumerate(table["tiers"]):
        name = Label(*row["label"])
        for text in TIER_TEXTS:
            said = str(post.get(f"{text}_{place}", "")).strip()
            if said:
                zh, en = row[text]
                row[text] = [zh, said] if is_english else [said, en]
        cost = str(post.get(f"cost_{place}", "")).strip()
        row["cost_fen"] = int(_decimal(cost, name) * _YUAN) if cost else None
        if shown.kind is Kind.SHARES:
            row["share"] = _share(post, f"share_{place}", name)
        if shown.kind is Kind.THRESHOLDS:
            for side in ("least", "most"):
                row[f"at_{side}"] = {
                    asked: _limit(known[asked], str(post[f"{side}_{asked}_{place}"]))
                    for asked in (*shown.inputs, *names_added(post, shown, known))
                    if str(post.get(f"{side}_{asked}_{place}", "")).strip()
                }
    return table


def _limit(asked: Input, text: str) -> float:
    value = _decimal(text, asked.label)
    return float(value * _YUAN) if asked.unit is InputUnit.FEN else float(value)


def _typed_limit(asked: Input, value: float | None) -> str:
    if value is None:
        return ""
    return plain_number(value / 100 if asked.unit is InputUnit.FEN else value)


def _share(post: Mapping[str, Any], name: str, label: Label, *, empty: float | None = None) -> float:
    text = str(post.get(name, "")).strip()
    if not text and empty is not None:
        return empty
    return float(_decimal(text, label) / _PERCENT)


def _count(post: Mapping[str, Any], name: str) -> int:
    text = str(post.get(name, "")).strip()
    if not text.isdecimal():
        raise FormRefused(_("RFM 分数线要是整数"))
    return int(text)


def _decimal(text: str, label: Label) -> Decimal:
    try:
        value = Decimal(re.sub(r"[,，%％¥\s]", "", text))
    except InvalidOperation as error:
        raise FormRefused(_("「%(field)s」要填数字") % {"field": label.text(get_language() or "zh-hans")}) from error
    if not value.is_finite() or abs(value) > 10**12:
        raise FormRefused(_("「%(field)s」要填数字") % {"field": label.text(get_language() or "zh-hans")})
    return value


def plain_number(value: float) -> str:
    """Write a number as a field takes it: no grouping, no trailing zeros."""
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".")


def input_text(unit: InputUnit, value: float) -> str:
    """Write a value of an input as screens do."""
    if unit is InputUnit.FEN:
        return formats.money_text(round(value))
    if unit is InputUnit.EXACT:
        return f"{value:,.6f}".rstrip("0").rstrip(".")
    if unit is InputUnit.SIGNED:
        return f"{value:+.2f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def scheme_sentence(invalid: SchemeInvalid, known: Mapping[str, Input]) -> str:
    """Return why a table was refused, as a sentence."""
    sentence = words_tier.SCHEME_REFUSALS.get(invalid.reason)
    if sentence is None:
        return str(invalid)
    detail = invalid.detail
    if invalid.reason in {"shares_not_whole", "weights_not_whole"} and isinstance(detail, float):
        detail = plain_number(detail * 100)
    elif isinstance(detail, str) and detail in known:
        detail = known[detail].label.text(get_language() or "zh-hans")
    return str(sentence) % {"detail": detail}
