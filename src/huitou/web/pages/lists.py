"""What people keep of lists: the columns they chose, and filters under a name."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.fields import Noun
from huitou.apps.base.listing import SortRefused, sort_read
from huitou.apps.lists.queries import view_of
from huitou.apps.lists.services import ViewRefused, columns_choose, view_change, view_delete, view_pin, view_save, view_share
from huitou.core.filters.json_form import dump, salvage
from huitou.web.going_back import went_back
from huitou.web.lazy import LazyText
from huitou.web.lists.refusals import sentences
from huitou.web.lists.registry import LISTS
from huitou.web.lists.state import AddressRefused, ListContext, ListState, Refused, state_read
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said

ACT_SAID: Mapping[str, LazyText] = {
    "pin": gettext_lazy("视图已置顶。"),
    "unpin": gettext_lazy("视图已取消置顶。"),
    "share": gettext_lazy("同角色的人现在都能打开这个视图；他们看到的行按各自的权限。"),
    "unshare": gettext_lazy("视图不再共享，别人的置顶也取消了。"),
    "change": gettext_lazy("视图已按现在的条件和排列保存。"),
    "delete": gettext_lazy("视图已删除。"),
}


@require_POST
def columns(request: HttpRequest, noun: str) -> HttpResponse:
    """Remember which columns somebody wants to see; `do` = reset brings those of the list back."""
    context = list_context(request, noun)
    asked = () if request.POST.get("do") == "reset" else tuple(request.POST.getlist("column"))
    chosen = [entry.field.name for entry in context.entries if entry in context.columns(asked)]
    columns_choose(user_id=context.viewer.user_id, noun=context.spec.noun, columns=chosen)
    return back(request, context)


@require_GET
def view_open(request: HttpRequest, noun: str, view_id: int) -> HttpResponse:
    """Lead to the address of a saved view; what of it cannot be asked any more is named, beside a link to the rest."""
    context = list_context(request, noun)
    view = view_of(context.viewer, context.spec.noun, view_id)
    if view is None:
        raise Http404(f"no view {view_id}")
    filters, lost = salvage(view.filters, context.catalogue)
    sort, wrong = sort_read(context.spec.default_sort, context.sorts), ""
    try:
        sort = sort_read(view.sort or context.spec.default_sort, context.sorts)
    except SortRefused as error:
        wrong = error.text
    rest = ListState(context.spec.route, context.spec.default_sort, filters, sort, view_id).url()
    if not lost and not wrong:
        return redirect(rest)
    refused = Refused(rest, lost=lost, sort=wrong)
    told = {"spec": context.spec, "refused": refused, "sentences": sentences(refused, context), "view": view}
    return render(request, "lists/refused.html", told, status=400)


@require_POST
def view_keep(request: HttpRequest, noun: str) -> HttpResponse:
    """Keep the filter and order of the page under a name, and go on in that view."""
    context = list_context(request, noun)
    try:
        kept = view_save(
            viewer=context.viewer,
            noun=context.spec.noun,
            title=request.POST.get("title", ""),
            now=utc_now(),
            **_asked(request, context),
        )
    except (AddressRefused, ViewRefused) as refusal:
        messages.error(request, _refusal_text(refusal))
        return back(request, context)
    toast(request, _("视图已存。"))
    return redirect("lists:view", noun, kept)


@require_POST
def view_act(request: HttpRequest, noun: str, view_id: int) -> HttpResponse:
    """Pin, share, change or delete a view; changed, it asks what the page of the form asks."""
    context = list_context(request, noun)
    viewer, of = context.viewer, context.spec.noun
    acts: dict[str, Callable[[], None]] = {
        "pin": lambda: view_pin(viewer=viewer, noun=of, view_id=view_id, is_pinned=True),
        "unpin": lambda: view_pin(viewer=viewer, noun=of, view_id=view_id, is_pinned=False),
        "share": lambda: view_share(viewer=viewer, noun=of, view_id=view_id, is_shared=True, now=utc_now()),
        "unshare": lambda: view_share(viewer=viewer, noun=of, view_id=view_id, is_shared=False, now=utc_now()),
        "change": lambda: view_change(viewer=viewer, noun=of, view_id=view_id, **_asked(request, context), now=utc_now()),
        "delete": lambda: view_delete(viewer=viewer, noun=of, view_id=view_id),
    }
    act = acts.get(request.POST.get("do", ""))
    if act is None:
        raise Http404("no such action")
    try:
        act()
    except (AddressRefused, ViewRefused) as refusal:
        messages.error(request, _refusal_text(refusal))
    else:
        toast(request, str(ACT_SAID[request.POST["do"]]))
    return back(request, context)


def _asked(request: HttpRequest, context: ListContext) -> dict[str, Any]:
    """Return the filter and order of the page that the form stood on, as they are kept. Raises AddressRefused."""
    state, _asked = state_read(context, QueryDict(urlsplit(request.POST.get("next", "")).query))
    return {"filters": dump(state.filters), "sort": state.sort.text()}


def _refusal_text(refusal: AddressRefused | ViewRefused) -> str:
    if isinstance(refusal, AddressRefused):
        return _("这个列表的条件读不懂，没有存。")
    return said(refusal)


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
    return went_back(request, context.spec.route)
