"""The tag dictionary: search it, export it, define a tag, change the scenarios and the weights of a power."""

import csv
import io
import re
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from huitou.apps.accounts.queries import request_viewer, users_all
from huitou.apps.base.clock import utc_now
from huitou.apps.base.jobs import plan_once
from huitou.apps.value import services
from huitou.apps.value.models import SCENARIOS
from huitou.apps.value.queries import TagLine, inference_lines, tag_dictionary
from huitou.apps.value.rules_in_force import formula_publish, formulas_in_force
from huitou.apps.value.scenarios import ScenarioRefused, scenario_categories, scenario_off, scenario_rules, scenario_save
from huitou.core.periods import business_date
from huitou.core.value.tags import Dimension, TagInvalid
from huitou.core.value.traits import WeightsInvalid
from huitou.web import words, words_tag
from huitou.web.lazy import LazyText
from huitou.web.pages.tag_changes import change_lines
from huitou.web.policy import may_open
from huitou.web.toasts import toast

LONGEST_TERM = 60
_CODE = re.compile(r"[a-z][a-z0-9_]{1,31}")


@require_GET
def tags(request: HttpRequest) -> HttpResponse:
    """Show the dictionary, cut to a search term and a dimension."""
    return _page(request)


@require_GET
def tags_export(request: HttpRequest) -> HttpResponse:
    """Give the dictionary as a CSV file: definitions and counts, no persons."""
    language = get_language() or "zh-hans"
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([
        _("代码"), _("标签"), _("维度"), _("类型"), _("定义"), _("负责人"), _("更新"), _("有值人数"), _("总人数"), _("截至"),
    ])  # fmt: skip
    for line in tag_dictionary(now=utc_now(), names=user_names()):
        writer.writerow([
            line.code, line.label.text(language), words.word(words_tag.TAG_DIMENSIONS, line.dimension),
            words.word(words_tag.TAG_KINDS, line.kind), line.definition.text(language), line.owner.text(language),
            line.refresh.text(language), "" if line.covered is None else line.covered, "" if line.total is None else line.total,
            "" if line.as_of is None else line.as_of.isoformat(),
        ])  # fmt: skip
    answer = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="tags.csv"'
    return answer


@require_POST
def tag_new(request: HttpRequest) -> HttpResponse:
    """Define a tag that people give."""
    code = request.POST.get("code", "").strip()
    if not _CODE.fullmatch(code):
        return _page(request, refusal=_("代码用小写字母开头，2 至 32 个小写字母、数字或下划线。"))
    try:
        services.tag_define(
            code=code,
            name=request.POST.get("name", ""),
            dimension=request.POST.get("dimension", ""),
            definition=request.POST.get("definition", ""),
            owner_id=request_viewer(request).user_id,
            now=utc_now(),
        )
    except TagInvalid as invalid:
        return _page(request, refusal=str(words.word(words_tag.TAG_REFUSALS, invalid.reason)))
    toast(request, _("标签已建立"))
    return redirect("tags:list")


@require_POST
def formula_save(request: HttpRequest, code: str) -> HttpResponse:
    """Put new weights of a power in force."""
    weights = formulas_in_force().get(code)
    if weights is None:
        raise Http404(f"no formula {code!r}")
    try:
        given = {name: float(request.POST.get(name, "")) / 100 for name in weights}
        formula_publish(code=code, weights=given, author_id=request_viewer(request).user_id, now=utc_now())
    except (ValueError, WeightsInvalid):
        return _page(request, refusal=_("每个权重填 0 至 100 的数，合计要正好 100。"))
    plan_once("value.run", now=utc_now())
    toast(request, _("权重已保存，正在重算所有人"))
    return redirect("tags:list")


@require_POST
def interest(request: HttpRequest, person_id: int) -> HttpResponse:
    """Note an interest of a person."""
    try:
        services.interest_note(
            viewer=request_viewer(request), person_id=person_id, text=request.POST.get("note", ""), now=utc_now()
        )
    except services.TagRefused as refused:
        if refused.reason == "not_found":
            raise Http404(f"no person {person_id} in reach") from refused
        toast(request, str(words.word(words_tag.TAG_REFUSALS, refused.reason)))
    else:
        toast(request, _("兴趣已记下"))
    return redirect("customers:person", person_id)


@require_POST
def tag_off(request: HttpRequest, person_id: int, tag_id: int) -> HttpResponse:
    """Take a given tag away from a person."""
    try:
        services.tag_remove(viewer=request_viewer(request), person_id=person_id, tag_id=tag_id, now=utc_now())
    except services.TagRefused as refused:
        raise Http404(str(refused)) from refused
    toast(request, _("标签已取下"), undo_url=reverse("tags:restore", args=[person_id, tag_id]))
    return redirect("customers:person", person_id)


@require_POST
def tag_on(request: HttpRequest, person_id: int) -> HttpResponse:
    """Give a person a defined tag, until a day or for good."""
    try:
        expires_on = date.fromisoformat(text) if (text := request.POST.get("expires_on", "").strip()) else None
        tag = services.tag_give(
            viewer=request_viewer(request), person_id=person_id, code=request.POST.get("code", ""), now=utc_now(),
            expires_on=expires_on,
        )  # fmt: skip
    except ValueError:
        messages.error(request, _("日期写成 2026-12-31 的样子。"))
    except services.TagRefused as refused:
        if refused.reason == "not_found":
            raise Http404(f"no person {person_id} in reach") from refused
        messages.error(request, str(words.word(words_tag.TAG_REFUSALS, refused.reason)))
    else:
        toast(request, _("标签已加上"), undo_url=reverse("tags:off", args=[person_id, tag.pk]))
    return redirect("customers:person", person_id)


