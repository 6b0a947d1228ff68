"""The privacy page: how long an erasure waits, and whose is to come."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.privacy.erasures import LONGEST_DELAY_DAYS, delay_days, erasures_missing, erasures_waiting
from huitou.apps.privacy.services import ErasureRefused, delay_save
from huitou.web.pages.person_rights import REASON_WORDS
from huitou.web.policy import may_open
from huitou.web.toasts import toast
from huitou.web.words import said


@require_GET
def erasures(request: HttpRequest) -> HttpResponse:
    """List who is to be erased and when, with the delay in force."""
    viewer = request_viewer(request)
    context = {
        "waiting": erasures_waiting(viewer),
        "missing": erasures_missing(viewer),
        "names": {one.pk: one.display_name or one.username for one in users_all()},
        "reasons": REASON_WORDS,
        "delay_days": delay_days(),
        "longest": LONGEST_DELAY_DAYS,
        "may_delay": may_open("privacy:delay", viewer.role_code),
        "may_cancel": may_open("privacy:erase_cancel", viewer.role_code),
        "may_person": may_open("customers:person", viewer.role_code),
    }
    return render(request, "person/erasures.html", context)


@require_POST
def delay(request: HttpRequest) -> HttpResponse:
    """Change how long erasures wait that are asked for from now on."""
    given = request.POST.get("days", "")
    try:
        delay_save(days=int(given) if given.isdecimal() and len(given) < 4 else -1, by=signed_in(request).pk, now=utc_now())
    except ErasureRefused as error:
        messages.error(request, said(error))
    else:
        toast(request, _("等待期已保存；已登记的日期不变"))
    return redirect("privacy:erasures")
