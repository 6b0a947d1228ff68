"""Save a segment: every new rule is a version, none is ever changed."""

from datetime import datetime
from typing import Any as Json

from django.db import IntegrityError, transaction

from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.segments.catalogue import segment_catalogue
from huitou.apps.segments.models import Segment, SegmentVersion
from huitou.core.filters.json_form import dump, parse
from huitou.core.filters.tree import EVERYTHING


class NameTaken(Exception):
    """Another segment has this name."""


class RuleEmpty(Exception):
    """The rule asks nothing: it would be everybody."""


def segment_create(*, viewer: Viewer, name: str, rule: Json, note: str = "", now: datetime) -> Segment:
    """
    Save version 1 of a new segment and plan its calculation.

    rule: decoded JSON. Raises FilterError on a rule that the viewer's catalogue does not know, RuleEmpty, NameTaken.
    """
    checked = _checked(viewer, rule)
    try:
        with transaction.atomic():
            segment = Segment.objects.create(
                name=name.strip(), note=note.strip(), owner_id=viewer.user_id, created_at=now, updated_at=now
            )
            _version(segment, 1, checked, "", viewer, now)
    except IntegrityError as error:
        raise NameTaken(name) from error
    return segment


def segment_save(
    *, viewer: Viewer, segment: Segment, name: str, rule: Json, note: str = "", change_note: str = "", now: datetime
) -> Segment:
    """
    Save name and note, and the rule as the next version when it differs from the one in force.

    Raises as segment_create.
    """
    checked = _checked(viewer, rule)
    try:
        with transaction.atomic():
            locked = Segment.objects.select_for_update().get(pk=segment.pk)
            locked.name, locked.note, locked.updated_at = name.strip(), note.strip(), now
            current = SegmentVersion.objects.get(segment=locked, number=locked.version_number)
            if current.rule != checked:
                locked.version_number += 1
                _version(locked, locked.version_number, checked, change_note.strip(), viewer, now)
            locked.save(update_fields=["name", "note", "updated_at", "version_number"])
    except IntegrityError as error:
        raise NameTaken(name) from error
    return locked


@transaction.atomic
def segment_archive(*, viewer: Viewer, segment: Segment, now: datetime) -> None:
    """Take a segment out of the list and out of every refresh; versions and memberships stay."""
    Segment.objects.filter(pk=segment.pk, archived_at=None).update(archived_at=now, updated_at=now)
    audit_record(action_code="segment.archived", subject_kind="segment", subject_id=segment.pk, user_id=viewer.user_id, now=now)


def _checked(viewer: Viewer, rule: Json) -> Json:
    node = parse(rule, segment_catalogue(viewer))
    if node == EVERYTHING:
        raise RuleEmpty
    return dump(node)


def _version(segment: Segment, number: int, rule: Json, note: str, viewer: Viewer, now: datetime) -> None:
    SegmentVersion.objects.create(segment=segment, number=number, rule=rule, note=note, author_id=viewer.user_id, created_at=now)
    audit_record(
        action_code="segment.saved",
        subject_kind="segment",
        subject_id=segment.pk,
        user_id=viewer.user_id,
        now=now,
        version=number,
    )
    jobs.plan_once("segments.refresh", now=now, segment_id=segment.pk)
