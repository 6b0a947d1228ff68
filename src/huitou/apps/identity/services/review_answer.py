"""A person's answer to a question of the matcher."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from itertools import islice, product
from typing import Any

from django.db import transaction
from django.db.models import Q

from huitou.apps.base.audit import audit_record
from huitou.apps.base.scope import Viewer
from huitou.apps.identity.agreement import REASON
from huitou.apps.identity.changes import Author, changes_write, map_lock
from huitou.apps.identity.decisions import decisions_retire, decisions_write
from huitou.apps.identity.findings import REVIEW_COLUMNS
from huitou.apps.identity.models import IdentityEvent, ReviewPair, Verdict
from huitou.apps.identity.review_queue import ReviewCase, review_case
from huitou.apps.identity.services.errors import ReviewGone
from huitou.apps.identity.services.person_merge import person_merge
from huitou.core.identity import DEFAULT_POLICY
from huitou.core.identity.changes import Change, ChangeKind

ROUND = "round"  # in an event's detail: the events of the same round of answers before it, oldest first
_PAIRS_MOST = 2_000  # of records that one answer parts


class Answer(StrEnum):
    """What a person says to "are these two one?"."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


@transaction.atomic
def review_answer(
    *, viewer: Viewer, pair_id: int, answer: Answer, now: datetime, round_before: Sequence[int] | None = None
) -> IdentityEvent | None:
    """
    Act on the answer and keep it: same merges the two persons, different keeps them apart in every later run, unsure asks
    again after all the others. Return the event that `identity_undo` takes back; None for unsure.

    round_before: the events of the answers given before it in one round, which the event then names; None: no round.
    Raises ReviewGone when the question is answered, or one of the two is out of the viewer's reach.
    """
    map_lock()
    case = review_case(viewer, pair_id)
    if case is None:
        raise ReviewGone(f"question {pair_id} is not open")
    audit_record(
        action_code="identity.review", subject_kind="review", subject_id=pair_id, now=now, user_id=viewer.user_id,
        answer=answer.value, persons=[side.person_id for side in case.sides],
    )  # fmt: skip
    asked = _questions_between(case)
    questions = ReviewPair.objects.filter(pk__in=[row["id"] for row in asked])
    if answer is Answer.UNSURE:
        questions.update(postponed_at=now)
        return None
    detail: dict[str, Any] = {"questions": asked}
    if round_before is not None:
        detail[ROUND] = list(round_before)
    if answer is Answer.SAME:
        one, other = (side.person_id for side in case.sides)
        event = person_merge(person_id=one, other_id=other, by=viewer.user_id, reason=REASON, now=now, detail=detail)
    else:
        event = _kept_apart(case, by=viewer.user_id, now=now, detail=detail)
    questions.delete()
    return event


def _questions_between(case: ReviewCase) -> list[dict[str, object]]:
    """Return all open questions between the two persons: one answer answers them all, and its undo asks them again."""
    left, right = (list(side.record_ids) for side in case.sides)
    across = Q(record_a__in=left, record_b__in=right) | Q(record_a__in=right, record_b__in=left)
    rows = ReviewPair.objects.filter(across).order_by("pk").values("id", *REVIEW_COLUMNS)
    return [{**row, "found_at": row["found_at"].isoformat(), "postponed_at": None} for row in rows]


def _kept_apart(case: ReviewCase, *, by: int, now: datetime, detail: Mapping[str, Any]) -> IdentityEvent:
    left, right = (side.record_ids for side in case.sides)
    author = Author(by=by, reason=REASON, policy_version=DEFAULT_POLICY.version, now=now)
    (event,) = changes_write([Change(ChangeKind.VERDICT, detail=dict(detail))], author)
    decisions_retire(event, left, right, verdict=Verdict.SAME)
    decisions_write(event, islice(product(left, right), _PAIRS_MOST), verdict=Verdict.DIFFERENT)
    return event
