"""The value page: who brings the revenue, by the pyramid over the RFM total."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.storage import warehouse
from huitou.core.value.rfm import RfmScores, rfm
from huitou.core.value.tiers import PYRAMID, ShareTier, tiers_by_share
from huitou.warehouse.queries.buyers import buyers
from huitou.warehouse.reader import NothingPublished

TOP_REVENUE_SHARE = 0.30  # the best tier should bring more than this


@dataclass(frozen=True, slots=True)
class TierSum:
    """One tier: its buyers and their net revenue, each with its share (0..1) of all; mean_fen None when the tier is empty."""

    code: str
    persons: int
    person_share: float
    net_fen: int
    revenue_share: float
    mean_fen: int | None


@require_GET
def value(request: HttpRequest) -> HttpResponse:
    """Rank the buyers in reach and show each tier's size and revenue; a sentence when there is nobody to rank."""
    try:
        with warehouse().read() as reading:
            table = buyers(reading.cursor, scope=request_viewer(request).scope(), as_of=reading.as_of)
            as_of = reading.as_of
    except NothingPublished:
        return render(request, "value/value.html", {"tiers": [], "as_of": None})
    scores = rfm(table, as_of=as_of)
    tiers = [] if scores is None else tier_sums(scores, PYRAMID)
    top = tiers[0] if tiers and tiers[0].persons else None
    context = {
        "tiers": tiers,
        "as_of": as_of,
        "buyers": table.person_ids.size,
        "net_fen": int(table.net_fen.sum()),
        "top": top,
        "top_is_low": top is not None and top.revenue_share <= TOP_REVENUE_SHARE,
        "top_limit": TOP_REVENUE_SHARE,
    }
    return render(request, "value/value.html", context)


def tier_sums(scores: RfmScores, table: Sequence[ShareTier]) -> list[TierSum]:
    """Return one sum per tier, best first; they add up to all buyers and all their revenue."""
    bought = scores.purchases
    places = tiers_by_share(scores.total, bought.net_fen, bought.person_ids, table)
    total, revenue = bought.person_ids.size, int(bought.net_fen.sum())
    sums = []
    for place, tier in enumerate(table):
        spent = bought.net_fen[places == place]
        net_fen = int(spent.sum())
        mean_fen = round(net_fen / spent.size) if spent.size else None
        sums.append(TierSum(tier.code, spent.size, spent.size / total, net_fen, net_fen / revenue, mean_fen))
    return sums
