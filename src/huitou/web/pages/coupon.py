"""One coupon: what it promises, who holds it, and its ledger."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from huitou.apps.accounts.queries import request_viewer, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.benefits.models import CouponEntry
from huitou.apps.benefits.queries import coupon_history
from huitou.apps.customers.queries import names_in_reach
from huitou.apps.products.queries import category_names, store_names
from huitou.web import words
from huitou.web.coupon_words import CHANNELS, ENTRIES, OCCASIONS, STATES, promise, state_of
from huitou.web.lazy import LazyText


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the ledger in words. place: where it happened; by: who did it, "" for a job or a till."""

    entry: CouponEntry
    what: LazyText
    place: LazyText
    by: str


@require_GET
def coupon(request: HttpRequest, coupon_id: int) -> HttpResponse:
    """Show a coupon in reach with everything that became of it; 404 for any other."""
    viewer = request_viewer(request)
    found = coupon_history(viewer, coupon_id)
    if found is None:
        raise Http404(f"no coupon {coupon_id} in reach")
    one, entries = found
    names = names_in_reach(viewer, () if one.person_id is None else (one.person_id,))
    context = {
        "coupon": one,
        "badge": STATES[state_of(one, utc_now())],
        "promise": promise(one.kind, category_names(), one.category_id),
        "occasion": words.word(OCCASIONS, one.batch.purpose_code),
        "holder": names.get(one.person_id) or _("没有姓名") if one.person_id in names else "",
        "lines": _lines(entries),
    }
    return render(request, "coupons/coupon.html", context)


def _lines(entries: Sequence[CouponEntry]) -> list[Line]:
    stores = store_names({entry.store_id for entry in entries})
    people = dict(users_all().filter(pk__in={entry.by for entry in entries}).values_list("pk", "display_name"))
    return [
        Line(
            entry,
            words.word(ENTRIES, entry.kind_code),
            stores.get(entry.store_id or 0) or (words.word(CHANNELS, entry.channel_code) if entry.channel_code else ""),
            people.get(entry.by, "") if entry.by is not None else "",
        )
        for entry in entries
    ]
