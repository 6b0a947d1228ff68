"""The list of stores."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from huitou.web.lists.page import list_page
from huitou.web.lists.stores import STORES


@require_GET
def stores(request: HttpRequest) -> HttpResponse:
    """List the stores in the viewer's reach."""
    return list_page(request, STORES)
