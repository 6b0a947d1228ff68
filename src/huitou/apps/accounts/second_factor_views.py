"""Pages of the second factor: giving a code at log-in, setting the factor up, taking it away."""

import base64

import qrcode
import qrcode.image.svg
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huitou.apps.accounts import queries, services
from huitou.apps.accounts.forms import CodeForm
from huitou.apps.accounts.second_step import second_step_end, second_step_user
from huitou.apps.accounts.views import safe_next
from huitou.apps.base.clock import utc_now

_OFFERED = "offered secret"
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Ask for the code after the password; a wrong one counts as a failed log-in, and ten of them lock the name."""
    now = utc_now()
    user = second_step_user(request, now)
    if user is None:
        second_step_end(request)
        return redirect("accounts:login")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.code_check(user_id=user.pk, code=form.cleaned_data["code"], now=now)
        except services.CodeRefused:
            credentials = {"username": user.username}
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
            form.add_error("code", _("验证码不对或已用过。等手机上换成下一个再试；连续输错会锁定 15 分钟。"))
        else:
            next_url = second_step_end(request)
            login(request, user, backend=_BACKEND)
            return redirect(safe_next(request, next_url, reverse("home")))
    if getattr(request, "axes_locked_out", False):
        second_step_end(request)
    return render(request, "accounts/code.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def second_factor(request: HttpRequest) -> HttpResponse:
    """Set the second factor up: scan, type the code, keep the recovery codes."""
    user = queries.signed_in(request)
    if user.totp_secret is not None:
        return render(request, "accounts/second_factor_on.html", {"left": len(user.recovery_hashes)})
    kept = request.session.get(_OFFERED)
    secret, offer = services.second_factor_offer(base64.b64decode(kept) if kept else None, username=user.username)
    request.session[_OFFERED] = base64.b64encode(secret).decode()
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            codes = services.second_factor_confirm(user_id=user.pk, secret=secret, code=form.cleaned_data["code"], now=utc_now())
        except services.CodeRefused:
            form.add_error("code", _("和手机上的验证码不一致：检查手机时间是否自动校准，再输一次。"))
        else:
            del request.session[_OFFERED]
            return render(request, "accounts/recovery_codes.html", {"codes": codes})
    picture = qrcode.make(offer.uri, image_factory=qrcode.image.svg.SvgPathImage, box_size=6, border=2)
    context = {"form": form, "offer": offer, "picture": base64.b64encode(picture.to_string()).decode()}
    return render(request, "accounts/second_factor.html", context, status=422 if form.errors else 200)


@require_POST
def second_factor_off(request: HttpRequest) -> HttpResponse:
    """Take one's own second factor away; a code of it is asked for, so that an open screen is not enough."""
    user = queries.signed_in(request)
    form = CodeForm(request.POST)
    try:
        if not form.is_valid():
            raise services.CodeRefused
        services.code_check(user_id=user.pk, code=form.cleaned_data["code"], now=utc_now())
    except (services.CodeRefused, services.SetupMissing):
        messages.error(request, _("验证码不对或已用过，两步验证仍然开着。"))
        return redirect("accounts:second_factor")
    services.second_factor_remove(user_id=user.pk, by_user_id=user.pk, now=utc_now())
    messages.success(request, _("两步验证已关闭。"))
    return redirect("accounts:me")
