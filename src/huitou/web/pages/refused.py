"""A group of refused rows: one batch, kind and reason. What to do about them, and the rows as they were received."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer
from huitou.apps.intake.lists import batch_in_reach, refused_group, same_reason_count
from huitou.core.filters.tree import Condition, Operator
from huitou.core.filters.url_form import to_url
from huitou.web.pages.batches import batch_facts, rows_shown


@require_GET
def refused(request: HttpRequest, group_id: int) -> HttpResponse:
    """Show one group; 404 for none. Its rows are personal data in clear and told only to those who mend them."""
    viewer = request_viewer(request)
    group = refused_group(viewer, group_id)
    batch = batch_in_reach(viewer, group.batch_id) if group is not None else None
    if group is None or batch is None:
        raise Http404(f"no group of refused rows {group_id}")
    same = to_url(Condition("reason", Operator.EQ, group.reason_code))
    context = {
        "group": group,
        "same_reason": same_reason_count(viewer, group.reason_code),
        "same_reason_url": f"{reverse('data:quarantine')}?{urlencode({'f': same})}",
        **batch_facts(viewer, batch),
        **rows_shown(request, viewer, batch.pk, total=group.row_count, kind_code=group.kind_code, reason_code=group.reason_code),
    }
    return render(request, "data/refused.html", context)
