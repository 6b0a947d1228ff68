"""Coupons for head office: what was issued, the kinds there are, and setting one up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huitou.apps.accounts.queries import signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.benefits import services
from huitou.apps.benefits.forms import CouponKindForm
from huitou.apps.benefits.models import CouponKind
from huitou.apps.benefits.queries import balance
from huitou.apps.products.queries import category_names
from huitou.core.benefits.coupons import TermsInvalid
from huitou.web.coupon_words import TERMS_PROBLEMS, promise
from huitou.web.lists.coupons import COUPONS, KINDS
from huitou.web.lists.page import list_page
from huitou.web.policy import may_open
from huitou.web.toasts import toast


@require_GET
def coupons(request: HttpRequest) -> HttpResponse:
    """List the issued coupons in the viewer's reach."""
    return list_page(request, COUPONS)


@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    """List the kinds of coupons."""
    return list_page(request, KINDS)


@require_http_methods(["GET", "POST"])
def kind_new(request: HttpRequest) -> HttpResponse:
    """Set up a kind."""
    return _edit(request, None)


@require_http_methods(["GET", "POST"])
def kind(request: HttpRequest, kind_id: int) -> HttpResponse:
    """Show how a kind stands, and change what may change of it."""
    return _edit(request, get_object_or_404(CouponKind, pk=kind_id))


def _edit(request: HttpRequest, one: CouponKind | None) -> HttpResponse:
    user = signed_in(request)
    may_save = may_open("coupons:kind_new", user.role_code)
    if request.method == "POST" and not may_save:
        return HttpResponse(status=403)
    form = CouponKindForm(request.POST if request.method == "POST" else None, kind=one)
    if request.method == "POST" and form.is_valid():
        try:
            services.kind_save(
                kind_id=one.pk if one else None, code=form.cleaned_data["code"], name=form.cleaned_data["name"],
                terms=form.terms(), caps=form.caps(), is_on=form.cleaned_data["is_on"], by=user.pk, now=utc_now(),
            )  # fmt: skip
        except TermsInvalid as invalid:
            form.add_error(invalid.field, str(TERMS_PROBLEMS[invalid.field, invalid.problem]))
        else:
            toast(request, _("券种已保存"))
            return redirect("coupons:kinds")
    context = {
        "form": form,
        "kind": one,
        "title": _("新建券种") if one is None else one.name,
        "promise": promise(one, category_names()) if one else "",
        "balance": balance(one.pk, now=utc_now()) if one else None,
        "may_save": may_save,
    }
    return render(request, "coupons/kind.html", context, status=422 if form.errors else 200)
