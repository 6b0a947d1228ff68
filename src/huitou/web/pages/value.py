"""The value page: how many persons and how much revenue stand in each tier of a scheme, and the six classes as a grid."""

from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.scope import Viewer
from huitou.apps.value import queries
from huitou.apps.value.custom_inputs import inputs_of_schemes
from huitou.apps.value.queries import Crossed, ListOverlap, SchemeSums, TierMoves, TierSums
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.core.filters.tree import Condition, Node, Operator
from huitou.core.filters.url_form import to_url
from huitou.core.labels import Label
from huitou.core.value.scheme import Kind, Tier
from huitou.core.value.tiers import GRID_HIGH_CLV
from huitou.web import formats
from huitou.web.pages.designer_form import input_text
from huitou.web.policy import may_open

TOP_REVENUE_SHARE = 0.30
BARS_MOST = 2


def top_is_low(share: float | None) -> bool:
    """Say whether the share of revenue (0..1) of the best tier raises the alarm; without an answer it does not."""
    return share is not None and share < TOP_REVENUE_SHARE


PYRAMID = "pyramid"


@dataclass(frozen=True, slots=True)
class Cell:
    """One tier with the address of its customers; empty where the reader may not list them. heat: 1..6 by persons."""

    sums: TierSums
    url: str
    heat: int


@require_GET
def value(request: HttpRequest) -> HttpResponse:
    """Show the chosen scheme from the stored run, cut to the reader's reach; a sentence before the first run."""
    viewer = request_viewer(request)
    run, schemes = queries.last_run(), schemes_in_force()
    if run is None or not schemes:
        return render(request, "value/value.html", {"run": None})
    chosen = scheme_chosen(schemes, request.GET.get("scheme", ""))
    sums = queries.scheme_sums(viewer, chosen)
    cells = tier_cells(viewer, chosen, sums)
    pyramid = next((one for one in schemes if one.code == PYRAMID), None)
    top = _top(viewer, pyramid, chosen, sums)
    top_list = queries.top_lists(1).first()
    moves = queries.tier_moves(viewer, chosen)
    context = {
        "run": run,
        "as_of": run.as_of,
        "schemes": schemes,
        "chosen": chosen,
        "sums": sums,
        "cells": cells,
        "means": tier_means(viewer, chosen),
        "moves": moves,
        "move_rows": move_rows(viewer, chosen, moves) if moves else [],
        "grid": _grid(chosen, cells) if chosen.scheme.kind is Kind.GRID else None,
        "top": top,
        "top_is_low": top is not None and top_is_low(top.revenue_share),
        "top_limit": TOP_REVENUE_SHARE,
        "may_design": may_open("tiers:list", viewer.role_code),
        "top_list": top_list,
        "top_list_url": "" if top_list is None else list_url(viewer, Condition("top_list", Operator.EQ, top_list.month)),
    }
    return render(request, "value/value.html", context)


@dataclass(frozen=True, slots=True)
class MoveCell:
    """From one tier to another since the end of last month; way: up, down, or empty of who stayed, None where not counted."""

    tier: Tier  # moved to
    persons: int | None
    way: str
    depth: int  # how dark it is drawn, 1..3, by persons
    url: str


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A tier with those who left it, by where they went; arrived: those who came to it."""

    tier: Tier
    cells: list[MoveCell]
    persons: int
    arrived: int


def move_rows(viewer: Viewer, one: InForce, moves: TierMoves) -> list[MoveRow]:
    """Return who moved between the tiers of a scheme, by the tier they left, each field with its customers."""
    tiers, most = one.scheme.tiers, max(moves.counts.values(), default=0)
    rows = []
    for place, before in enumerate(tiers):
        cells = []
        for at, now in enumerate(tiers):
            if at == place:
                cells.append(MoveCell(now, None if moves.stayed is None else moves.stayed[now.code], "", 1, ""))
                continue
            persons = moves.counts[before.code, now.code]
            way = "up" if at < place else "down"
            of_those_left = Condition(f"tier_{one.code}_left", Operator.EQ, before.code)
            url = list_url(viewer, of_those_left, tier_condition(one, now.code)) if persons else ""
            cells.append(MoveCell(now, persons, way, 1 + (heat(persons, most) - 1) // 2 if persons else 1, url))
        arrived = sum(persons for (_before, now), persons in moves.counts.items() if now == before.code)
        left = sum(persons for (then, _now), persons in moves.counts.items() if then == before.code)
        rows.append(MoveRow(before, cells, left, arrived))
    return rows


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of an input in a tier; share (0..1) of the largest tier, None where it is missing or one of them is negative."""

    name: str
    text: str
    share: float | None


