"""Take one change of the map back."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from huitou.apps.base.bulk import rows_write
from huitou.apps.customers.services import person_ids_reserve
from huitou.apps.identity.changes import Author, changes_write, hooks_run, map_lock, persons_touched
from huitou.apps.identity.decisions import decisions_undo, decisions_write
from huitou.apps.identity.findings import REVIEW_COLUMNS
from huitou.apps.identity.models import UNDOABLE, EventKind, IdentityEvent, Membership, ReviewPair, SourceRecord, Verdict
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import CannotUndo
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import Change, ChangeKind, answered_apart, answered_together, standing, undone


@transaction.atomic
def identity_undo(*, event_id: int, by: int, reason: str, now: datetime) -> IdentityEvent:
    """
    Put every record of a join, merge, split or undo back where it was; a person closed by it lives again under its id.

    Decisions that came with the event go, those it ended return. An event of the matcher is answered with a decision, so
    that the next run does not repeat it. Raises CannotUndo when a record has moved on since or was erased.
    """
    map_lock()
    event = IdentityEvent.objects.filter(pk=event_id).first()
    if event is None or event.kind_code not in UNDOABLE:
        raise CannotUndo(f"event {event_id} cannot be undone")
    if IdentityEvent.objects.filter(undoes=event).exists():
        raise CannotUndo(f"event {event_id} was undone before")
    if event.kind_code == EventKind.VERDICT:
        return _verdict_undone(event, Author(by=by, reason=reason, policy_version=DEFAULT_POLICY.version, now=now))
    moved, before, fresh = _moved(event)
    after = _records_by_person({*dict(moved).values(), *before.values()})
    change = undone(moved, before, after, fresh)
    change.detail["undoes"] = event.pk
    author = Author(by=by, reason=reason, policy_version=DEFAULT_POLICY.version, now=now)
    (undoing,) = changes_write([change], author, undoes=event)
    decisions_undo(event, undoing, change.moves, after)
    _questions_reopen(event)
    if event.by is None:
        _answer_matcher(event, undoing, change, after)
    persons_refresh(persons_touched([change]), now=now)
    hooks_run([change], [undoing])
    return undoing


def _verdict_undone(event: IdentityEvent, author: Author) -> IdentityEvent:
    """Nobody moved: only the word is taken back."""
    (undoing,) = changes_write([Change(ChangeKind.UNDO, detail={"undoes": event.pk})], author, undoes=event)
    decisions_undo(event, undoing, (), {})
    _questions_reopen(event)
    return undoing


def _questions_reopen(event: IdentityEvent) -> None:
    """Ask again what the undone answer had answered."""
    rows = [
        tuple(datetime.fromisoformat(asked[name]) if name == "found_at" else asked[name] for name in REVIEW_COLUMNS)
        for asked in event.detail.get("questions", ())
    ]
    rows_write(ReviewPair, REVIEW_COLUMNS, rows, skip=True)


def _moved(event: IdentityEvent) -> tuple[list[tuple[int, int]], dict[int, int], int | None]:
    """Return records and persons after the event, persons before it, and a new person for records that had none."""
    now_at = list(
        Membership.objects.filter(event_id=event.pk).order_by("record_id").values_list("record_id", "person_id", "valid_to")
    )
    closed = {row[0] for row in now_at if row[2] is not None}
    moved_on = sorted(closed - _standing_in(event, closed)) if closed else []
    if moved_on or not now_at:
        raise CannotUndo(f"event {event.pk}: records {moved_on[:5]} have moved on since; undo the later event first")
    records = [row[0] for row in now_at]
    if SourceRecord.objects.filter(pk__in_list=records, fields=None).exists():
        raise CannotUndo(f"event {event.pk}: a record of it was erased")
    before = dict(Membership.objects.filter(closed_event_id=event.pk).values_list("record_id", "person_id"))
    fresh = None if before.keys() >= set(records) else person_ids_reserve(1)[0]
    return [(record, person) for record, person, _ in now_at], before, fresh


def _standing_in(event: IdentityEvent, records: set[int]) -> set[int]:
    """Return those of the records that later events moved, and later undos brought back to where this event put them."""
    rows = list(Membership.objects.filter(record_id__in_list=records).order_by("pk").values_list("record_id", "event_id"))
    undoes = dict(IdentityEvent.objects.filter(pk__in_list={row[1] for row in rows}).values_list("pk", "undoes_id"))
    history: dict[int, list[tuple[int, int | None]]] = defaultdict(list)
    for record, moved_by in rows:
        history[record].append((moved_by, undoes[moved_by]))
    present = set(Membership.objects.filter(record_id__in_list=records, valid_to=None).values_list("record_id", flat=True))
    return {record for record in present if standing(history[record]) == event.pk}


def _records_by_person(persons: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(person_id__in_list=persons, valid_to=None).values_list("record_id", "person_id")
    for record, person in rows:
        found[person].add(record)
    return found


def _answer_matcher(event: IdentityEvent, undoing: IdentityEvent, back: Change, after: Mapping[int, set[int]]) -> None:
    """Keep apart what the matcher joined; keep together what it parted (and what left a person may have come to another)."""
    if event.kind_code == EventKind.SPLIT:
        decisions_write(undoing, answered_together(back.moves, after), verdict=Verdict.SAME)
    decisions_write(undoing, answered_apart(back.moves, after), verdict=Verdict.DIFFERENT)
