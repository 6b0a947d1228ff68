"""Segments: the list, the builder with its live answers, why one person is in or not."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huitou.apps.accounts.models import User
from huitou.apps.accounts.queries import request_viewer
from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_found
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.customers.queries.person import person_file
from huitou.apps.segments import queries
from huitou.apps.segments.catalogue import reference_names, segment_catalogue
from huitou.apps.segments.counting import Counting, counting
from huitou.apps.segments.explain import explained
from huitou.apps.segments.models import Segment, SegmentRefresh
from huitou.apps.segments.preview import preview
from huitou.apps.segments.problems import MISSING, problem_parts
from huitou.apps.segments.services import NameTaken, RuleEmpty, segment_archive, segment_create, segment_save
from huitou.apps.segments.warming import warm_up
from huitou.apps.value.queries import tiers_in
from huitou.apps.value.schemes import InForce, schemes_in_force
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError, dump, leaves_of, parse
from huitou.core.filters.tree import EVERYTHING, Condition, Node, Operator
from huitou.core.filters.url_form import from_url, to_url
from huitou.core.value.scheme import Tier
from huitou.warehouse.reader import NothingPublished
from huitou.web.pages.segment_editor import builder_data
from huitou.web.pages.segment_trend import segment_trend
from huitou.web.pages.segment_words import WhyPart, because, why_part
from huitou.web.policy import SEGMENT_EDITORS
from huitou.web.toasts import toast

LONGEST_TERM = 100
LONGEST_RULE = 60_000
NOTHING_YET = '{"all": []}'


@dataclass(frozen=True, slots=True)
class ListRow:
    """One segment in the list; members None before the first calculation."""

    segment: Segment
    owner: str
    members: int | None
    refresh: SegmentRefresh | None
    problem: str


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One person of the sample, masked for the viewer, with what brought the person in. tier: of the first scheme in force."""

    person_id: int
    name: str
    phone: str
    last_date: Any
    tier: Tier | None
    clv_fen: int | None
    because: str


@require_GET
def segments(request: HttpRequest) -> HttpResponse:
    """List the segments with their members in reach."""
    viewer = request_viewer(request)
    found = list(queries.segments())
    owners = _user_names({segment.owner_id for segment in found})
    members: Mapping[int, int | None] = {}
    if any(segment.refresh_id for segment in found):
        with counting(viewer, now=utc_now()) as desk:
            members = {segment.pk: queries.members_in_reach(desk, viewer, segment) for segment in found}
    rows = [
        ListRow(one, owners.get(one.owner_id, "—"), members.get(one.pk), queries.last_refresh(one), problem_sentence(one.problem))
        for one in found
    ]
    return render(request, "segments/list.html", {"rows": rows, "may_edit": _may_edit(viewer)})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Build a new segment; `f` is the filter of a list of customers to begin with."""
    viewer = request_viewer(request)
    if request.method == "POST":
        return _save(request, viewer, None)
    begun = {"name": "", "note": "", "rule": NOTHING_YET}
    error = ""
    try:
        begun["rule"] = json.dumps(dump(from_url(request.GET.get("f", ""), segment_catalogue(viewer))), ensure_ascii=False)
    except FilterError:
        error = _("列表的条件里有人群不能用的，没有带过来。")
    return _builder(request, viewer, None, posted=begun, error=error)


@require_http_methods(["GET", "POST"])
def segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Show one segment in the builder; a changed rule is saved as the next version."""
    viewer = request_viewer(request)
    found = _found(segment_id)
    if request.method == "GET":
        return _builder(request, viewer, found)
    if not _may_edit(viewer):
        raise Http404
    return _save(request, viewer, found)


@require_POST
def archive(request: HttpRequest, segment_id: int) -> HttpResponse:
    """Take a segment out of the list; versions and memberships stay."""
    found = _found(segment_id)
    segment_archive(viewer=request_viewer(request), segment=found, now=utc_now())
    toast(request, _("「{name}」已归档。").format(name=found.name))
    return redirect("segments:list")