@dataclass(frozen=True, slots=True)
class Means:
    """What the tiers of a scheme are made of: the names of its inputs, and per tier the mean of each."""

    names: list[str]
    rows: list[tuple[Tier, list[Mean]]]

    @property
    def has_bars(self) -> bool:
        """Say whether bars have room: more columns are read as numbers."""
        return len(self.names) <= BARS_MOST


def tier_means(viewer: Viewer, chosen: InForce) -> Means | None:
    """Return what the tiers are made of, as of the last full run; None before it."""
    found = queries.scheme_means(viewer, chosen)
    if not any(found.values()):
        return None
    known = inputs_of_schemes([chosen.scheme])
    asked = [known[name] for name in chosen.scheme.inputs]
    language = get_language() or "zh-hans"
    names = [one.label.text(language) for one in asked]
    most = {one.name: _scale([own[one.name] for own in found.values() if one.name in own]) for one in asked}
    rows = []
    for tier in chosen.scheme.tiers:
        own = found.get(tier.code, {})
        means = []
        for name, one in zip(names, asked, strict=True):
            value, whole = own.get(one.name), most[one.name]
            text = formats.MISSING if value is None else input_text(one.unit, value)
            means.append(Mean(name, text, value / whole if value is not None and whole else None))
        rows.append((tier, means))
    return Means(names, rows)


def _scale(values: list[float]) -> float:
    """Return the largest of values that bars can be drawn to; 0 for none."""
    return max(values, default=0.0) if min(values, default=0.0) >= 0 else 0.0


@require_GET
def cross(request: HttpRequest) -> HttpResponse:
    """Cross two schemes: how many persons in reach stand in each pair of tiers."""
    viewer = request_viewer(request)
    run, schemes = queries.last_run(), schemes_in_force()
    if run is None or len(schemes) < 2:
        return render(request, "value/cross.html", {"run": None})
    down = scheme_chosen(schemes, request.GET.get("rows", schemes[0].code))
    across = scheme_chosen(schemes, request.GET.get("columns", schemes[1].code))
    found = queries.cross_tab(viewer, down, across)
    context = {
        "run": run,
        "schemes": schemes,
        "down": down,
        "across": across,
        "found": found,
        **({} if found is None else _pairs(viewer, down, across, found)),
        "overlap": _overlap(viewer, schemes),
    }
    return render(request, "value/cross.html", context)


def _pairs(viewer: Viewer, down: InForce, across: InForce, found: Crossed) -> dict[str, object]:
    """Return the fields by row; without addresses where they were counted by tiers that are not in force any more."""
    counts = found.counts
    most = max((count for codes, count in counts.items() if all(codes)), default=0)
    codes = (*found.across.codes, "")
    rows = []
    for tier in (*found.down.tiers, None):
        pairs = []
        for code in codes:
            persons = counts.get((tier.code if tier else "", code), 0)
            nodes = [tier_condition(down, tier.code if tier else ""), tier_condition(across, code)]
            pairs.append(Pair(persons, list_url(viewer, *nodes) if persons and found.is_current else "", heat(persons, most)))
        rows.append((tier.label if tier else None, pairs))
    return {"rows": rows, "heads": [*(tier.label for tier in found.across.tiers), None], "total": sum(counts.values())}


