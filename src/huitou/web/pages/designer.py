"""The tier designer: schemes, drafts, what a draft would do, and putting it in force."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_file
from huitou.apps.value import queries, services
from huitou.apps.value.models import SchemeVersion
from huitou.apps.value.queries import Design
from huitou.apps.value.schemes import in_force
from huitou.core.labels import Label
from huitou.core.value.inputs import INPUTS, InputUnit
from huitou.core.value.scheme import Kind, Recut, Scheme, differences, scheme_json
from huitou.core.value.tiers import SchemeInvalid
from huitou.warehouse.reader import NothingPublished
from huitou.web import formats, words
from huitou.web.pages.value import TOP_REVENUE_SHARE, tier_cells
from huitou.web.policy import may_open
from huitou.web.toasts import toast

MOVERS_SHOWN = 5
_PERCENT, _YUAN = Decimal(100), Decimal(100)
TIER_TEXTS = ("label", "goal", "service", "upgrade")


class FormRefused(Exception):
    """A field of the form cannot be read; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class MoveCell:
    """One field of the matrix; way: up, down, same, or empty beside the matrix; share of its row (0..1)."""

    persons: int
    revenue_fen: int
    share: float | None
    way: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    label: Label | None  # None: in no tier
    code: str
    cells: list[MoveCell]
    persons: int
    revenue_fen: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A person who would fall, with the name as the viewer may see it."""

    person_id: int
    name: str
    before: Label | None
    after: Label | None
    before_code: str
    after_code: str
    net_fen: int


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a draft would do, ready to draw."""

    heads: list[tuple[str, Label | None]]
    rows: list[MoveRow]
    totals: list[int]
    everybody: int
    same: int
    up: int
    down: int
    cost_before_fen: int
    cost_after_fen: int
    at_stake_fen: int
    seconds: float
    movers: list[Mover]
    top_share: float | None

    @property
    def cost_change_fen(self) -> int:
        return self.cost_after_fen - self.cost_before_fen


@require_GET
def schemes(request: HttpRequest) -> HttpResponse:
    """List the schemes in force, switched off, and those that can be taken over."""
    viewer = request_viewer(request)
    lines = queries.scheme_lines()
    context = {
        "active": [line for line in lines if line.is_on],
        "others": [line for line in lines if not line.is_on],
        "may_edit": may_open("tiers:save", viewer.role_code),
    }
    return render(request, "value/schemes.html", context)


@require_GET
def scheme(request: HttpRequest, code: str) -> HttpResponse:
    """Show a scheme: the draft where there is one, else what is in force."""
    return _page(request, _design(code))


@require_POST
def scheme_save(request: HttpRequest, code: str) -> HttpResponse:
    """Keep the form as the draft; a table that cannot sort people comes back with the sentence why."""
    design = _design(code)
    try:
        table = _table(request.POST, design.shown)
        services.draft_save(code=code, table=table, author_id=request_viewer(request).user_id, now=utc_now())
        if "try" in request.POST:
            services.draft_try(code=code, now=utc_now())
    except FormRefused as refused:
        return _page(request, design, refusal=str(refused), typed=request.POST)
    except SchemeInvalid as invalid:
        return _page(request, design, refusal=scheme_sentence(invalid), typed=request.POST)
    except services.DesignRefused as refused:
        return _page(request, _design(code), refusal=str(words.word(words.DESIGN_REFUSALS, refused.reason)))
    except NothingPublished:
        return _page(request, _design(code), refusal=str(words.DESIGN_REFUSALS["no_run"]))
    toast(request, _("草稿已保存"))
    return redirect("tiers:scheme", code)


@require_POST
def scheme_ask(request: HttpRequest, code: str) -> HttpResponse:
    """Ask somebody else to publish the draft."""
    return _decided(request, code, services.draft_ask, _("已提交，等另一个人批准"), with_note=True)


@require_POST
def scheme_return(request: HttpRequest, code: str) -> HttpResponse:
    """Give the draft back with a reason."""
    return _decided(request, code, services.draft_return, _("草稿已退回"), with_note=True)


