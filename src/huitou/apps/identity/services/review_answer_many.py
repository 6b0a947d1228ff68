"""One answer to many questions, and the way back from all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from huitou.apps.base.scope import Viewer
from huitou.apps.identity.models import IdentityEvent
from huitou.apps.identity.review_queue import QUEUE_SIZE
from huitou.apps.identity.services.errors import CannotUndo, ReviewGone
from huitou.apps.identity.services.event_undo import event_undo
from huitou.apps.identity.services.review_answer import Answer, review_answer

MOST_ANSWERED = QUEUE_SIZE  # at once: what a person can have looked at
_ROUND = "round"  # in the detail of the last event: all events of the round, oldest first


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

    Raises TooMany before anything is done.
    """
    asked = list(dict.fromkeys(pair_ids))
    if len(asked) > MOST_ANSWERED:
        raise TooMany(f"{len(asked)} questions, at most {MOST_ANSWERED} at once")
    events: list[IdentityEvent] = []
    answered = 0
    for pair_id in asked:
        try:
            event = review_answer(viewer=viewer, pair_id=pair_id, answer=answer, now=now)
        except ReviewGone:
            continue
        answered += 1
        events += [event] if event is not None else []
    if events:
        events[-1].detail[_ROUND] = [event.pk for event in events]
        events[-1].save(update_fields=["detail"])
    return Round(answered, len(asked) - answered, events[-1].pk if events else None)


def round_undo(*, viewer: Viewer, event_id: int, now: datetime) -> tuple[int, int]:
    """
    Take back all answers of a round, the last one first; return how many were, and how many could not be.

    Raises CannotUndo for an event that ends no round.
    """
    last = IdentityEvent.objects.filter(pk=event_id).first()
    events = list(last.detail.get(_ROUND, ())) if last is not None else []
    if not events:
        raise CannotUndo(f"event {event_id} ends no round of answers")
    undone = 0
    for one in reversed(events):
        try:
            event_undo(viewer=viewer, event_id=one, now=now)
        except CannotUndo:
            continue
        undone += 1
    return undone, len(events) - undone
