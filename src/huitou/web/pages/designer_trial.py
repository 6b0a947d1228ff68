"""What a draft of a scheme would do to everybody, ready to draw, and what to look at before publishing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import person_file
from huitou.apps.value.queries import Design
from huitou.core.labels import Label
from huitou.core.value.scheme import Kind, Scheme
from huitou.web import formats
from huitou.web.pages.value import TOP_REVENUE_SHARE, top_is_low

MOVERS_SHOWN = 5


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


def trial_of(viewer: Viewer, design: Design, stored: Mapping[str, Any]) -> WhatIf:
    """Return a stored trial of a draft, ready to draw."""
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
        return [*checks, Check("caution", _("还没有试算"), _("发布前先看清谁会动"))]
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
    return checks