@require_POST
def live(request: HttpRequest) -> HttpResponse:
    """Answer the rule as it stands in the editor; nothing (204) while a condition is not filled in."""
    viewer = request_viewer(request)
    started = time.perf_counter()
    segment_id = request.POST.get("segment", "")
    try:
        with counting(viewer, now=utc_now()) as desk:
            node = posted_rule(request, desk.catalogue)
            if not leaves_of(node):
                return render(request, "segments/live.html", {"preview": None})
            language = get_language() or "zh-hans"
            without = int(segment_id) if segment_id.isdecimal() else None
            found = preview(desk, viewer, node, seed=_seed(request), language=language, without=without)
            before, scheme = _members(desk, viewer, without), next(iter(schemes_in_force()), None)
            context = {
                "preview": found,
                "milliseconds": max(1, round((time.perf_counter() - started) * 1000)),
                "share": found.count.persons / found.count.everybody if found.count.everybody else None,
                "sample": _sample(desk, viewer, node, found.sample, scheme),
                "scheme": scheme and scheme.scheme.label,
                "as_of": desk.reading.as_of,
                "version": desk.reading.version.number,
                "change": None if before is None else found.count.persons - before,
            }
    except FilterError:
        return HttpResponse(status=204)
    except NothingPublished:
        return render(request, "segments/live.html", {"preview": None, "is_unbuilt": True})
    return render(request, "segments/live.html", context)


@require_POST
def why(request: HttpRequest) -> HttpResponse:
    """Tell why one person matches the rule in the editor or not. A POST: what a person is searched by is personal."""
    viewer = request_viewer(request)
    person_id, problem = _asked_person(viewer, request)
    card = person_file(viewer, person_id) if person_id else None
    context: dict[str, Any] = {"problem": problem, "card": card}
    if card is not None:
        try:
            with counting(viewer, now=utc_now()) as desk:
                node = posted_rule(request, desk.catalogue)
                found = explained(desk, viewer, node, card.person_id)
                if found is None:
                    context["problem"] = _("这位客户还不在已发布的版本里，下一次构建后再看。")
                else:
                    context["part"] = _words(desk, viewer, node, found)
        except FilterError:
            context["problem"] = _("规则还没有填完。")
        except NothingPublished:
            context["problem"] = _("还没有发布任何版本。")
    return render(request, "segments/why.html", context)


def problem_sentence(problem: str) -> str:
    """Return why the last calculation was refused, as a sentence; empty when it was not."""
    if not problem:
        return ""
    code, name = problem_parts(problem)
    if code == MISSING:
        return _("规则用到的「{name}」已经没有了，名单停在上一次的结果。改掉这一条再保存。").format(name=name)
    return _("规则里有一个值已经不能用了（{place}），名单停在上一次的结果。改掉这一条再保存。").format(place=name)


def _builder(
    request: HttpRequest, viewer: Viewer, found: Segment | None, *, posted: Mapping[str, str] | None = None, error: str = ""
) -> HttpResponse:
    warm_up()
    rule = NOTHING_YET if found is None else json.dumps(queries.rule_of(found), ensure_ascii=False)
    rule = posted["rule"] if posted else rule
    sees_all = viewer.store_ids is None  # the list is the chain's: its sums are not for who stands for some stores
    log = list(queries.refreshes_of(found)) if found and sees_all else []
    last = queries.last_refresh(found) if found else None
    context = {
        "segment": found,
        "name": posted["name"] if posted else (found.name if found else ""),
        "note": posted["note"] if posted else (found.note if found else ""),
        "rule": rule,
        "error": error,
        "problem": problem_sentence(found.problem) if found else "",
        "data": builder_data(viewer, _readable(viewer, rule)),
        "versions": list(queries.versions_of(found)) if found else [],
        "users": _user_names({one.author_id for one in queries.versions_of(found)} | {found.owner_id}) if found else {},
        "log": log,
        "last": last,
        "trend": segment_trend(found, last) if found and sees_all else None,
        "sees_all": sees_all,
        "next_version": found.version_number + 1 if found else 1,
        "list_query": to_url(Condition("segment", Operator.EQ, found.pk)) if found else "",
        "may_edit": _may_edit(viewer),
    }
    return render(request, "segments/builder.html", context, status=422 if error else 200)


def _readable(viewer: Viewer, rule: str) -> Node:
    """Return the rule that stands in the editor, EVERYTHING for one that cannot be read."""
    try:
        return parse(json.loads(rule), segment_catalogue(viewer))
    except (FilterError, ValueError, RecursionError):
        return EVERYTHING


