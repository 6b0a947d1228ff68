"""
A tag for many persons at once: given, taken away, and undone as a whole.

Few persons are done before the call returns, many by a job. Either way in parts: a part and its counts are one transaction, so a
kill in the middle loses no person and does none twice.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime

from django.db import transaction

from huitou.apps.accounts.queries import viewer_by_id
from huitou.apps.accounts.roles import Role
from huitou.apps.base import jobs
from huitou.apps.base.audit import audit_record
from huitou.apps.base.bulk import chunked, rows_write
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import persons_in_reach
from huitou.apps.value.models import PersonTag, TagChange, TagChangePart, TagDefinition
from huitou.apps.value.services.tags import TagRefused, tag_check

GIVERS = frozenset({Role.ADMIN, Role.MARKETER, Role.MANAGER, Role.REGION_MANAGER, Role.STORE_MANAGER})
MOST_AT_ONCE = 100_000  # a larger group is a segment, which needs no tag
PART = 500  # persons per transaction, about 50 ms; up to one part is done in the request
CHANGE_JOB, UNDO_JOB = "value.tags_of_many", "value.tags_undo"
_COLUMNS = ("person_id", "tag_code", "author_id", "given_at", "expires_on", "is_current", "given_in")

Progress = Callable[[int, int], None]  # persons done, of how many


def tags_give(
    *, viewer: Viewer, person_ids: Collection[int], code: str, now: datetime, expires_on: date | None = None
) -> TagChange:
    """
    Give a defined tag to those of the persons whom the viewer reaches and who do not have it.

    More than PART persons are left to a job: `ended_at` is None until it is through. Raises TagRefused: "role", "unknown",
    "past", "too_many", "nobody" (none of a single part is in reach).
    """
    tag_check(code, expires_on, now)
    return _begun(viewer, person_ids, code, now, is_gift=True, expires_on=expires_on)


def tags_take(*, viewer: Viewer, person_ids: Collection[int], code: str, now: datetime) -> TagChange:
    """Take a tag from those of the persons whom the viewer reaches; see `tags_give`. Raises TagRefused."""
    return _begun(viewer, person_ids, code, now, is_gift=False)


def change_run(*, change_id: int, now: datetime, progress: Progress) -> TagChange:
    """Do the parts that wait, with the reach that the author has now; a change that has ended is left alone."""
    author = viewer_by_id(TagChange.objects.values_list("author_id", flat=True).get(pk=change_id))
    while (change := _part_done(change_id, author, now)).ended_at is None:
        progress(change.asked - change.waiting, change.asked)
    return change


@transaction.atomic
def change_resume(*, viewer: Viewer, change_id: int, now: datetime) -> TagChange:
    """Let one's own change go on whose job failed. Raises TagRefused: "role", "not_found" (nothing of it waits, too)."""
    change = _own(viewer, change_id)
    if change.ended_at is not None:
        raise TagRefused("not_found")
    jobs.plan_once(CHANGE_JOB, now=now, change_id=change_id)
    return change


def tags_undo(*, viewer: Viewer, change_id: int, now: datetime) -> TagChange:
    """
    Undo one's own change, whoever the persons are now: what it gave goes, what it took comes back.

    A change whose job failed ends with it: the persons who wait are left as they are. A large one is undone by a job:
    `undo_ended_at` is None until it is through.
    Raises TagRefused: "role", "not_found" (no such change, or another user's), "running", "undone" (by an earlier call).
    """
    with transaction.atomic():
        change = _own(viewer, change_id)
        if change.undone_at is not None:
            raise TagRefused("undone")
        if change.ended_at is None:
            if jobs.is_waiting(CHANGE_JOB, change_id=change_id):
                raise TagRefused("running")
            TagChangePart.objects.filter(change=change).delete()
            change.ended_at = now
        change.undone_at, change.undone_by = now, viewer.user_id
        change.save(update_fields=["undone_at", "undone_by", "ended_at"])
        _audit("tags.undone", change, viewer.user_id, now)
        if change.changed > PART:
            jobs.plan(UNDO_JOB, now=now, change_id=change_id)
            return change
    return undo_run(change_id=change_id, now=now)


def undo_run(*, change_id: int, now: datetime, progress: Progress | None = None) -> TagChange:
    """Bring back what an undone change left, part by part; one that is through is left alone."""
    while (change := _part_undone(change_id, now)).undo_ended_at is None:
        if progress is not None:
            progress(change.undone, change.changed)
    return change


