"""How the key fields weigh in completeness: a form in percent; every file is counted anew in the background."""

from decimal import Decimal

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from huitou.apps.accounts.queries import signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.customers.queries import completeness_weights, completeness_weights_newest
from huitou.apps.customers.services import weights_save
from huitou.core.identity.completeness import COMPLETENESS_WEIGHTS, KEY_FIELD_LABELS
from huitou.web.toasts import toast


class WeightsForm(forms.Form):
    """Whole percent per key field; together 100."""

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        for field, weight in completeness_weights().items():
            self.fields[field] = forms.IntegerField(
                label=KEY_FIELD_LABELS[field].text(get_language() or "zh-hans"),
                min_value=0,
                max_value=100,
                initial=round(100 * weight),
            )

    def clean(self) -> dict[str, int]:
        found: dict[str, int] = self.cleaned_data
        if len(found) == len(self.fields) and sum(found.values()) != 100:
            raise forms.ValidationError(_("合计 {total}%，须为 100%。").format(total=sum(found.values())))
        return found

    def shares(self) -> dict[str, float]:
        """Return the weights as shares 0..1."""
        return {field: float(Decimal(self.cleaned_data[field]) / 100) for field in COMPLETENESS_WEIGHTS}


@require_http_methods(["GET", "POST"])
def completeness(request: HttpRequest) -> HttpResponse:
    """Show the weights and who set them when; take new ones, or the defaults back."""
    if request.method == "POST" and "default" in request.POST:
        weights_save(COMPLETENESS_WEIGHTS, by=signed_in(request).pk, now=utc_now())
        toast(request, _("已恢复默认权重，完整度随后重算。"))
        return redirect("data:data")
    form = WeightsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        weights_save(form.shares(), by=signed_in(request).pk, now=utc_now())
        toast(request, _("权重已保存，完整度随后重算。"))
        return redirect("data:data")
    context = {
        "form": form,
        "newest": completeness_weights_newest(),
        "is_default": completeness_weights() == COMPLETENESS_WEIGHTS,
    }
    return render(request, "data/completeness.html", context, status=422 if form.errors else 200)
