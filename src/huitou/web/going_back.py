"""Where a form leads back to: the page it stood on."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def went_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return to the address `next` of the form where it is one of ours, else to a route."""
    asked = request.POST.get("next", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if is_ours else otherwise)
