"""Why records are one person: the stored links, told in words."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huitou.apps.base.bulk import rows_read
from huitou.apps.identity.models import Decision, Edge, Verdict

KIND_TITLES: Mapping[str, object] = {
    "phone": _("手机"),
    "card": _("卡号"),
    "openid": "openid",
    "unionid": "unionid",
    "email": _("邮箱"),
    "decision": _("人工判定"),
    "similar": _("资料相近"),
}
EVIDENCE_TITLES: Mapping[str, object] = {
    "stated": _("双方填写"),
    "one_verified": _("一方已验证"),
    "both_verified": _("双方已验证"),
    "decision": _("人工判定"),
    "scored": _("综合判断"),
}


@dataclass(frozen=True, slots=True)
class Link:
    """
    Two records (a < b) share a value of this kind, or a person said that they are one. levels: what each field said to it, with
    its weight, as `evidence_of` reads it; "" for a decision.
    """

    record_a: int
    record_b: int
    kind_code: str
    evidence_code: str
    levels: str = ""

    @property
    def kind_title(self) -> str:
        return str(KIND_TITLES[self.kind_code])

    @property
    def evidence_title(self) -> str:
        return str(EVIDENCE_TITLES[self.evidence_code])


@dataclass(frozen=True, slots=True)
class Evidence:
    """One thing that speaks for (+) or against (-) the two being one; weight in log-odds, None where the matcher gives none."""

    field: str
    level: str
    weight: float | None


def evidence_of(levels: str) -> tuple[Evidence, ...]:
    """Read the stored levels: "phone=equal:+4.2;name=other" gives two pieces, the strongest for it first."""
    found = []
    for part in levels.split(";"):
        field, equals, rest = part.partition("=")
        if not equals:
            field, _, rest = part.partition(":")
            rest = f":{rest}"
        level, _, weight = rest.partition(":")
        try:
            found.append(Evidence(field.strip(), level.strip(), float(weight) if weight else None))
        except ValueError:
            continue
    return tuple(sorted((item for item in found if item.field), key=lambda item: -(item.weight or 0)))


def links_between(records: list[int]) -> list[Link]:
    """Return the links inside a set of records, decisions included, in order."""
    both = {"record_a": records, "record_b": records}
    names = ("record_a", "record_b", "kind_code", "evidence_code", "levels")
    found = {Link(*row) for row in rows_read(Edge, names, among=both)}
    said = rows_read(Decision, names[:2], among=both, null=("retired_event_id",), equal={"verdict_code": Verdict.SAME.value})
    found |= {Link(record_a, record_b, "decision", "decision") for record_a, record_b in said}
    return sorted(found, key=lambda link: (link.record_a, link.record_b, link.kind_code))


def shortest_path(links: list[Link], start: int, end: int) -> list[Link] | None:
    """Return the links that lead from one record to the other, the fewest possible; None when nothing does."""
    neighbours: dict[int, list[Link]] = {}
    for link in links:
        neighbours.setdefault(link.record_a, []).append(link)
        neighbours.setdefault(link.record_b, []).append(link)
    came_by: dict[int, Link | None] = {start: None}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == end:
            break
        for link in neighbours.get(here, ()):
            there = link.record_b if link.record_a == here else link.record_a
            if there not in came_by:
                came_by[there] = link
                queue.append(there)
    if end not in came_by:
        return None
    path: list[Link] = []
    here = end
    while (link_back := came_by[here]) is not None:
        path.append(link_back)
        here = link_back.record_a if link_back.record_b == here else link_back.record_b
    return path[::-1]
