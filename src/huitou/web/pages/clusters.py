"""The page of groups that behave alike: size, share of revenue, means beside everybody's; a group becomes a segment."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.services import NameTaken, segment_create
from huitou.apps.value.groups import Grouping, clusters_in_force
from huitou.apps.value.models import ClusterRun
from huitou.core.filters.json_form import dump
from huitou.core.filters.tree import Condition, Operator
from huitou.core.labels import Label
from huitou.core.value.clusters import FEATURES, TOLD_FROM, Cluster
from huitou.web import formats, words_tag
from huitou.web.drill import customers_url
from huitou.web.policy import may_open
from huitou.web.toasts import toast

CLEAR_FROM, FAIR_FROM = 0.5, 0.25  # silhouette


@dataclass(frozen=True, slots=True)
class MeanLine:
    """One feature: mean of the group and of all, and which way the group stands out ("up", "down", "")."""

    label: Label
    own: str
    all: str
    way: str


@dataclass(frozen=True, slots=True)
class Card:
    """One group as the page shows it; url: its customers."""

    number: int
    name: Label
    size: int
    share: float
    net_fen: int
    revenue_share: float | None
    lines: tuple[MeanLine, ...]
    url: str


@require_GET
def clusters(request: HttpRequest) -> HttpResponse:
    """Show the groups in force, or why there are none."""
    viewer = request_viewer(request)
    found = clusters_in_force()
    newest = ClusterRun.objects.order_by("-pk").first()
    context: dict[str, Any] = {
        "found": found,
        "refusal": words_tag.CLUSTER_REFUSALS.get(newest.refusal, "") if newest is not None else "",
        "cards": [] if found is None else [_card(viewer, found, one) for one in found.clusters],
        "may_keep": may_open("clusters:to_segment", viewer.role_code),
    }
    if found is not None:
        best = found.run.silhouettes[str(found.run.k)]
        context |= {
            "silhouette": best,
            "clearness": "good" if best >= CLEAR_FROM else "info" if best >= FAIR_FROM else "caution",
            "tried": sorted((int(k), value) for k, value in found.run.silhouettes.items()),
        }
    return render(request, "value/clusters.html", context)


@require_POST
def to_segment(request: HttpRequest, number: int) -> HttpResponse:
    """Keep a group as a segment that follows it with every run."""
    viewer = request_viewer(request)
    found = clusters_in_force()
    group = None if found is None else next((one for one in found.clusters if one.number == number), None)
    if group is None:
        raise Http404
    name = _("自动分群 %(name)s") % {"name": group.numbered_name().text(get_language() or "zh-hans")}
    rule = dump(Condition("cluster", Operator.EQ, f"g{number}"))
    try:
        segment = segment_create(viewer=viewer, name=name[:60], rule=rule, now=utc_now())
    except NameTaken:
        toast(request, _("已经有同名的人群。"))
        return redirect("segments:list")
    toast(request, _("「{name}」已存为人群。").format(name=segment.name))
    return redirect("segments:segment", segment_id=segment.pk)


def _card(viewer: Viewer, found: Grouping, group: Cluster) -> Card:
    total = sum(found.net_fen.values())
    net = found.net_fen[group.number]
    return Card(
        number=group.number,
        name=group.name(),
        size=group.size,
        share=group.size / found.run.persons,
        net_fen=net,
        revenue_share=net / total if total > 0 else None,
        lines=tuple(
            MeanLine(one.label, _text(one.name, group.means.get(one.name)), _text(one.name, found.run.means.get(one.name)),
                     _way(group.spreads.get(one.name, 0.0)))
            for one in FEATURES
        ),
        url=customers_url(viewer.role_code, Condition("cluster", Operator.EQ, f"g{group.number}")),
    )  # fmt: skip


def _way(spreads: float) -> str:
    return "" if abs(spreads) < TOLD_FROM else "up" if spreads > 0 else "down"


def _text(name: str, value: float | None) -> str:
    if value is None:
        return "—"
    if name.endswith("_fen"):
        return formats.money_text(round(value))
    if name.endswith("_share"):
        return formats.percent_text(value, decimals=0)
    return f"{value:.1f}"
