"""What happens around every view: compressed pages, the person's language, and the policy table."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils import translation

from huitou.apps.accounts.models import User
from huitou.apps.base import seen
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.services import access_record
from huitou.web.going_back import page_before
from huitou.web.policy import POLICY, may_open, role_labels

ALLOWED_WITHOUT_FACTOR = frozenset({"accounts:second_factor", "accounts:logout", "accounts:preferences", "accounts:password"})
GetResponse = Callable[[HttpRequest], HttpResponse]


class PageCompressionMiddleware(GZipMiddleware):
    """
    Send pages compressed, for phones far from the server: a list is a fifth as long. Files, and answers to programs, stay as
    they are.

    Django lengthens each answer by random bytes, so that its length tells nothing of the secrets in it (BREACH).
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        is_page = not response.streaming and response.headers.get("Content-Type", "").startswith("text/html")
        return super().process_response(request, response) if is_page else response


class LanguageMiddleware:
    """Speak the language a signed-in person chose; strangers get the one of their cookie or browser."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and (language := _spoken(request, request.user)) != translation.get_language():
            translation.activate(language)
            request.LANGUAGE_CODE = language
        return self.get_response(request)


def _spoken(request: HttpRequest, user: User) -> str:
    """A part speaks the language of the page that it goes into: the person may have chosen another one in another tab since."""
    asked = request.headers.get("Page-Language", "") if _is_part(request) else ""
    return asked if asked in dict(settings.LANGUAGES) else user.language


def _is_part(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"


class PolicyMiddleware:
    """Let a request through only where the policy table says so, before the view reads or writes anything."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Return None to go on, a redirect to the log-in for strangers, a 403 page for other roles."""
        match = request.resolver_match
        route = match.view_name if match else ""
        access = POLICY.get(route)
        if access is not None and (access.is_public or access.checks_itself):
            return None
        if not request.user.is_authenticated:
            return _to_login(request)
        if _must_set_up(request.user, route):
            return redirect("accounts:second_factor")
        if may_open(route, request.user.role_code):
            return None
        return render(request, "403.html", {"may_open_roles": role_labels(route)}, status=403)


class AccessLogMiddleware:
    """Write one entry for every answer that shows personal data; when that fails, the answer does not go out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with seen.collecting() as persons:
            response = self.get_response(request)
        if persons and request.user.is_authenticated:
            route = request.resolver_match.view_name if request.resolver_match else ""
            access_record(user_id=request.user.pk, route_code=route, person_ids=persons, now=utc_now())
        return response


def _must_set_up(user: User, route: str) -> bool:
    """Say whether this person's role works with a second factor only, and they have none yet."""
    needs_it = user.role_code in settings.SECOND_FACTOR_ROLES and user.totp_secret is None
    return needs_it and route not in ALLOWED_WITHOUT_FACTOR


def _to_login(request: HttpRequest) -> HttpResponse:
    """Send a stranger to the log-in and back to the page; a part of a page (htmx) makes the whole page go there."""
    if _is_part(request):
        response = HttpResponse(status=401)
        response["HX-Redirect"] = redirect_to_login(page_before(request) or "/").url
        return response
    return redirect_to_login(request.get_full_path() if request.method == "GET" else page_before(request) or "/")
