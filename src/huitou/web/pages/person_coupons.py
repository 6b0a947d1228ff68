"""A person's coupons on the page: what they hold, give one, take one back, use one where no till is connected."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.benefits import services
from huitou.apps.benefits.models import Coupon, Occasion
from huitou.apps.benefits.queries import coupons_in_reach, coupons_of, issuable_kinds, last_uses
from huitou.apps.customers.queries import person_id_in_reach
from huitou.apps.products.queries import category_names
from huitou.core.benefits.coupons import Basket, CouponRefused
from huitou.core.money import fen_from_yuan
from huitou.core.periods import business_date
from huitou.web import formats
from huitou.web.coupon_words import OCCASIONS, STATES, promise, state_of
from huitou.web.lazy import LazyText
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

SHOWN = 8
LONGEST_ORDER_NO = 64
STORE = "store"


@dataclass(frozen=True, slots=True)
class Line:
    """One coupon on the card. note: until when, or where it was used. needs_lines: only a till can use it."""

    coupon: Coupon
    promise: str
    badge: tuple[str, str, LazyText]
    note: str
    order_no: str
    is_open: bool
    is_used: bool
    needs_lines: bool


def coupons_context(viewer: Viewer, person_id: int, *, now: datetime) -> dict[str, Any]:
    """Return what the card of benefits shows of coupons, and what the viewer may do with them."""
    held = coupons_of(viewer, person_id, most=SHOWN + 1)
    uses, categories = last_uses(held), category_names() if held else {}
    may_issue = may_open("coupons:issue", viewer.role_code)
    return {
        "coupon_lines": [_line(one, uses, categories, now) for one in held[:SHOWN]],
        "coupons_more": len(held) > SHOWN,
        "may_redeem": may_open("coupons:redeem", viewer.role_code),
        "may_withdraw": may_open("coupons:withdraw", viewer.role_code),
        "coupon_kinds": issuable_kinds(today=business_date(now)) if may_issue else [],
        "coupon_occasions": list(OCCASIONS.items()),
        "issue_key": secrets.token_urlsafe(16),
    }


def _line(coupon: Coupon, uses: dict[int, Any], categories: dict[int, str], now: datetime) -> Line:
    state, use = state_of(coupon, now), uses.get(coupon.pk)
    day = formats.day_text(coupon.last_day)
    if use is not None:
        said_of = {"day": formats.day_text(use.at), "order": use.order_no, "off": formats.money_text(use.off_fen, decimals=2)}
        note = _("%(day)s 用于 %(order)s，减 %(off)s") % said_of
    elif state == "later":
        note = _("%(start)s 至 %(day)s") % {"start": formats.day_text(coupon.usable_from), "day": day}
    else:
        note = _("%(day)s 到期") % {"day": day}
    return Line(
        coupon=coupon,
        promise=promise(coupon.kind, categories, coupon.category_id),
        badge=STATES[state],
        note=note,
        order_no=use.order_no if use else "",
        is_open=state == "usable",
        is_used=use is not None,
        needs_lines=bool(coupon.kind.category_ids) or coupon.category_id is not None,
    )


@require_POST
def issue(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give the person what an occasion is for; the form's key makes a second click the same coupon."""
    viewer = request_viewer(request)
    alive = _alive(viewer, person_id)
    kind, key = request.POST.get("kind", ""), request.POST.get("key", "")
    occasion = request.POST.get("occasion", "")
    if occasion not in Occasion.values:
        messages.error(request, _("请选择发券的缘由。"))
        return redirect("customers:person", alive)
    try:
        issued = services.coupons_give(
            viewer=viewer, person_id=alive, kind_id=int(kind) if kind.isdecimal() and len(kind) < 19 else 0,
            issue_key=f"page:{key[:64]}" if key else f"page:{secrets.token_urlsafe(16)}",
            occasion=Occasion(occasion), now=utc_now(),
        )  # fmt: skip
    except services.IssueRefused as refused:
        messages.error(request, said(refused))
    else:
        undo_url = reverse("coupons:withdraw", args=[alive, issued[0].pk]) if len(issued) == 1 else ""
        toast(request, _("券已发出") if undo_url else _("礼包已发出"), undo_url=undo_url)
    return redirect("customers:person", alive)


@require_POST
def withdraw(request: HttpRequest, person_id: int, coupon_id: int) -> HttpResponse:
    """Take back a coupon that nobody used."""
    viewer = request_viewer(request)
    coupon = _coupon(viewer, person_id, coupon_id)
    try:
        services.coupon_withdraw(viewer=viewer, coupon_id=coupon.pk, now=utc_now())
    except services.IssueRefused as refused:
        messages.error(request, said(refused))
    else:
        toast(request, _("券已收回"))
    return redirect("customers:person", person_id)


@require_POST
def redeem(request: HttpRequest, person_id: int, coupon_id: int) -> HttpResponse:
    """Use a coupon for an order whose amount somebody typed in."""
    viewer = request_viewer(request)
    coupon = _coupon(viewer, person_id, coupon_id)
    order_no = request.POST.get("order_no", "").strip()[:LONGEST_ORDER_NO]
    try:
        amount_fen = fen_from_yuan(request.POST.get("amount", ""))
    except ValueError:
        amount_fen = -1
    if not order_no or not order_no.isprintable() or not 0 <= amount_fen <= 10**11:
        messages.error(request, _("请填写单号，以及用券前应付的金额（元，最多两位小数）。"))
        return redirect("customers:person", person_id)
    store_id = next(iter(viewer.store_ids)) if viewer.store_ids is not None and len(viewer.store_ids) == 1 else None
    sale = services.Sale(order_no, STORE, store_id, Basket(amount_fen))
    try:
        used = services.coupon_redeem(viewer=viewer, person_id=person_id, code=coupon.code or "", sale=sale, now=utc_now())
    except CouponRefused as refused:
        messages.error(request, said(refused))
    else:
        told = {"off": formats.money_text(used.off_fen, decimals=2), "order": used.order_no}
        toast(request, _("已核销：%(order)s 减 %(off)s") % told)
    return redirect("customers:person", person_id)


@require_POST
def give_back(request: HttpRequest, person_id: int, coupon_id: int) -> HttpResponse:
    """Give a coupon back whose sale was taken back."""
    viewer = request_viewer(request)
    coupon = _coupon(viewer, person_id, coupon_id)
    try:
        services.coupon_return(viewer=viewer, code=coupon.code or "", order_no=request.POST.get("order_no", ""), now=utc_now())
    except CouponRefused as refused:
        messages.error(request, said(refused))
    else:
        toast(request, _("券已退回，可以再用"))
    return redirect("customers:person", person_id)


def _alive(viewer: Viewer, person_id: int) -> int:
    alive = person_id_in_reach(viewer, person_id)
    if alive is None:
        raise Http404(f"no person {person_id} in reach")
    return alive


def _coupon(viewer: Viewer, person_id: int, coupon_id: int) -> Coupon:
    """Return a coupon that this person in reach holds. Raises Http404."""
    coupon = coupons_in_reach(viewer).filter(pk=coupon_id, person_id=_alive(viewer, person_id)).first()
    if coupon is None:
        raise Http404(f"no coupon {coupon_id} of person {person_id} in reach")
    return coupon