@require_POST
def scheme_publish(request: HttpRequest, code: str) -> HttpResponse:
    """Put the draft in force that was looked at."""
    return _decided(request, code, services.draft_publish, _("第 %(number)s 版已发布，正在重算所有人"), with_note=False)


def _decided(
    request: HttpRequest, code: str, act: Callable[..., SchemeVersion], said: str, *, with_note: bool
) -> HttpResponse:  # fmt: skip
    number, by = request.POST.get("number", ""), request_viewer(request).user_id
    note = {"note": request.POST.get("note", "").strip()} if with_note else {}
    try:
        made = act(code=code, number=int(number) if number.isdecimal() else 0, by=by, now=utc_now(), **note)
    except services.DesignRefused as refused:
        return _page(request, _design(code), refusal=str(words.word(words.DESIGN_REFUSALS, refused.reason)))
    toast(request, said % {"number": made.number} if "%(number)s" in said else said)
    return redirect("tiers:scheme", code)


@require_POST
def scheme_discard(request: HttpRequest, code: str) -> HttpResponse:
    """Throw the draft away."""
    services.draft_discard(code=code)
    toast(request, _("草稿已丢弃"))
    return redirect("tiers:scheme", code)


@require_POST
def scheme_take(request: HttpRequest, code: str) -> HttpResponse:
    """Take a template over, or switch a scheme on again."""
    return _switched(request, lambda: services.template_take(code=code, author_id=request_viewer(request).user_id, now=utc_now()))


@require_POST
def scheme_off(request: HttpRequest, code: str) -> HttpResponse:
    """Switch a scheme off."""
    return _switched(request, lambda: services.scheme_off(code=code, now=utc_now()))


def _switched(request: HttpRequest, act: Callable[[], object]) -> HttpResponse:
    try:
        act()
    except services.DesignRefused as refused:
        toast(request, str(words.word(words.DESIGN_REFUSALS, refused.reason)))
    else:
        toast(request, _("已排队重算，稍后生效"))
    return redirect("tiers:list")


def _design(code: str) -> Design:
    found = queries.design_of(code)
    if found is None:
        raise Http404(f"no scheme {code!r}")
    return found


def _page(request: HttpRequest, design: Design, *, refusal: str = "", typed: Mapping[str, Any] | None = None) -> HttpResponse:
    viewer = request_viewer(request)
    shown = design.shown
    tried = None if design.draft is None or design.draft.what_if is None else _what_if(viewer, design, design.draft.what_if)
    asked = [INPUTS[name] for name in shown.inputs]
    context = {
        "design": design,
        "scheme": shown,
        "is_shares": shown.kind is Kind.SHARES,
        "is_thresholds": shown.kind is Kind.THRESHOLDS,
        "is_grid": shown.kind is Kind.GRID,
        "single": next(iter(shown.weights)) if len(shown.weights) == 1 else "",
        "inputs": [entry for entry in INPUTS.values() if not entry.is_given],
        "weights": [(INPUTS[name], _number(value * 100)) for name, value in shown.weights.items()],
        "asked": [entry for entry in asked if entry.name != "mood"],
        "given": [entry for entry in asked if entry.is_given],
        "rows": _rows(shown, design, typed),
        "recuts": [(Recut.MONTHLY, _("每月 1 日")), (Recut.NIGHTLY, _("每天夜里"))],
        "keep": _number(shown.keep_margin * 100),
        "mood": "" if shown.mood_below is None else f"{shown.mood_below:g}",
        "clv_share": _number(shown.clv_share * 100),
        "changed": [words.word(words.SCHEME_PARTS, name) for name in differences(design.standing_scheme, shown)],
        "what_if": tried,
        **({} if tried is not None else _standing(viewer, design)),
        "checks": _checks(shown, tried),
        "refusal": refusal,
        "may_edit": may_open("tiers:save", viewer.role_code),
        "may_decide": may_open("tiers:publish", viewer.role_code) and _is_others(design.draft, viewer),
        "asked_by": _user_name(design.draft.asked_by) if design.draft else "",
        "returned_by": _user_name(design.draft.returned_by) if design.draft else "",
        "top_limit": TOP_REVENUE_SHARE,
    }
    return render(request, "value/designer.html", context, status=422 if refusal else 200)