def _save(request: HttpRequest, viewer: Viewer, found: Segment | None) -> HttpResponse:
    names = ("name", "note", "rule", "change_note")
    posted = {name: request.POST.get(name, "").strip()[:LONGEST_RULE] for name in names}
    error = ""
    if not 0 < len(posted["name"]) <= 60:
        error = _("给人群起个名字，60 个字以内。")
    elif len(posted["note"]) > 400 or len(posted["change_note"]) > 200:
        error = _("说明太长了。")
    else:
        try:
            saved = _saved(viewer, found, posted)
        except (FilterError, ValueError):
            error = _("有一个条件还没有填完，或者用到了你不能用的字段。")
        except RuleEmpty:
            error = _("规则是空的，等于所有客户。至少加一个条件。")
        except NameTaken:
            error = _("已经有叫这个名字的人群了，换一个名字。")
    if error:
        return _builder(request, viewer, found, posted=posted, error=error)
    if found is not None and saved.version_number == found.version_number:
        toast(request, _("已保存，规则没有变。"))
    else:
        toast(request, _("已保存为第 {number} 版，名单一分钟内算好。").format(number=saved.version_number))
    return redirect("segments:segment", saved.pk)


def _saved(viewer: Viewer, found: Segment | None, posted: Mapping[str, str]) -> Segment:
    rule = json.loads(posted["rule"])
    now = utc_now()
    if found is None:
        return segment_create(viewer=viewer, name=posted["name"], rule=rule, note=posted["note"], now=now)
    return segment_save(
        viewer=viewer, segment=found, name=posted["name"], rule=rule, note=posted["note"], change_note=posted["change_note"],
        now=now,
    )  # fmt: skip


def posted_rule(request: HttpRequest, catalogue: Catalogue) -> Node:
    """Return the rule of the editor; without an editor that of the named segment. Raises FilterError on one that is none."""
    text, segment_id = request.POST.get("rule", ""), request.POST.get("segment", "")
    if not text and segment_id.isdecimal() and len(segment_id) < 16:
        return parse(queries.rule_of(_found(int(segment_id))), catalogue)
    try:
        return parse(json.loads(text[:LONGEST_RULE]), catalogue)
    except (ValueError, RecursionError) as error:
        raise FilterError("$", "no JSON") from error


def _sample(
    desk: Counting, viewer: Viewer, node: Node, person_ids: tuple[int, ...], scheme: InForce | None
) -> list[SampleRow]:  # fmt: skip
    rows = []
    tiers = tiers_in(viewer, person_ids, scheme)
    for person_id in person_ids:
        card = person_file(viewer, person_id)
        found = explained(desk, viewer, node, person_id)
        if card is None or found is None:
            continue
        facts = published_facts(viewer, person_id)
        phone = card.fields.get("phone")
        tier, clv_fen = tiers.get(person_id, (None, None))
        rows.append(
            SampleRow(
                person_id=person_id,
                name=card.name,
                phone=phone.text if phone else "",
                last_date=facts.last_date if facts else None,
                tier=tier,
                clv_fen=clv_fen,
                because=because(_words(desk, viewer, node, found), language=get_language() or "zh-hans"),
            )
        )
    return rows


def _words(desk: Counting, viewer: Viewer, node: Node, found: Any) -> WhyPart:
    return why_part(
        node, found, desk.catalogue, as_of=desk.reading.as_of, language=get_language() or "zh-hans", names=reference_names(viewer)
    )


def _asked_person(viewer: Viewer, request: HttpRequest) -> tuple[int | None, str]:
    """Return the person that was asked for, by id (from the sample) or by a search that finds exactly one."""
    person_id = request.POST.get("person", "")
    if person_id.isdecimal() and len(person_id) < 16:
        return int(person_id), ""
    term = request.POST.get("term", "").strip()[:LONGEST_TERM]
    found = persons_found(viewer, term, limit=2) if term else []
    if len(found) == 1:
        return found[0].person_id, ""
    if not term:
        return None, _("输入手机号、卡号或姓名。")
    return None, _("没有找到这位客户。") if not found else _("找到不止一位，用手机号或卡号再找。")


def _members(desk: Counting, viewer: Viewer, segment_id: int | None) -> int | None:
    found = queries.segment_of(segment_id) if segment_id else None
    return None if found is None else queries.members_in_reach(desk, viewer, found)


def _seed(request: HttpRequest) -> int:
    text = request.POST.get("seed", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _found(segment_id: int) -> Segment:
    found = queries.segment_of(segment_id)
    if found is None:
        raise Http404
    return found


def _may_edit(viewer: Viewer) -> bool:
    return SEGMENT_EDITORS.roles is not None and viewer.role_code in SEGMENT_EDITORS.roles


def _user_names(user_ids: set[int]) -> dict[int, str]:
    return {user.pk: user.display_name or user.username for user in User.objects.filter(pk__in=user_ids)}
