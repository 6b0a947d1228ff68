"""One answer to many questions, and the way back from all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base.scope import Viewer
from huitou.apps.identity.models import IdentityEvent
from huitou.apps.identity.review_queue import QUEUE_SIZE
from huitou.apps.identity.services.errors import CannotUndo, ReviewGone
from huitou.apps.identity.services.event_undo import event_undo
from huitou.apps.identity.services.review_answer import ROUND, Answer, review_answer

MOST_ANSWERED = QUEUE_SIZE  # at once: what a person can have looked at


class TooMany(Exception):
    """More questions than are answered at once; nothing was done."""


@dataclass(frozen=True, slots=True)
class Round:
    """
    What became of the questions. gone: answered meanwhile, or by an earlier answer of the round.

    event_id: of the event by which `round_undo` takes all of it back; None where nothing can be.
    """

    answered: int
    gone: int
    event_id: int | None


def review_answer_many(*, viewer: Viewer, pair_ids: Sequence[int], answer: Answer, now: datetime) -> Round:
    """
    Give one answer to several questions, each in a transaction of its own, so that others need not wait for all of them.

    Every event names those before it: a round that was cut short can be taken back as far as it came. Raises TooMany before
    anything is done.
    """
    asked = list(dict.fromkeys(pair_ids))
    if len(asked) > MOST_ANSWERED:
        raise TooMany(f"{len(asked)} questions, at most {MOST_ANSWERED} at once")
    events: list[int] = []
    answered = 0
    for pair_id in asked:
        try:
            event = review_answer(viewer=viewer, pair_id=pair_id, answer=answer, now=now, round_before=events)
        except ReviewGone:
            continue
        answered += 1
        events += [event.pk] if event is not None else []
    return Round(answered, len(asked) - answered, events[-1] if events else None)


def round_undo(*, viewer: Viewer, event_id: int, now: datetime) -> tuple[int, int]:
    """
    Take back all answers of a round, the last one first; return how many were, and how many could not be.

    Raises CannotUndo for an event that ends no round.
    """
    last = IdentityEvent.objects.filter(pk=event_id).first()
    if last is None or ROUND not in last.detail:
        raise CannotUndo(f"event {event_id} ends no round of answers")
    events = list(dict.fromkeys([*last.detail[ROUND], event_id]))  # the last event of an older round names itself, too
    undone = 0
    for one in reversed(events):
        try:
            event_undo(viewer=viewer, event_id=one, now=now)
        except CannotUndo:
            continue
        undone += 1
    return undone, len(events) - undone
