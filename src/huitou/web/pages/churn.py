"""Who stayed away, by month of first purchase, and why: the chain's own figures, and the reasons as far as anybody told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.scope import Viewer
from huitou.apps.base.storage import warehouse
from huitou.apps.value import queries
from huitou.core.filters.tree import Condition, Operator
from huitou.core.value.churn import Source
from huitou.core.value.lifecycle import DORMANT_DAYS, Stage
from huitou.warehouse.queries.cohorts import Cohort, cohorts_by_month
from huitou.warehouse.reader import NothingPublished
from huitou.web.lazy import LazyText
from huitou.web.pages.value import list_url

MONTHS = 24
SOURCES: Mapping[Source, LazyText] = {
    Source.STATED: _("本人说的（问卷、导购、导入）"),
    Source.TICKET: _("最近一张工单"),
    Source.RATING: _("最近一次低评分"),
}


@dataclass(frozen=True, slots=True)
class CohortLine:
    """A cohort with the address of its dormant customers; empty where the reader may not list them or there are none."""

    cohort: Cohort
    url: str


@require_GET
def churn(request: HttpRequest) -> HttpResponse:
    """Show cohorts and reasons in the reader's reach; a sentence before the first build."""
    viewer = request_viewer(request)
    try:
        with warehouse().read() as reading:
            as_of = reading.as_of
            cohorts = cohorts_by_month(reading.cursor, scope=viewer.scope(), as_of=as_of)
    except NothingPublished:
        return render(request, "value/churn.html", {"cohorts": []})
    ripe, dormant = (sum(getattr(one, name) for one in cohorts) for name in ("ripe", "dormant"))
    context: dict[str, Any] = {
        "as_of": as_of,
        "cohorts": [CohortLine(one, _dormant_url(viewer, one)) for one in cohorts[: -MONTHS - 1 : -1]],
        "older": max(len(cohorts) - MONTHS, 0),
        "ripe": ripe,
        "dormant": dormant,
        "churn_share": dormant / ripe if ripe else None,
        "dormant_days": DORMANT_DAYS,
    }
    return render(request, "value/churn.html", context | _reasons(queries.churn_reasons(viewer), dormant))


def _reasons(found: queries.Reasons | None, dormant: int) -> dict[str, Any]:
    if found is None:
        return {"pareto": None}
    told = found.pareto
    return {
        "pareto": told,
        "told_as_of": found.as_of,
        "stated": told.sources[Source.STATED],
        "known_share": told.known / dormant if dormant else None,
        "sources": [(SOURCES[source], persons) for source, persons in told.sources.items()],
    }


def _dormant_url(viewer: Viewer, cohort: Cohort) -> str:
    if not cohort.dormant:
        return ""
    last = (cohort.month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    first_bought = Condition("first_purchase", Operator.BETWEEN, (cohort.month, last))
    return list_url(viewer, first_bought, Condition("stage", Operator.EQ, Stage.DORMANT.value))
