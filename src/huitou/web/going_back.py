"""Where a form leads back to: the page it stood on."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def went_back(request: HttpRequest, otherwise: str) -> HttpResponse:
    """Return to the address `next` of the form where it is one of ours, else to a route."""
    asked = request.POST.get("next", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if is_ours else otherwise)


def page_before(request: HttpRequest) -> str:
    """Return the page that a form or a part of a page stands on, as a path of ours; "" where the browser does not say."""
    told = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, allowed_hosts={request.get_host()}):
        return ""
    page = urlsplit(told)
    path = f"/{page.path.lstrip('/')}"  # two slashes would begin the name of another host
    return f"{path}?{page.query}" if page.query else path
