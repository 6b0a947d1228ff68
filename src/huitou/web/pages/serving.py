"""What serving each tier costs, beside what it brings; and the table of unit costs behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huitou.apps.accounts.queries import request_viewer, signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.value import queries
from huitou.apps.value.queries import TierServing
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.apps.value.services import unit_costs_save
from huitou.core.filters.tree import All, Condition, Measure, Operator, Recent, Window
from huitou.core.filters.url_form import to_url
from huitou.core.value.contacts import EVENT_TYPES, TOUCH
from huitou.core.value.serving import CONTACT_COSTS_FEN, MOST_FEN, SERVING_DAYS, TICKET_COSTS_FEN, UNIT_COSTS_FEN
from huitou.web import words_person
from huitou.web.pages.value import list_url, scheme_chosen, tier_condition
from huitou.web.policy import may_open
from huitou.web.toasts import toast

FEN = 100


def _kind_words() -> dict[str, str]:
    """Return what tickets and contacts are called, by kind."""
    channels = {code: words_person.CONSENT_CHANNELS[channel] for code, (_kind, channel) in EVENT_TYPES.items()}
    return {kind: str(word) for kind, word in {**words_person.TICKET_TYPES, **channels}.items()}


class UnitCostsForm(forms.Form):
    """Yuan with two places per kind of ticket, and per channel of a contact."""

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        words = _kind_words()
        for kind, fen in queries.unit_costs().items():
            self.fields[kind] = forms.DecimalField(
                label=words[kind],
                min_value=0,
                max_value=MOST_FEN // FEN,
                decimal_places=2,
                initial=Decimal(fen) / FEN,
            )

    def tickets(self) -> list[forms.BoundField]:
        return [self[kind] for kind in TICKET_COSTS_FEN]

    def contacts(self) -> list[forms.BoundField]:
        return [self[kind] for kind in CONTACT_COSTS_FEN]

    def fen(self) -> dict[str, int]:
        """Return whole fen per kind."""
        return {kind: int(self.cleaned_data[kind] * FEN) for kind in UNIT_COSTS_FEN}


@require_GET
def serving(request: HttpRequest) -> HttpResponse:
    """Show cost and revenue per tier of the chosen scheme, cut to the reader's reach; a sentence before the first run."""
    viewer = request_viewer(request)
    run, schemes = queries.last_run(), schemes_in_force()
    if run is None or not schemes:
        return render(request, "value/serving.html", {"run": None})
    chosen = scheme_chosen(schemes, request.GET.get("scheme", ""))
    contacts = queries.tier_contacts(viewer, chosen)
    tiers = queries.scheme_serving(viewer, chosen, queries.scheme_sums(viewer, chosen), contacts, as_of=run.as_of)
    context = {
        "run": run,
        "as_of": run.as_of,
        "schemes": schemes,
        "chosen": chosen,
        "rows": [(tier, _links(viewer, chosen, tier)) for tier in tiers],
        "details": [
            (_("工单类型"), *_detail(tiers, TICKET_COSTS_FEN)),
            (_("触达渠道"), *_detail(tiers, CONTACT_COSTS_FEN)),
        ],
        "contacts_as_of": contacts and contacts.as_of,
        "newest": queries.unit_costs_newest(),
        "may_cost": may_open("value:unit_costs", viewer.role_code),
        "uncosted": sum(tier.serving.uncosted for tier in tiers),
    }
    return render(request, "value/serving.html", context)


@require_http_methods(["GET", "POST"])
def costs(request: HttpRequest) -> HttpResponse:
    """Show the unit costs and who set them when; take new ones, or the defaults back."""
    taken: Mapping[str, int] | None = None
    form = UnitCostsForm(request.POST if request.method == "POST" and "default" not in request.POST else None)
    if request.method == "POST":
        taken = UNIT_COSTS_FEN if "default" in request.POST else form.fen() if form.is_valid() else None
    if taken is not None:
        unit_costs_save(taken, by=signed_in(request).pk, now=utc_now())
        toast(request, _("单位成本已保存。"))
        return redirect("value:serving")
    context = {"form": form, "newest": queries.unit_costs_newest(), "is_default": queries.unit_costs() == UNIT_COSTS_FEN}
    return render(request, "value/unit_costs.html", context, status=422 if form.errors else 200)


def _detail(tiers: Sequence[TierServing], costs: Mapping[str, int]) -> tuple[list[str], list[tuple[TierServing, list[int]]]]:
    """Return the kinds of a table of costs that occurred, as words, and how often each did by tier."""
    words = _kind_words()
    kinds = [kind for kind in costs if any(kind in tier.by_kind for tier in tiers)]
    return [words[kind] for kind in kinds], [(tier, [tier.by_kind.get(kind, 0) for kind in kinds]) for tier in tiers]


@dataclass(frozen=True, slots=True)
class _Links:
    """Addresses of the tier's customers and of the rules for those with a ticket and with a contact; empty where not allowed."""

    people: str
    tickets: str
    contacts: str


def _links(viewer: Viewer, one: InForce, tier: TierServing) -> _Links:
    inside = tier_condition(one, tier.sums.tier.code)
    may = may_open("segments:new", viewer.role_code)
    return _Links(
        list_url(viewer, inside) if tier.sums.persons else "",
        _with_one("ticket", inside) if may and tier.serving.tickets else "",
        _with_one(TOUCH, inside) if may and tier.serving.contacts else "",
    )


def _with_one(event: str, inside: Condition) -> str:
    """Return the address of the rule for those inside to whom it happened in the window of the page."""
    asked = Window(event, Measure.TIMES, Operator.GTE, 1, Recent(SERVING_DAYS))
    return f"{reverse('segments:new')}?{urlencode({'f': to_url(All((inside, asked)))})}"
