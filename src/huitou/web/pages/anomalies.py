"""The list of odd days: what, where, the figure, where it should lie; muted ones apart."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.anomalies.models import STORE_KINDS, Anomaly, Kind
from huitou.apps.anomalies.queries import anomalies_shown, last_look
from huitou.apps.anomalies.services import NotThere, anomaly_mute, anomaly_unmute
from huitou.apps.base.clock import utc_now
from huitou.apps.products.queries import store_names
from huitou.core.periods import business_date
from huitou.web import formats
from huitou.web.policy import may_open
from huitou.web.toasts import toast

SHOWN = 200
MUTED_DAYS = 30
KINDS: Mapping[str, Promise] = {
    Kind.REVENUE.value: gettext_lazy("销售额"),
    Kind.ORDERS.value: gettext_lazy("订单数"),
    Kind.RETURNS.value: gettext_lazy("退货单数"),
    Kind.CARD_ORDERS.value: gettext_lazy("同一张卡一天的订单"),
    Kind.CARD_POINTS.value: gettext_lazy("同一张卡一天的积分入账"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One odd day as the tables show it."""

    anomaly: Anomaly
    kind: Promise
    store: str
    is_store: bool
    actual: str
    range: str
    why: str


@require_GET
def anomalies(request: HttpRequest) -> HttpResponse:
    """Show the odd days in reach, newest first."""
    viewer = request_viewer(request)
    muted = request.GET.get("muted") == "1"
    found = anomalies_shown(viewer, today=business_date(utc_now()), muted=muted)
    context: dict[str, Any] = {
        "lines": anomaly_lines(found[:SHOWN]),
        "total": found.count(),
        "most": SHOWN,
        "muted": muted,
        "look": last_look(),
        "mute_days": MUTED_DAYS,
        "may_mute": may_open("anomalies:mute", viewer.role_code),
        "may_person": may_open("customers:person", viewer.role_code),
    }
    return render(request, "anomalies/list.html", context)


def anomaly_lines(found: Iterable[Anomaly]) -> list[Line]:
    """Return them as the tables show them."""
    rows = list(found)
    names = store_names(one.store_id for one in rows)
    return [_line(one, names.get(one.store_id or 0, "")) for one in rows]


def _line(one: Anomaly, store: str) -> Line:
    write = formats.short_money_text if one.kind_code == Kind.REVENUE else formats.count_text
    low = None if one.low is None else write(math.ceil(one.low))  # the interval in whole orders lies inside the computed one
    high = None if one.high is None else write(math.floor(one.high))
    is_store = one.kind_code in STORE_KINDS
    if not is_store:
        why = _("远多于其他客户：当天几乎没有人超过 %(high)s 次") % {"high": high}
    elif one.away is not None and one.away < 0:
        why = _("比同一星期几的往常低 %(away)s 个离散度，全链的涨落已扣除") % {"away": formats.decimal_text(-one.away)}
    else:
        why = _("比往常高 %(away)s 个离散度，全链的涨落已扣除") % {"away": formats.decimal_text(one.away)}
    return Line(one, KINDS[one.kind_code], store, is_store, write(round(one.actual)), f"{low} – {high}", why)


@require_POST
def mute(request: HttpRequest, anomaly_id: int) -> HttpResponse:
    """Do not show this kind of this store or card for thirty days; the toast takes it back."""
    now = utc_now()
    try:
        anomaly_mute(
            viewer=request_viewer(request), anomaly_id=anomaly_id, until=business_date(now) + timedelta(MUTED_DAYS), now=now
        )
    except NotThere as error:
        raise Http404(str(error)) from error
    toast(request, _("30 天内不再提示这一项"), undo_url=reverse("anomalies:unmute", args=[anomaly_id]))
    return redirect("anomalies:list")


@require_POST
def unmute(request: HttpRequest, anomaly_id: int) -> HttpResponse:
    """Show it again."""
    try:
        anomaly_unmute(viewer=request_viewer(request), anomaly_id=anomaly_id, now=utc_now())
    except NotThere as error:
        raise Http404(str(error)) from error
    toast(request, _("已恢复提示"))
    return redirect("anomalies:list")
