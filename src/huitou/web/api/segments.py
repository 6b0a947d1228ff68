"""Segments: the saved ones, the live count of a rule, and why one person is in it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Path, Router
from ninja.responses import Status

from huitou.apps.base.clock import utc_now
from huitou.apps.base.scope import Viewer
from huitou.apps.segments import queries
from huitou.apps.segments.counting import Counting, counting
from huitou.apps.segments.explain import Explained, explained
from huitou.apps.segments.models import Segment
from huitou.apps.segments.preview import preview
from huitou.apps.segments.problems import problem_parts
from huitou.apps.segments.services import NameTaken, RuleEmpty, segment_create
from huitou.core.filters.json_form import FilterError, dump, parse
from huitou.core.filters.schema import json_schema
from huitou.core.filters.tree import Node
from huitou.warehouse.reader import NothingPublished
from huitou.web.api.access import Guard
from huitou.web.api.once import once
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.segments import (
    BreakdownOut,
    CountOut,
    OverlapOut,
    PartOut,
    PreviewOut,
    RuleIn,
    SegmentIn,
    SegmentOut,
    SegmentsOut,
    SegmentWhyOut,
)
from huitou.web.api.shared import answers, caller_of

router = Router(tags=["segments"])
SegmentId = Annotated[int, Path(ge=1, le=2**53 - 1)]
PersonId = Annotated[int, Path(ge=1, le=2**53 - 1)]


@router.get("/segments", response=answers(SegmentsOut), auth=Guard("segments_list"), url_name="segments_list")
def segments_list(request: HttpRequest) -> SegmentsOut:
    """List the segments that are not archived, by name, with the members in reach."""
    viewer = caller_of(request).viewer
    return SegmentsOut(items=[_out(segment, members) for segment, members in _with_members(viewer, list(queries.segments()))])


@router.post("/segments", response=answers(SegmentOut, status=201), auth=Guard("segment_post"), url_name="segment_post")
def segment_post(request: HttpRequest, body: SegmentIn) -> Status[Any]:
    """Save version 1 of a new segment; send an Idempotency-Key. Members are calculated within a minute."""
    caller = caller_of(request)

    def call() -> tuple[int, Any]:
        try:
            segment = segment_create(viewer=caller.viewer, name=body.name, rule=body.rule, note=body.note, now=utc_now())
        except FilterError as error:
            raise Problem(400, str(error)) from error
        except RuleEmpty as error:
            raise Problem(422, "the rule asks nothing: it would be everybody") from error
        except NameTaken as error:
            raise Problem(409, "another segment has this name") from error
        return 201, _out(segment, None).model_dump(mode="json")

    return once(request, caller, "segment_post", call, body=request.body)


@router.get("/segments/schema", response=answers(dict[str, Any]), auth=Guard("segments_schema"), url_name="segments_schema")
def segments_schema(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON schema of the rules that the caller may write."""
    with _desk(caller_of(request).viewer) as desk:
        return json_schema(desk.catalogue)


@router.post("/segments/count", response=answers(CountOut), auth=Guard("segments_count"), url_name="segments_count")
def segments_count(request: HttpRequest, body: RuleIn) -> CountOut:
    """Count the persons in reach that match a rule, at the version readers see."""
    started = time.perf_counter()
    with _desk(caller_of(request).viewer) as desk:
        count = desk.count(_rule(body.rule, desk))
        return CountOut(
            persons=count.persons, everybody=count.everybody, version=desk.reading.version.number, as_of=desk.reading.as_of,
            milliseconds=round((time.perf_counter() - started) * 1000, 1),
        )  # fmt: skip


@router.post("/segments/preview", response=answers(PreviewOut), auth=Guard("segments_preview"), url_name="segments_preview")
def segments_preview(request: HttpRequest, body: RuleIn) -> PreviewOut:
    """Return counts of every condition, what the matching persons are made of, and what other segments they are in."""
    viewer = caller_of(request).viewer
    with _desk(viewer) as desk:
        found = preview(desk, viewer, _rule(body.rule, desk), seed=body.seed, language=get_language() or "zh-hans")
    return PreviewOut(
        persons=found.count.persons, everybody=found.count.everybody, alone=list(found.alone), running=list(found.running),
        sample=list(found.sample), net_365d_fen=found.net_365d_fen, stores=found.stores,
        breakdowns=[
            BreakdownOut(field=one.field.name, parts=[PartOut(code=part.code, persons=part.persons) for part in one.parts])
            for one in found.breakdowns
        ],
        overlaps=[OverlapOut(segment_id=one.segment_id, name=one.name, shared=one.shared) for one in found.overlaps],
    )  # fmt: skip


@router.get("/segments/{segment_id}", response=answers(SegmentOut), auth=Guard("segment_get"), url_name="segment_get")
def segment_get(request: HttpRequest, segment_id: SegmentId) -> SegmentOut:
    """Return one segment with its rule."""
    viewer = caller_of(request).viewer
    segment = queries.segment_of(segment_id)
    if segment is None:
        raise Problem(404, "there is no such segment")
    ((_segment, members),) = _with_members(viewer, [segment])
    return _out(segment, members)


@router.get(
    "/segments/{segment_id}/why/{person_id}", response=answers(SegmentWhyOut), auth=Guard("segment_why"), url_name="segment_why"
)
def segment_why(request: HttpRequest, segment_id: SegmentId, person_id: PersonId) -> SegmentWhyOut:
    """Return each part of the rule with whether it holds for a person and what the person's value is."""
    viewer = caller_of(request).viewer
    segment = queries.segment_of(segment_id)
    if segment is None:
        raise Problem(404, "there is no such segment")
    with _desk(viewer) as desk:
        found = explained(desk, viewer, _rule(queries.rule_of(segment), desk), person_id)
    if found is None:
        raise Problem(404, "there is no such person in reach")
    return _why(found)


@contextmanager
def _desk(viewer: Viewer) -> Iterator[Counting]:
    try:
        with counting(viewer, now=utc_now()) as desk:
            yield desk
    except NothingPublished as error:
        raise Problem(409, "nothing has been built yet", retry_after=60) from error


def _rule(rule: object, desk: Counting) -> Node:
    try:
        return parse(rule, desk.catalogue)
    except (FilterError, RecursionError) as error:
        raise Problem(400, str(error)) from error


def _with_members(viewer: Viewer, found: list[Segment]) -> list[tuple[Segment, int | None]]:
    """Return the segments with their members in reach; the store is read only where there are any."""
    if not any(segment.refresh_id for segment in found):
        return [(segment, None) for segment in found]
    with _desk(viewer) as desk:
        return [(segment, queries.members_in_reach(desk, viewer, segment)) for segment in found]


def _out(segment: Segment, members: int | None) -> SegmentOut:
    refresh = queries.last_refresh(segment)
    code, name = problem_parts(segment.problem)
    return SegmentOut(
        id=segment.pk, name=segment.name, note=segment.note, version=segment.version_number, rule=queries.rule_of(segment),
        members=members, as_of=refresh.as_of if refresh else None,
        refreshed_at=refresh.ended_at if refresh else None, list_hash=refresh.list_hash if refresh else "",
        problem=code, problem_place=name,
    )  # fmt: skip


def _why(part: Explained) -> SegmentWhyOut:
    value = part.value if isinstance(part.value, bool | int | float | str) or part.value is None else part.value.isoformat()
    return SegmentWhyOut(holds=part.holds, rule=dump(part.node), value=value, parts=[_why(one) for one in part.parts])
