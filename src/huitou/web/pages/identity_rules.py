"""Which source's value a person's file shows: the rule of every field, and the form that changes one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huitou.apps.accounts.queries import signed_in
from huitou.apps.base.clock import utc_now
from huitou.apps.identity.services import rule_save
from huitou.apps.identity.survivorship import rules_in_force
from huitou.core.identity.survivorship import DEFAULT_RULES, Criterion, FieldRule, RuleWrong
from huitou.web import words, words_identity, words_intake, words_person
from huitou.web.lazy import LazyText
from huitou.web.toasts import toast


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One field with its rule in words."""

    field: str
    label: LazyText
    order: list[LazyText]
    sources: list[LazyText]
    is_default: bool


class RuleForm(forms.Form):
    """One select per place: what decides first, second, ...; which source is trusted first, second, ..."""

    def __init__(self, data: object, *, name: str, rule: FieldRule) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        criteria = [one for one in Criterion if one is not Criterion.WHOLE or name == "name"]
        choices = [(one.value, words_identity.CRITERIA[one.value]) for one in criteria]
        self._places("order", _("第 {place} 看"), choices, [one.value for one in rule.order], len(criteria), _("不看"))
        sources = [(code, words.word(words_intake.SOURCES, code)) for code in words_intake.SOURCES]
        self._places("source", _("可信第 {place}"), sources, list(rule.sources), len(sources), _("不排"))

    def _places(
        self,
        prefix: str,
        label: str,
        choices: Sequence[tuple[str, LazyText]],
        chosen: Sequence[str],
        places: int,
        nothing: str,
    ) -> None:
        for place in range(places):
            first = chosen[place] if place < len(chosen) else ""
            self.fields[f"{prefix}_{place + 1}"] = forms.ChoiceField(
                label=label.format(place=place + 1), choices=[("", nothing), *choices], initial=first, required=False
            )

    def chosen(self, prefix: str) -> list[str]:
        """Return what was chosen, the first place first, empty places left out."""
        names = [name for name in self.fields if name.startswith(f"{prefix}_")]
        return [value for name in names if (value := self.cleaned_data[name])]


@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """List every field with what decides."""
    lines = [
        RuleLine(
            name,
            words.word(words_person.FIELDS, name),
            [words_identity.CRITERIA[criterion.value] for criterion in rule.order],
            [words.word(words_intake.SOURCES, code) for code in rule.sources],
            rule == DEFAULT_RULES[name],
        )
        for name, rule in rules_in_force().items()
    ]
    return render(request, "identity/rules.html", {"lines": lines})


@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, field: str) -> HttpResponse:
    """Change the rule of one field; all files are written again in the background."""
    if field not in DEFAULT_RULES:
        raise Http404(f"no field {field}")
    if request.method == "POST" and "default" in request.POST:
        default = DEFAULT_RULES[field]
        rule_save(
            field=field, order=default.order, sources=default.sources, by=signed_in(request).pk, now=utc_now()
        )  # fmt: skip
        toast(request, _("已恢复默认规则，档案随后重写。"))
        return redirect("identity:rules")
    form = RuleForm(request.POST or None, name=field, rule=rules_in_force()[field])
    if request.method == "POST" and form.is_valid():
        try:
            rule_save(
                field=field, order=form.chosen("order"), sources=form.chosen("source"), by=signed_in(request).pk, now=utc_now()
            )
        except RuleWrong as wrong:
            form.add_error(None, str(words_identity.RULE_PROBLEMS[wrong.problem]))
        else:
            toast(request, _("规则已保存，档案随后重写。"))
            return redirect("identity:rules")
    context = {
        "form": form,
        "label": words.word(words_person.FIELDS, field),
        "is_default": rules_in_force()[field] == DEFAULT_RULES[field],
        "orders": [form[name] for name in form.fields if name.startswith("order_")],
        "sources": [form[name] for name in form.fields if name.startswith("source_")],
    }
    return render(request, "identity/rule.html", context, status=422 if form.errors else 200)
