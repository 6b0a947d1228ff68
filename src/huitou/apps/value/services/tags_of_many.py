"""A tag for many persons at once: given, taken away, and undone as a whole."""

from collections.abc import Collection, Iterator
from datetime import date, datetime

from django.db import transaction

from huitou.apps.accounts.roles import Role
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.pace import Pace
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonTag, TagChange
from huitou.apps.value.services.tags import TagRefused, tag_check

GIVERS = frozenset({Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.REGION_MANAGER, Role.STORE_MANAGER})
MOST_AT_ONCE = 100_000  # about ten seconds; a larger group is a segment, which needs no tag
_COLUMNS = ("person_id", "given_to_id", "tag_code", "author_id", "given_at", "expires_on", "is_current", "given_in")
_IDS_PER_STATEMENT = 5_000


def tags_give(
    *, viewer: Viewer, person_ids: Collection[int], code: str, now: datetime, expires_on: date | None = None
) -> TagChange:
    """
    Give a defined tag to those of the persons whom the viewer reaches and who do not have it.

    In short transactions: cut short, the change tells how many were done and can be undone. Raises TagRefused: "role",
    "unknown", "past", "too_many", "nobody".
    """
    tag_check(code, expires_on, now)
    change, ids = _begun(viewer, person_ids, code, now, is_gift=True)
    for part in Pace().cut(ids):
        with transaction.atomic():
            has = PersonTag.objects.filter(person_id__in_list=part, tag_code=code, is_current=True)
            without = sorted(set(part) - set(has.values_list("person_id", flat=True)))
            rows = [(one, one, code, viewer.user_id, now, expires_on, True, change.pk) for one in without]
            _counted(change, rows_write(PersonTag, _COLUMNS, rows))
    return change


def tags_take(*, viewer: Viewer, person_ids: Collection[int], code: str, now: datetime) -> TagChange:
    """Take a tag from those of the persons whom the viewer reaches. Raises TagRefused: "role", "too_many", "nobody"."""
    change, ids = _begun(viewer, person_ids, code, now, is_gift=False)
    for part in Pace().cut(ids):
        with transaction.atomic():
            has = PersonTag.objects.filter(person_id__in_list=part, tag_code=code, is_current=True)
            _counted(change, has.update(is_current=False, taken_at=now, taken_by=viewer.user_id, taken_in=change.pk))
    return change


def tags_undo(*, viewer: Viewer, change_id: int, now: datetime) -> TagChange:
    """
    Undo one's own change, whoever the persons are now: what it gave goes, what it took comes back.

    Raises TagRefused: "role", "not_found" (no such change, or another user's), "undone" (by an earlier call).
    """
    if viewer.role_code not in GIVERS:
        raise TagRefused("role")
    with transaction.atomic():
        change = TagChange.objects.select_for_update().filter(pk=change_id, author_id=viewer.user_id).first()
        if change is None:
            raise TagRefused("not_found")
        if change.undone_at is not None:
            raise TagRefused("undone")
        change.undone_at, change.undone_by = now, viewer.user_id
        change.save(update_fields=["undone_at", "undone_by"])
        _audit("tags.undone", change, viewer, now)
    if change.is_gift:
        given = PersonTag.objects.filter(given_in=change.pk, is_current=True)
        for part in _parts(given.values_list("pk", flat=True)):
            PersonTag.objects.filter(pk__in_list=part).update(is_current=False, taken_at=now, taken_by=viewer.user_id)
    else:
        for part in _parts(PersonTag.objects.filter(taken_in=change.pk, is_current=False).values_list("pk", flat=True)):
            back = PersonTag.objects.filter(pk__in_list=part)
            back.update(is_current=True, taken_at=None, taken_by=None, taken_in=None)
    return change


def _begun(
    viewer: Viewer, person_ids: Collection[int], code: str, now: datetime, *, is_gift: bool
) -> tuple[TagChange, list[int]]:
    if viewer.role_code not in GIVERS:
        raise TagRefused("role")
    if len(person_ids) > MOST_AT_ONCE:
        raise TagRefused("too_many")
    reached = persons_in_reach(viewer)
    ids = [
        found
        for part in chunked(sorted(set(person_ids)), _IDS_PER_STATEMENT)
        for found in reached.filter(pk__in_list=part).order_by("pk").values_list("pk", flat=True)
    ]
    if not ids:
        raise TagRefused("nobody")
    with transaction.atomic():
        change = TagChange.objects.create(tag_code=code, is_gift=is_gift, author_id=viewer.user_id, asked=len(ids), made_at=now)
        _audit("tags.given" if is_gift else "tags.taken", change, viewer, now)
    return change, ids


def _counted(change: TagChange, rows: int) -> None:
    change.changed += rows
    change.save(update_fields=["changed"])


def _parts(ids: Collection[int]) -> Iterator[list[int]]:
    """Yield the ids as they stand now in chunks, each in a transaction of its own."""
    for part in Pace().cut(list(ids)):
        with transaction.atomic():
            yield part


def _audit(action: str, change: TagChange, viewer: Viewer, now: datetime) -> None:
    audit_record(
        action_code=action, subject_kind="tag_change", subject_id=change.pk, now=now, user_id=viewer.user_id,
        tag=change.tag_code, persons=change.asked,
    )  # fmt: skip
