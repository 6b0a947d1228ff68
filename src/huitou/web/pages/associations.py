"""What is bought together more often than by chance, at three levels; and what a rule has to reach to be shown."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.recommend import rules
from huitou.apps.recommend.models import AssociationLevel
from huitou.apps.recommend.services import thresholds_save
from huitou.core.value.associations import Thresholds
from huitou.web import words_tag
from huitou.web.policy import may_open
from huitou.web.toasts import toast

PAGE_ROWS = 50


class ThresholdsForm(forms.Form):
    """Support and confidence in percent, lift as a factor."""

    support = forms.DecimalField(
        label=gettext_lazy("最低支持度（%）"), min_value=Decimal("0.01"), max_value=100, decimal_places=2
    )
    confidence = forms.DecimalField(
        label=gettext_lazy("最低置信度（%）"), min_value=Decimal("0.1"), max_value=100, decimal_places=1
    )
    lift = forms.DecimalField(label=gettext_lazy("最低提升度（倍）"), min_value=Decimal("0.1"), max_value=1000, decimal_places=1)

    def limits(self) -> Thresholds:
        """Return what was entered as shares and a factor."""
        found = self.cleaned_data
        return Thresholds(float(found["support"] / 100), float(found["confidence"] / 100), float(found["lift"]))


@require_GET
def associations(request: HttpRequest) -> HttpResponse:
    """Show a page of the rules of a level, strongest first."""
    return _page(request, _level(request.GET.get("level", AssociationLevel.CATEGORY)))


@require_POST
def thresholds(request: HttpRequest, level: str) -> HttpResponse:
    """Take new thresholds for a level; the search follows in the background."""
    chosen = _level(level)
    form = ThresholdsForm(request.POST)
    if not form.is_valid():
        return _page(request, chosen, form)
    thresholds_save(chosen, form.limits(), by=signed_in(request).pk, now=utc_now())
    toast(request, _("门槛已保存，后台随后重新查找。"))
    return redirect(f"{reverse('associations:list')}?level={chosen.value}")


def _level(code: str) -> AssociationLevel:
    if code not in AssociationLevel.values:
        raise Http404
    return AssociationLevel(code)


def _page(request: HttpRequest, level: AssociationLevel, form: ThresholdsForm | None = None) -> HttpResponse:
    viewer = request_viewer(request)
    number = request.GET.get("page", "1")
    page = max(int(number), 1) if number.isascii() and number.isdigit() and len(number) < 6 else 1
    found = rules.rules_in_force(level, start=(page - 1) * PAGE_ROWS, limit=PAGE_ROWS)
    newest = rules.newest_search(level)
    limits = rules.thresholds_in_force(level)
    context: dict[str, Any] = {
        "level": level,
        "levels": words_tag.ASSOCIATION_LEVELS.items(),
        "found": found,
        "refusal": words_tag.ASSOCIATION_REFUSALS.get(newest.refusal, "") if newest is not None else "",
        "limits": limits,
        "is_due": newest is not None
        and (newest.support_share, newest.confidence_share, newest.lift) != (limits.support, limits.confidence, limits.lift),
        "newest": rules.thresholds_newest(level),
        "form": form or ThresholdsForm(initial=_initial(limits)),
        "may_edit": may_open("associations:thresholds", viewer.role_code),
        "before": page - 1,
        "after": page + 1 if found is not None and page * PAGE_ROWS < found.total else 0,
    }
    return render(request, "value/associations.html", context, status=422 if form is not None and form.errors else 200)


def _initial(limits: Thresholds) -> dict[str, str]:
    return {"support": f"{limits.support * 100:g}", "confidence": f"{limits.confidence * 100:g}", "lift": f"{limits.lift:g}"}
