"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from huitou.web.navigation import landing_route


def home(request: HttpRequest) -> HttpResponse:
    """Send a person to the page their role starts on."""
    return redirect(landing_route(request.user.role_code))  # type: ignore[union-attr]  # the policy lets nobody else in
