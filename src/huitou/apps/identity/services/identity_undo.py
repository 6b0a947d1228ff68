"""Take one change of the map back."""

from collections import defaultdict
from datetime import datetime
from itertools import product

from django.db import transaction

from huitou.apps.base.bulk import rows_write
from huitou.apps.customers.services import person_ids_reserve
from huitou.apps.identity.changes import Author, Change, Move, changes_write, hooks_run, map_lock
from huitou.apps.identity.component import memberships_of
from huitou.apps.identity.decisions import decisions_undo, decisions_write, star
from huitou.apps.identity.findings import REVIEW_COLUMNS
from huitou.apps.identity.models import UNDOABLE, EventKind, IdentityEvent, Membership, ReviewPair, SourceRecord, Verdict
from huitou.apps.identity.refresh import persons_refresh
from huitou.apps.identity.services.errors import CannotUndo
from huitou.core.identity import DEFAULT_POLICY


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
    back = _moves_back(event)
    after = _records_by_person({person for move in back for person in (move.from_person_id, move.to_person_id) if person})
    opened = {move.to_person_id for move in back if move.to_person_id is not None and move.to_person_id not in after}
    survivors: dict[int, int | None] = {}
    leaving: dict[int, set[int]] = defaultdict(set)
    for move in back:
        assert move.from_person_id is not None
        leaving[move.from_person_id].add(move.record_id)
        if leaving[move.from_person_id] == after[move.from_person_id]:
            survivors[move.from_person_id] = move.to_person_id
    change = Change(EventKind.UNDO, back, opened=opened, closed=survivors, detail={"undoes": event.pk})
    author = Author(by=by, reason=reason, policy_version=DEFAULT_POLICY.version, now=now)
    (undoing,) = changes_write([change], author, undoes=event)
    decisions_undo(event, undoing)
    _questions_reopen(event)
    if event.by is None:
        _answer_matcher(event, undoing, back, after)
    living = {person for move in back for person in (move.from_person_id, move.to_person_id) if person is not None}
    persons_refresh(living - survivors.keys(), now=now)
    hooks_run([change], [undoing])
    return undoing


def _verdict_undone(event: IdentityEvent, author: Author) -> IdentityEvent:
    """Nobody moved: only the word is taken back."""
    (undoing,) = changes_write([Change(EventKind.UNDO, detail={"undoes": event.pk})], author, undoes=event)
    decisions_undo(event, undoing)
    _questions_reopen(event)
    return undoing


def _questions_reopen(event: IdentityEvent) -> None:
    """Ask again what the undone answer had answered."""
    rows = [
        tuple(datetime.fromisoformat(asked[name]) if name == "found_at" else asked[name] for name in REVIEW_COLUMNS)
        for asked in event.detail.get("questions", ())
    ]
    rows_write(ReviewPair, REVIEW_COLUMNS, rows, skip=True)


def _moves_back(event: IdentityEvent) -> list[Move]:
    """Return the event's moves reversed; a record that had no person before gets one of its own."""
    now_at = list(
        Membership.objects.filter(event_id=event.pk).order_by("record_id").values_list("record_id", "person_id", "valid_to")
    )
    moved_on = [row[0] for row in now_at if row[2] is not None]
    if moved_on or not now_at:
        raise CannotUndo(f"event {event.pk}: records {moved_on[:5]} have moved on since; undo the later event first")
    records = [row[0] for row in now_at]
    if SourceRecord.objects.filter(pk__in_list=records, fields=None).exists():
        raise CannotUndo(f"event {event.pk}: a record of it was erased")
    before = dict(Membership.objects.filter(closed_event_id=event.pk).values_list("record_id", "person_id"))
    newcomers = [record for record in records if record not in before]
    if newcomers:
        (fresh,) = person_ids_reserve(1)
        before.update(dict.fromkeys(newcomers, fresh))
    return [Move(record, person, before[record]) for record, person, _ in now_at]


def _records_by_person(persons: set[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    rows = Membership.objects.filter(person_id__in_list=persons, valid_to=None).values_list("record_id", "person_id")
    for record, person in rows:
        found[person].add(record)
    return found


def _answer_matcher(event: IdentityEvent, undoing: IdentityEvent, back: list[Move], after: dict[int, set[int]]) -> None:
    """Keep apart what the matcher joined; keep together what it parted."""
    moved = {move.record_id for move in back}
    if event.kind_code == EventKind.SPLIT:
        present = memberships_of(moved)
        for person in {present[record] for record in moved}:
            decisions_write(undoing, star([*moved, *after.get(person, ())]), verdict=Verdict.SAME)
        return
    for left in {move.from_person_id for move in back}:
        assert left is not None
        decisions_write(undoing, product(moved, after[left] - moved), verdict=Verdict.DIFFERENT)
