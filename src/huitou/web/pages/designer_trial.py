"""What a draft of a scheme would do to everybody, ready to draw, and what to look at before publishing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_file
from huitou.apps.value.queries import Design
from huitou.core.labels import Label
from huitou.core.value.inputs import Input, InputUnit
from huitou.core.value.scheme import Kind, Scheme, Tier
from huitou.web import formats
from huitou.web.pages.designer_form import input_text
from huitou.web.pages.value import TOP_REVENUE_SHARE, top_is_low

MOVERS_SHOWN = 5
CELLS = ("persons", "share", "revenue")  # what the matrix tells first
_DEEP = (0.05, 0.10)  # of a row: from these on a move is drawn deeper


@dataclass(frozen=True, slots=True)
class MoveCell:
    """
    One field of the matrix; way: up, down, same, or empty beside the matrix; share of its row (0..1).

    list_of: the tier moved to, where the trial kept who of the move has most revenue.
    """

    persons: int
    revenue_fen: int
    share: float | None
    way: str
    list_of: str = ""

    @property
    def depth(self) -> int:
        """How dark a move is drawn, 1 to 3, by its share of the row."""
        return 1 + sum((self.share or 0) >= edge for edge in _DEEP)


@dataclass(frozen=True, slots=True)
class MoveRow:
    label: Label | None  # None: in no tier
    code: str
    cells: list[MoveCell]
    persons: int
    revenue_fen: int


@dataclass(frozen=True, slots=True)
class Move:
    """From one tier to another, for the list that a phone shows in place of the matrix."""

    before: Tier
    after: Tier
    cell: MoveCell

    @property
    def way(self) -> str:
        return self.cell.way


@dataclass(frozen=True, slots=True)
class Mover:
    """A person who would move, with the name as the viewer may see it; why: what the draft goes by, where that can be told."""

    person_id: int
    name: str
    before: Label | None
    after: Label | None
    before_code: str
    after_code: str
    net_fen: int
    clv_fen: int | None
    why: str


@dataclass(frozen=True, slots=True)
class WhatIf:
    """
    What a draft would do, ready to draw. without: who is in no tier before and after, left out of the matrix.

    has_lists: moves can be opened. opened: the move whose people `movers` are; None: those whom the draft hits most.
    """

    heads: list[tuple[str, Label | None]]
    moves: list[Move]  # from tier to tier, most persons first
    rows: list[MoveRow]
    totals: list[tuple[int, int]]  # persons and revenue by tier of the draft
    net_fen: int
    everybody: int
    same: int
    up: int
    down: int
    cost_before_fen: int
    cost_after_fen: int
    at_stake_fen: int
    seconds: float
    movers: list[Mover]
    has_lists: bool
    opened: Move | None
    top_share: float | None
    without: int
    tried_at: datetime

    @property
    def cost_change_fen(self) -> int:
        return self.cost_after_fen - self.cost_before_fen

    @property
    def shares(self) -> dict[str, float | None]:
        """Return who stays, rises and falls as shares of everybody."""
        counts = {"same": self.same, "up": self.up, "down": self.down}
        return {way: count / self.everybody if self.everybody else None for way, count in counts.items()}


def trial_of(
    viewer: Viewer, design: Design, stored: Mapping[str, Any], known: Mapping[str, Input], opened: tuple[str, str] = ("", "")
) -> WhatIf:
    """Return a stored trial of a draft, ready to draw; opened: codes of the tiers of a move whose people are asked for."""
    in_cells = {(one["from"], one["to"]): one["people"] for one in stored.get("in_cells", ())}  # trials of before have none
    before: list[Tier | None] = [*design.standing_scheme.tiers, None]
    after: list[Tier | None] = [*design.shown.tiers, None]
    persons, revenue = stored["persons"], stored["revenue_fen"]
    without = 0
    if not any(persons[-1][:-1]) and not any(row[-1] for row in persons[:-1]):  # nobody comes into the tiers or goes out of them
        without = persons[-1][-1]
        before, after = before[:-1], after[:-1]
        persons, revenue = ([row[:-1] for row in matrix[:-1]] for matrix in (persons, revenue))
    rows = []
    same = up = down = 0
    for down_place, tier in enumerate(before):
        total = sum(persons[down_place])
        cells = []
        for place, count in enumerate(persons[down_place]):
            way = ""
            if tier is not None and after[place] is not None:
                way = "same" if place == down_place else ("up" if place < down_place else "down")
                same, up, down = (
                    same + count * (way == "same"),
                    up + count * (way == "up"),
                    down + count * (way == "down"),
                )
            codes = tuple("" if one is None else one.code for one in (tier, after[place]))
            share = count / total if total else None
            cells.append(MoveCell(count, revenue[down_place][place], share, way, codes[1] if codes in in_cells else ""))
        rows.append(MoveRow(tier.label if tier else None, tier.code if tier else "", cells, total, sum(revenue[down_place])))
    if before[-1] is None and not rows[-1].persons:
        rows.pop()
    labels = {tier.code: tier.label for tier in (*design.shown.tiers, *design.standing_scheme.tiers)}
    net = sum(map(sum, revenue))
    top = sum(row[0] for row in revenue)
    moves = [
        Move(old, new, cell)
        for old, row in zip(before, rows, strict=False)  # the last row is gone where nobody stands in it
        for new, cell in zip(after, row.cells, strict=True)
        if old is not None and new is not None and cell.persons and cell.way != "same"
    ]
    shown = next((move for move in moves if (move.before.code, move.after.code) == opened and move.cell.list_of), None)
    told = in_cells[opened] if shown else stored["movers"][:MOVERS_SHOWN]
    return WhatIf(
        has_lists=bool(in_cells),
        opened=shown,
        moves=sorted(moves, key=lambda move: -move.cell.persons),
        heads=[(tier.code if tier else "", tier.label if tier else None) for tier in after],
        rows=rows,
        totals=[(sum(row[place] for row in persons), sum(row[place] for row in revenue)) for place in range(len(after))],
        net_fen=net,
        everybody=sum(map(sum, persons)),
        same=same,
        up=up,
        down=down,
        cost_before_fen=stored["cost_fen"][0],
        cost_after_fen=stored["cost_fen"][1],
        at_stake_fen=stored["at_stake_fen"],
        seconds=stored["seconds"],
        movers=_movers(viewer, design.shown, told, stored["thresholds"], labels, known),
        top_share=top / net if net else None,
        without=without,
        tried_at=datetime.fromisoformat(stored["at"]),
    )


def _movers(
    viewer: Viewer,
    shown: Scheme,
    told: Sequence[Mapping[str, Any]],
    thresholds: Sequence[float | None],
    labels: Mapping[str, Label],
    known: Mapping[str, Input],
) -> list[Mover]:
    found = []
    for row in told:
        card = person_file(viewer, row["person_id"])
        if card is not None:
            before, after = labels.get(row["from"]), labels.get(row["to"])
            clv, why = row.get("clv_12m_fen"), _why(shown, thresholds, row, known)
            found.append(
                Mover(
                    row["person_id"],
                    card.name,
                    before,
                    after,
                    row["from"],
                    row["to"],
                    row["net_365d_fen"],
                    None if clv is None else round(clv),
                    why,
                )
            )
    return found


def _why(shown: Scheme, worst: Sequence[float | None], row: Mapping[str, Any], known: Mapping[str, Input]) -> str:
    """Say what of a person decides: against where the upper of the two tiers ends; empty where a trial did not keep it."""
    language = get_language() or "zh-hans"
    said: Mapping[str, float] = {name: value for name, value in row.get("inputs", {}).items() if value is not None}
    upper = min((shown.codes.index(code) for code in (row["from"], row["to"]) if code in shown.codes), default=0)
    tier = shown.tiers[upper]
    if not said:
        return ""
    if shown.kind is Kind.THRESHOLDS:
        for limits, sentence in (
            (tier.at_least, _("%(input)s %(value)s，要至少 %(limit)s")),
            (tier.at_most, _("%(input)s %(value)s，要至多 %(limit)s")),
        ):
            for name, limit in limits.items():
                missed = name in said and (said[name] < limit if limits is tier.at_least else said[name] > limit)
                if missed or shown.codes.index(row["to"]) == upper:
                    unit = known[name].unit
                    values = {"input": known[name].label.text(language), "limit": input_text(unit, limit)}
                    return sentence % {**values, "value": input_text(unit, said[name]) if name in said else "—"}
        return ""
    if shown.kind is Kind.GRID:
        return _("，").join(f"{known[name].label.text(language)} {input_text(known[name].unit, said[name])}" for name in said)
    if not set(shown.weights) <= set(said) or worst[upper] is None:
        return ""
    is_single = len(shown.weights) == 1
    unit = known[next(iter(shown.weights))].unit if is_single else InputUnit.POINTS
    name = known[next(iter(shown.weights))].label.text(language) if is_single else _("加权分")
    value = sum(weight * said[one] for one, weight in shown.weights.items())
    edge = worst[upper] or 0.0
    values = {
        "input": name, "value": input_text(unit, value), "tier": tier.label.text(language), "limit": input_text(unit, edge)
    }  # fmt: skip
    if row["to"] == tier.code:
        return _("%(input)s %(value)s，到了%(tier)s门槛 %(limit)s") % values
    if value < edge:
        return _("%(input)s %(value)s，低于%(tier)s门槛 %(limit)s") % values
    if shown.mood_below is not None and said.get("mood", 0) < shown.mood_below:
        return _("情感评分 %(mood)s，低于 %(limit)s，降一级") % {
            "mood": formats.signed_number_text(said["mood"]),
            "limit": f"{shown.mood_below:g}",
        }
    return f"{name} {values['value']}"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the list before publishing; kind: good, caution, bad, or wait: what is still to come."""

    kind: str
    text: str
    note: str = ""


def checks_of(shown: Scheme, tried: WhatIf | None, missing: Sequence[Label]) -> list[Check]:
    """Return what to look at before publishing: the table, the inputs that nobody may use today, then what the trial says."""
    checks = [Check("good", _("规则表完整，每个人都有去处"))]
    if shown.kind is Kind.SHARES:
        checks = [Check("good", _("占比合计 100 %"))]
    for label in missing:
        name = label.text(get_language() or "zh-hans")
        checks.append(
            Check("bad", _("「%(input)s」已停用、到期或不存在，没有人有它的值") % {"input": name}, _("换一项依据，或重新启用它"))
        )
    if tried is None:
        return [*checks, Check("wait", _("还没有试算"), _("改动保存后自动试算"))]
    if shown.kind is Kind.SHARES and tried.top_share is not None:
        share, limit = formats.percent_text(tried.top_share), formats.percent_text(TOP_REVENUE_SHARE, decimals=0)
        is_low = top_is_low(tried.top_share)
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
    return [*checks, Check("wait", _("要另一个人批准"), _("写草稿和提交的人都不能批准"))]
