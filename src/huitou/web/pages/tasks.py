"""Tasks: the list, a guide's day, taking one and ending one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.products.queries import store_names
from huitou.apps.tasks import services
from huitou.apps.tasks.queries import tasks_today
from huitou.core.periods import business_date
from huitou.web.going_back import went_back
from huitou.web.lists.page import list_page
from huitou.web.lists.tasks import TASKS
from huitou.web.pages.task_cards import outcome_choices, task_cards
from huitou.web.toasts import toast
from huitou.web.words import said


@require_GET
def tasks(request: HttpRequest) -> HttpResponse:
    """List the tasks in the viewer's reach."""
    return list_page(request, TASKS)


@require_GET
def today(request: HttpRequest) -> HttpResponse:
    """Show somebody in a store what is to be done, the most urgent first."""
    viewer, now, late = request_viewer(request), utc_now(), request.GET.get("late") == "1"
    told = tasks_today(viewer, now=now, overdue_only=late)
    total = told.waiting.open + told.done
    context = {
        "today": business_date(now),
        "told": told,
        "total": total,
        "share": told.done / total if total else 0.0,
        "is_late": late,
        "more": (told.waiting.overdue if late else told.waiting.open) - len(told.tasks),
        "cards": task_cards(viewer, told.tasks, now=now),
        "outcomes": outcome_choices(viewer),
        "stores": list(store_names(viewer.store_ids or ()).values()),
    }
    return render(request, "tasks/today.html", context)


@require_POST
def close(request: HttpRequest, task_id: int) -> HttpResponse:
    """End a task with a reason."""
    try:
        services.task_close(
            viewer=request_viewer(request), task_id=task_id, outcome_code=request.POST.get("outcome", ""), now=utc_now()
        )
    except services.TaskRefused as refused:
        return _refused(request, refused)
    toast(request, _("任务已结束"))
    return went_back(request, "tasks:list")


@require_POST
def take(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say that one does a task oneself."""
    try:
        services.task_take(viewer=request_viewer(request), task_id=task_id, now=utc_now())
    except services.TaskRefused as refused:
        return _refused(request, refused)
    toast(request, _("由你来做"))
    return went_back(request, "tasks:list")


def _refused(request: HttpRequest, refused: services.TaskRefused) -> HttpResponse:
    if refused.reason == "not_found":
        raise Http404(str(refused)) from refused
    messages.error(request, said(refused))
    return went_back(request, "tasks:list")
