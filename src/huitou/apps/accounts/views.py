"""Log-in, log-out, password, preferences."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts import queries, services
from huitou.apps.accounts.forms import LogInForm, PreferencesForm
from huitou.apps.accounts.second_step import second_step_begin


class LogIn(LoginView):
    """Let a person in; django-axes counts the failures. Whoever has a second factor goes on to its page first."""

    template_name = "accounts/login.html"
    authentication_form = LogInForm
    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        user = form.get_user()
        if user.totp_secret is None:
            return super().form_valid(form)
        second_step_begin(self.request, user, next_url=self.get_redirect_url())
        return redirect("accounts:code")


class PasswordChange(PasswordChangeView):
    """Change one's own password; the other sessions of this person end."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:me")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(self.request, _("密码已更换，其他设备上的登录已结束。"))
        return answer


def locked_out(request: HttpRequest, original_response: HttpResponse | None = None, credentials: Any = None) -> HttpResponse:
    """Answer a name and address that failed too often; django-axes calls this."""
    return render(request, "accounts/locked.html", status=429)


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Show a person's own account and preferences."""
    user = queries.signed_in(request)
    return render(request, "accounts/me.html", {"viewer": queries.viewer_for(user)})


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember a preference and return to the page it was chosen on."""
    form = PreferencesForm(request.POST)
    form.is_valid()
    chosen = {field: value for field, value in form.cleaned_data.items() if value}
    try:
        services.preferences_set(queries.signed_in(request), **chosen)
    except services.UnknownPreference as error:
        return HttpResponseBadRequest(str(error))
    return redirect(safe_next(request, request.POST.get("next", ""), reverse("accounts:me")))


def safe_next(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """Return the wanted address if it is one of ours."""
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours else otherwise