def _standing(viewer: Viewer, design: Design) -> dict[str, Any]:
    """Return the tiers as they stand, for the place that a trial takes later; nothing before the first run."""
    chosen = in_force(design.code)
    if chosen is None or queries.last_run() is None:
        return {}
    return {"chosen": chosen, "cells": tier_cells(viewer, chosen, queries.scheme_sums(viewer, chosen))}


@dataclass(frozen=True, slots=True)
class TierRow:
    """One tier of the form; limits: (input, least, most) as typed."""

    place: int
    code: str
    label: Label
    texts: list[tuple[str, object, str]]
    share: str
    cost: str
    persons: int | None
    threshold: str
    limits: list[tuple[str, Label, str, str]]


def _is_others(draft: SchemeVersion | None, viewer: Viewer) -> bool:
    return draft is not None and draft.asked_at is not None and viewer.user_id not in (draft.asked_by, draft.author_id)


def _user_name(user_id: int | None) -> str:
    return next((one.display_name or one.username for one in users_all().filter(pk=user_id or 0)), "")


def _rows(shown: Scheme, design: Design, typed: Mapping[str, Any] | None) -> list[TierRow]:
    tried = None if design.draft is None else design.draft.what_if
    rows = []
    language = get_language() or "zh-hans"
    names = [name for name in shown.inputs if name != "mood"]
    for place, tier in enumerate(shown.tiers):

        def field(name: str, value: str, place: int = place) -> str:
            return value if typed is None else str(typed.get(f"{name}_{place}", value))

        persons = None if tried is None else sum(row[place] for row in tried["persons"])
        worst = None if tried is None else tried["thresholds"][place]
        unit = INPUTS[next(iter(shown.weights))].unit if len(shown.weights) == 1 else InputUnit.POINTS
        rows.append(
            TierRow(
                place,
                tier.code,
                tier.label,
                [(name, words.TIER_PARTS[name], field(name, getattr(tier, name).text(language))) for name in TIER_TEXTS],
                field("share", "" if tier.share is None else _number(tier.share * 100)),
                field("cost", "" if tier.cost_fen is None else _number(tier.cost_fen / 100)),
                persons,
                "" if worst is None else f"≥ {input_text(unit, worst)}",
                [
                    (
                        name,
                        INPUTS[name].label,
                        field(f"least_{name}", _typed_limit(name, tier.at_least.get(name))),
                        field(f"most_{name}", _typed_limit(name, tier.at_most.get(name))),
                    )
                    for name in names
                ],
            )
        )
    return rows


def _table(post: Mapping[str, Any], shown: Scheme) -> dict[str, Any]:
    """Return the shown table with what the form says; fields that a kind does not have stay as they are."""
    table = scheme_json(shown)
    is_english = (get_language() or "zh").startswith("en")
    if shown.kind is Kind.SHARES:
        chosen = str(post.get("input", ""))
        if len(shown.weights) == 1 and chosen in INPUTS:
            table["weights"] = {chosen: 1.0}
        elif len(shown.weights) > 1:
            table["weights"] = {name: _share(post, f"weight_{name}", INPUTS[name].label) for name in shown.weights}
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
                    asked: _limit(asked, str(post[f"{side}_{asked}_{place}"]))
                    for asked in shown.inputs
                    if str(post.get(f"{side}_{asked}_{place}", "")).strip()
                }
    return table


def _limit(name: str, text: str) -> float:
    value = _decimal(text, INPUTS[name].label)
    return float(value * _YUAN) if INPUTS[name].unit is InputUnit.FEN else float(value)