def _begun(
    viewer: Viewer, person_ids: Collection[int], code: str, now: datetime, *, is_gift: bool, expires_on: date | None = None
) -> TagChange:
    if viewer.role_code not in GIVERS:
        raise TagRefused("role")
    if len(person_ids) > MOST_AT_ONCE:
        raise TagRefused("too_many")
    ids = sorted(set(person_ids))
    with transaction.atomic():
        change = TagChange.objects.create(
            tag_code=code, is_gift=is_gift, author_id=viewer.user_id, expires_on=expires_on, asked=len(ids), made_at=now
        )
        TagChangePart.objects.bulk_create(TagChangePart(change=change, person_ids=part) for part in chunked(ids, PART))
        _audit("tags.given" if is_gift else "tags.taken", change, viewer.user_id, now)
        if len(ids) > PART:
            jobs.plan(CHANGE_JOB, now=now, change_id=change.pk)
            return change
        while change.ended_at is None:
            change = _part_done(change.pk, viewer, now)
        if change.refused == change.asked:
            raise TagRefused("nobody")
    return change


def _part_done(change_id: int, viewer: Viewer, now: datetime) -> TagChange:
    """Do one part that waits; without one, end the change."""
    with transaction.atomic():
        change = TagChange.objects.select_for_update().get(pk=change_id)
        part = TagChangePart.objects.filter(change=change).order_by("pk").first()
        if change.ended_at is not None or part is None:
            return _ended(change, now)
        # held until the part is written: two changes of one tag would not see each other's rows
        TagDefinition.objects.select_for_update().filter(code=change.tag_code).first()
        reached = persons_in_reach(viewer).filter(pk__in_list=part.person_ids) if viewer.role_code in GIVERS else None
        ids = set() if reached is None else set(reached.values_list("pk", flat=True))
        standing = PersonTag.objects.filter(person_id__in_list=sorted(ids), tag_code=change.tag_code, is_current=True)
        holders = set(standing.values_list("person_id", flat=True))
        hit = ids - holders if change.is_gift else holders
        if change.is_gift:
            rows = [
                (one, change.tag_code, change.author_id, change.made_at, change.expires_on, True, change_id)
                for one in sorted(hit)
            ]
            rows_write(PersonTag, _COLUMNS, rows)
        else:
            standing.update(is_current=False, taken_at=change.made_at, taken_by=change.author_id, taken_in=change_id)
        _counts_kept(change, part, changed=len(hit), had=len(ids) - len(hit))
    return change


def _counts_kept(change: TagChange, part: TagChangePart, *, changed: int, had: int) -> None:
    """Count what came of a part, and let it go."""
    change.changed += changed
    change.had += had
    change.refused += len(part.person_ids) - changed - had
    change.save(update_fields=["changed", "had", "refused"])
    part.delete()


def _ended(change: TagChange, now: datetime) -> TagChange:
    if change.ended_at is None:
        change.ended_at = now
        change.save(update_fields=["ended_at"])
        _audit("tags.ended", change, change.author_id, now, changed=change.changed, had=change.had, refused=change.refused)
    return change


def _part_undone(change_id: int, now: datetime) -> TagChange:
    """Undo one part of what is left; without any, end the undoing."""
    with transaction.atomic():
        change = TagChange.objects.select_for_update().get(pk=change_id)
        if change.undo_ended_at is not None:
            return change
        if change.is_gift:
            left = PersonTag.objects.filter(given_in=change_id, is_current=True)
        else:
            left = PersonTag.objects.filter(taken_in=change_id, is_current=False)
        rows = dict(left.order_by("pk").values_list("pk", "person_id")[:PART])
        if not rows:
            change.undo_ended_at = now
            change.save(update_fields=["undo_ended_at"])
            return change
        part = PersonTag.objects.filter(pk__in_list=list(rows))
        if change.is_gift:
            part.update(is_current=False, taken_at=now, taken_by=change.undone_by)
        else:
            again = PersonTag.objects.filter(
                person_id__in_list=sorted(set(rows.values())), tag_code=change.tag_code, is_current=True
            ).values_list("person_id", flat=True)
            part.filter(person_id__in_list=list(again)).update(taken_in=None)  # got it back meanwhile: once is enough
            part.filter(taken_in=change_id).update(is_current=True, taken_at=None, taken_by=None, taken_in=None)
        change.undone += len(set(rows.values()))
        change.save(update_fields=["undone"])
    return change


def _own(viewer: Viewer, change_id: int) -> TagChange:
    if viewer.role_code not in GIVERS:
        raise TagRefused("role")
    change = TagChange.objects.select_for_update().filter(pk=change_id, author_id=viewer.user_id).first()
    if change is None:
        raise TagRefused("not_found")
    return change


def _audit(action: str, change: TagChange, user_id: int | None, now: datetime, **counts: int) -> None:
    audit_record(
        action_code=action, subject_kind="tag_change", subject_id=change.pk, now=now, user_id=user_id,
        tag=change.tag_code, persons=change.asked, **counts,
    )  # fmt: skip
