"""What people keep of lists: the columns they chose."""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.fields import Noun
from huitou.apps.lists.services import columns_choose
from huitou.web.lists.registry import LISTS
from huitou.web.lists.state import ListContext
from huitou.web.policy import may_open


@require_POST
def columns(request: HttpRequest, noun: str) -> HttpResponse:
    """Remember which columns somebody wants to see; `do` = reset brings those of the list back."""
    context = list_context(request, noun)
    asked = () if request.POST.get("do") == "reset" else tuple(request.POST.getlist("column"))
    chosen = [entry.field.name for entry in context.entries if entry in context.columns(asked)]
    columns_choose(user_id=context.viewer.user_id, noun=context.spec.noun, columns=chosen)
    return back(request, context)


def list_context(request: HttpRequest, noun: str) -> ListContext:
    """Return the list of a noun as its viewer may ask it. 404 for no such list, 403 for one that the role may not open."""
    spec = LISTS.get(Noun(noun)) if noun in set(Noun) else None
    if spec is None:
        raise Http404(f"no list of {noun}")
    viewer = request_viewer(request)
    if not may_open(spec.route, viewer.role_code):
        raise PermissionDenied
    return ListContext(spec, viewer)


def back(request: HttpRequest, context: ListContext) -> HttpResponse:
    """Return to the page of the list that the form stood on."""
    asked = request.POST.get("next", "")
    is_ours = asked.startswith("/") and url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
    return redirect(asked if is_ours else context.spec.route)