def _typed_limit(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return _number(value / 100 if INPUTS[name].unit is InputUnit.FEN else value)


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


def _number(value: float) -> str:
    return f"{round(value, 6):.6f}".rstrip("0").rstrip(".")


def input_text(unit: InputUnit, value: float) -> str:
    """Write a value of an input as screens do."""
    if unit is InputUnit.FEN:
        return formats.money_text(round(value))
    if unit is InputUnit.SIGNED:
        return f"{value:+.2f}"
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def scheme_sentence(invalid: SchemeInvalid) -> str:
    """Return why a table was refused, as a sentence."""
    sentence = words.SCHEME_REFUSALS.get(invalid.reason)
    if sentence is None:
        return str(invalid)
    detail = invalid.detail
    if invalid.reason in {"shares_not_whole", "weights_not_whole"} and isinstance(detail, float):
        detail = _number(detail * 100)
    elif isinstance(detail, str) and detail in INPUTS:
        detail = INPUTS[detail].label.text(get_language() or "zh-hans")
    return str(sentence) % {"detail": detail}


def _what_if(viewer: Viewer, design: Design, stored: Mapping[str, Any]) -> WhatIf:
    before = [*design.standing_scheme.tiers, None]
    after = [*design.shown.tiers, None]
    persons, revenue = stored["persons"], stored["revenue_fen"]
    nowhere = (len(before) - 1, len(after) - 1)
    rows = []
    same = up = down = 0
    for down_place, tier in enumerate(before):
        total = sum(persons[down_place])
        cells = []
        for place, count in enumerate(persons[down_place]):
            way = ""
            if down_place != nowhere[0] and place != nowhere[1]:
                way = "same" if place == down_place else ("up" if place < down_place else "down")
                same, up, down = (
                    same + count * (way == "same"),
                    up + count * (way == "up"),
                    down + count * (way == "down"),
                )
            cells.append(MoveCell(count, revenue[down_place][place], count / total if total else None, way))
        rows.append(MoveRow(tier.label if tier else None, tier.code if tier else "", cells, total, sum(revenue[down_place])))
    if not rows[-1].persons:
        rows.pop()
    labels = {tier.code: tier.label for tier in (*design.shown.tiers, *design.standing_scheme.tiers)}
    net = sum(map(sum, revenue))
    top = sum(row[0] for row in revenue)
    return WhatIf(
        heads=[(tier.code if tier else "", tier.label if tier else None) for tier in after],
        rows=rows,
        totals=[sum(row[place] for row in persons) for place in range(len(after))],
        everybody=sum(map(sum, persons)),
        same=same,
        up=up,
        down=down,
        cost_before_fen=stored["cost_fen"][0],
        cost_after_fen=stored["cost_fen"][1],
        at_stake_fen=stored["at_stake_fen"],
        seconds=stored["seconds"],
        movers=_movers(viewer, stored["movers"], labels),
        top_share=top / net if net else None,
    )


def _movers(viewer: Viewer, stored: list[dict[str, Any]], labels: Mapping[str, Label]) -> list[Mover]:
    found = []
    for row in stored[:MOVERS_SHOWN]:
        card = person_file(viewer, row["person_id"])
        if card is not None:
            found.append(
                Mover(
                    row["person_id"],
                    card.name,
                    labels.get(row["from"]),
                    labels.get(row["to"]),
                    row["from"],
                    row["to"],
                    row["net_365d_fen"],
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list before publishing; kind: good, caution or bad."""

    kind: str
    text: str
    note: str = ""


def _checks(shown: Scheme, tried: WhatIf | None) -> list[Check]:
    checks = [Check("good", _("规则表完整，每个人都有去处"))]
    if shown.kind is Kind.SHARES:
        checks = [Check("good", _("占比合计 100 %"))]
    if tried is None:
        return [*checks, Check("caution", _("还没有试算"), _("发布前先看清谁会动"))]
    if shown.kind is Kind.SHARES and tried.top_share is not None:
        share, limit = formats.percent_text(tried.top_share), formats.percent_text(TOP_REVENUE_SHARE, decimals=0)
        is_low = tried.top_share <= TOP_REVENUE_SHARE
        checks.append(
            Check(
                "caution" if is_low else "good",
                _("最高一级的收入占比 %(share)s") % {"share": share},
                _("警戒线 %(limit)s") % {"limit": limit},
            )
        )
    moved = tried.up + tried.down
    checks.append(
        Check(
            "good" if moved == 0 else "caution",
            _("%(number)s 人会换等级") % {"number": formats.count_text(moved)},
            _("每人每次只触发一次等级变动"),
        )
    )
    return checks