@dataclass(frozen=True, slots=True)
class Pair:
    """One field of the cross-tab."""

    persons: int
    url: str
    heat: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """The month's list by RFM beside diamond and core by predicted value: two lists, each with its customers (R12)."""

    counts: ListOverlap
    listed_name: str
    best_name: str
    listed_url: str
    best_url: str
    both_url: str


def _overlap(viewer: Viewer, schemes: list[InForce]) -> Overlap | None:
    pyramid = next((one for one in schemes if one.code == PYRAMID), None)
    counts = None if pyramid is None else queries.top_list_overlap(viewer, pyramid)
    if pyramid is None or counts is None:
        return None
    listed = Condition("top_list", Operator.EQ, counts.month)
    best = Condition("tier_pyramid", Operator.IN, tuple(tier.code for tier in counts.tiers))
    tiers = [tier.label.text(get_language() or "zh-hans") for tier in counts.tiers]
    return Overlap(
        counts,
        listed_name=_("%(month)s 的 RFM 名单") % {"month": counts.month},
        best_name=_("、").join(tiers),
        listed_url=list_url(viewer, listed),
        best_url=list_url(viewer, best) if counts.is_current else "",
        both_url=list_url(viewer, listed, best) if counts.is_current else "",
    )


def scheme_chosen(schemes: list[InForce], code: str) -> InForce:
    """Return the scheme of this code, the first for none. Raises Http404 for one that is not in force."""
    if not code:
        return schemes[0]
    found = next((one for one in schemes if one.code == code), None)
    if found is None:
        raise Http404(f"no scheme {code!r} in force")
    return found


def tier_cells(viewer: Viewer, one: InForce, sums: SchemeSums) -> list[Cell]:
    """Return the tiers of a scheme with the way to their customers."""
    return [_cell(viewer, one, tier, sums) for tier in sums.tiers]


def _cell(viewer: Viewer, one: InForce, tier: TierSums, sums: SchemeSums) -> Cell:
    most = max(other.persons for other in sums.tiers)
    url = list_url(viewer, tier_condition(one, tier.tier.code)) if tier.persons else ""
    return Cell(tier, url, heat(tier.persons, most))


def _grid(one: InForce, cells: list[Cell]) -> dict[str, object]:
    """Lay the six classes out: high CLV above, the bands of the RFM total from left to right."""
    width = len(GRID_HIGH_CLV)
    scheme = one.scheme
    bands = [
        Label(f"RFM {scheme.rfm_high} 至 15 分", f"RFM {scheme.rfm_high} to 15"),
        Label(f"RFM {scheme.rfm_middle} 至 {scheme.rfm_high - 1} 分", f"RFM {scheme.rfm_middle} to {scheme.rfm_high - 1}"),
        Label(f"RFM 3 至 {scheme.rfm_middle - 1} 分", f"RFM 3 to {scheme.rfm_middle - 1}"),
    ]
    return {"bands": bands, "rows": [(True, cells[:width]), (False, cells[width:])], "share": scheme.clv_share}


def _top(viewer: Viewer, pyramid: InForce | None, chosen: InForce, sums: SchemeSums) -> TierSums | None:
    """Return the best tier of the pyramid, when anybody stands in it."""
    if pyramid is None:
        return None
    top = (sums if chosen.code == pyramid.code else queries.scheme_sums(viewer, pyramid)).tiers[0]
    return top if top.persons else None


def tier_condition(one: InForce, code: str) -> Condition:
    """Return the filter that asks for a tier of a scheme; an empty code asks for being in none."""
    field = f"tier_{one.code}"
    return Condition(field, Operator.EQ, code) if code else Condition(field, Operator.MISSING)


def list_url(viewer: Viewer, *nodes: Node) -> str:
    """Return the address of the customer list with these filters; empty for a role that may not list customers."""
    if not may_open("customers:list", viewer.role_code):
        return ""
    return f"{reverse('customers:list')}?{urlencode({'f': ','.join(to_url(node) for node in nodes)})}"


def heat(persons: int, most: int) -> int:
    """Return how dark a field is, 0 (nobody) to 6."""
    return 0 if not persons or not most else min(6, max(1, -(-persons * 6 // most)))