@require_POST
def tag_back(request: HttpRequest, person_id: int, tag_id: int) -> HttpResponse:
    """Bring back a tag that was taken away a moment ago."""
    try:
        services.tag_restore(viewer=request_viewer(request), person_id=person_id, tag_id=tag_id, now=utc_now())
    except services.TagRefused as refused:
        raise Http404(str(refused)) from refused
    toast(request, _("标签已恢复"))
    return redirect("customers:person", person_id)


@require_POST
def inference(request: HttpRequest, code: str) -> HttpResponse:
    """Switch the inference of an attribute."""
    is_on = request.POST.get("do") == "on"
    try:
        services.inference_switch(viewer=request_viewer(request), attribute_code=code, is_on=is_on, now=utc_now())
    except services.InferenceNotSwitched as refused:
        raise Http404(str(refused)) from refused
    toast(request, _("推断已打开，算完就显示") if is_on else _("推断已关闭，推断出的值已删除"))
    return redirect("tags:list")


@require_GET
def scenarios(request: HttpRequest) -> HttpResponse:
    """Show the rules that baskets are read by."""
    return _scenarios(request)


@require_POST
def scenario_keep(request: HttpRequest) -> HttpResponse:
    """Put a rule in force, or switch one off."""
    code, author, now = request.POST.get("code", "").strip(), request_viewer(request).user_id, utc_now()
    try:
        if request.POST.get("do") == "off":
            scenario_off(code=code, author_id=author, now=now)
        else:
            scenario_save(code=code, author_id=author, now=now, **_scenario_fields(request))
    except ScenarioRefused as refused:
        return _scenarios(request, refusal=str(words.word(words_tag.SCENARIO_REFUSALS, refused.reason)))
    toast(request, _("规则已保存，正在重算所有人"))
    return redirect("tags:scenarios")


def _scenario_fields(request: HttpRequest) -> dict[str, Any]:
    """Return what the form says. Raises ScenarioRefused on what is no number."""
    paths = [part.strip() for part in re.split(r"[、，,\n]", request.POST.get("paths", "")) if part.strip()]
    try:
        first, last = (request.POST.get(name, "").strip() for name in ("from_hour", "to_hour"))
        hours = list(range(int(first), int(last) + 1)) if first or last else None
        orders, days = int(request.POST.get("orders", "")), int(request.POST.get("days", ""))
    except ValueError as error:
        raise ScenarioRefused("bad_numbers") from error
    if hours == []:
        raise ScenarioRefused("bad_numbers")
    return {"name": request.POST.get("name", ""), "paths": paths, "hours": hours, "orders": orders, "days": days}


def _scenarios(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    covered = {line.code: line.covered for line in tag_dictionary(now=utc_now(), names={})}
    context = {
        "rules": [
            (rule, covered.get(f"scenario_{rule.code}"), bool(scenario_categories(rule.paths))) for rule in scenario_rules()
        ],
        "most": SCENARIOS,
        "may_edit": may_open("tags:scenario_keep", request_viewer(request).role_code),
        "refusal": refusal,
    }
    return render(request, "value/scenarios.html", context, status=422 if refusal else 200)


def user_names() -> dict[int, str]:
    """Return what the staff are called, by id."""
    return {one.pk: one.display_name or one.username for one in users_all()}


def _page(request: HttpRequest, *, refusal: str = "") -> HttpResponse:
    viewer = request_viewer(request)
    term = request.GET.get("q", "").strip()[:LONGEST_TERM]
    dimension = request.GET.get("dimension", "")
    base = reverse("customers:list")
    may_list = may_open("customers:list", viewer.role_code)
    names = user_names()
    lines = [
        line for line in tag_dictionary(now=utc_now(), names=names) if _matches(line, term) and dimension in ("", line.dimension)
    ]
    context = {
        "rows": [(line, f"{base}?f={line.condition}" if may_list and line.condition else "") for line in lines],
        "term": term,
        "dimension": dimension,
        "dimensions": [(one.value, words_tag.TAG_DIMENSIONS[one.value]) for one in Dimension],
        "formulas": [(code, words_tag.FORMULAS[code], _parts(weights)) for code, weights in formulas_in_force().items()],
        "may_edit": may_open("tags:new", viewer.role_code),
        "inferences": inference_lines(today=business_date(utc_now())),
        "may_infer": may_open("tags:inference", viewer.role_code),
        "changes": change_lines(viewer, names),
        "refusal": refusal,
    }
    return render(request, "value/tags.html", context, status=422 if refusal else 200)


def _matches(line: TagLine, term: str) -> bool:
    texts = (line.code, line.label.zh, line.label.en, line.definition.zh, line.definition.en)
    return not term or any(term.lower() in text.lower() for text in texts)


def _parts(weights: dict[str, float]) -> list[tuple[str, LazyText, str]]:
    """Return the parts of a formula by name, word and percent."""
    return [(name, words.word(words_tag.FORMULA_PARTS, name), f"{weight * 100:g}") for name, weight in weights.items()]
