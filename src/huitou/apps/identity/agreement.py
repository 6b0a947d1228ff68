"""How much was answered today, and how far the answers hold before a second pair of eyes and beside the matcher's judgement."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from huitou.apps.base.scope import Viewer
from huitou.apps.identity.models import Decision, EventKind, IdentityEvent, QualityCase
from huitou.core.periods import business_date, day_start

REASON = "review"  # of the events that an answer to a question makes
WINDOW_DAYS = 30
_EVEN = 0.5  # from here on the matcher takes two for one


@dataclass(frozen=True, slots=True)
class Agreement:
    """`agreed` of `compared`; share None: nothing was compared."""

    agreed: int
    compared: int

    @property
    def share(self) -> float | None:
        return self.agreed / self.compared if self.compared else None


@dataclass(frozen=True, slots=True)
class ReviewWork:
    """
    Answers that stand: of everybody and of the viewer on this business day; those of the last WINDOW_DAYS days compared.

    second: with what another steward said of the same files afterwards; matcher: with the probability the question had.
    """

    today: int
    mine: int
    second: Agreement
    matcher: Agreement


@dataclass(frozen=True, slots=True)
class _Answer:
    event_id: int
    is_same: bool
    by: int
    at: datetime
    probability: float | None


@dataclass(frozen=True, slots=True)
class _Judged:
    at: datetime
    by: int | None
    record_ids: frozenset[int]
    is_pure: bool
    is_complete: bool


def review_work(viewer: Viewer, *, now: datetime) -> ReviewWork:
    """
    Return what the stewards of the chain did, whatever the viewer's reach: it names nobody.

    "Unsure" is no answer. An answer that its own author took back counts nowhere; one that somebody else took back counts as
    looked at a second time and not shared.
    """
    answers, taken_back = _answers(now - timedelta(days=WINDOW_DAYS))
    standing = [one for one in answers if one.event_id not in taken_back]
    today = [one for one in standing if one.at >= day_start(business_date(now))]
    seconds = [*_by_sample(standing), *(False for one in answers if taken_back.get(one.event_id, one.by) != one.by)]
    sides = [one.is_same == (one.probability >= _EVEN) for one in standing if one.probability is not None]
    mine = sum(one.by == viewer.user_id for one in today)
    return ReviewWork(len(today), mine, Agreement(sum(seconds), len(seconds)), Agreement(sum(sides), len(sides)))


def _answers(since: datetime) -> tuple[list[_Answer], dict[int, int]]:
    """Return the answers since then, and of those that do not stand who took them back."""
    said = IdentityEvent.objects.filter(by__isnull=False, at__gte=since)
    rows = said.filter(reason=REASON, kind_code__in=(EventKind.MERGE, EventKind.VERDICT)).order_by("pk")
    undone = said.filter(kind_code=EventKind.UNDO).exclude(pk__in=said.filter(undoes__isnull=False).values("undoes"))
    taken_back = {event: by for event, by in undone.values_list("undoes_id", "by") if event is not None and by is not None}
    return [_answer(row) for row in rows], taken_back


def _answer(row: IdentityEvent) -> _Answer:
    """The likeliest of the questions that it answered speaks for the matcher: one of two persons asks for all of them."""
    assert row.by is not None
    known = [one["probability"] for one in _questions(row) if one["probability"] is not None]
    return _Answer(row.pk, row.kind_code == EventKind.MERGE, row.by, row.at, max(known, default=None))


def _questions(row: IdentityEvent) -> Iterable[Mapping[str, Any]]:
    found: Iterable[Mapping[str, Any]] = row.detail.get("questions", ())
    return found


def _by_sample(answers: list[_Answer]) -> list[bool]:
    """
    Return of each answer whose file another steward judged in the sample afterwards whether the last judgement shares it.

    "One person" is shared where the file that holds all the records is called pure; "two persons" where a file that holds one
    side alone is called complete. A file can fail for records that the answer was not about, so shares are rather too low.
    """
    judged = _judged(min((one.at for one in answers), default=None))
    cases_of: dict[int, list[int]] = defaultdict(list)  # record -> places in `judged`: an answer looks at its own
    for at, case in enumerate(judged):
        for record in case.record_ids:
            cases_of[record].append(at)
    if not cases_of:
        return []
    pairs: dict[int, list[tuple[int, int]]] = defaultdict(list)
    touched = Q(record_a__in_list=sorted(cases_of)) | Q(record_b__in_list=sorted(cases_of))
    rows = Decision.objects.filter(touched, event_id__in_list=[one.event_id for one in answers])
    for event, record_a, record_b in rows.values_list("event_id", "record_a", "record_b"):
        pairs[event].append((record_a, record_b))
    said = []
    for one in answers:
        own = pairs.get(one.event_id, [])
        near = sorted({at for pair in own for record in pair for at in cases_of.get(record, ())})
        said.append(_last_word(one, own, [judged[at] for at in near]))
    return [word for word in said if word is not None]


def _judged(since: datetime | None) -> list[_Judged]:
    if since is None:
        return []
    rows = QualityCase.objects.filter(judged_at__gte=since).order_by("judged_at", "pk")
    columns = rows.values_list("judged_at", "judged_by", "record_ids", "is_pure", "is_complete")
    return [_Judged(at, by, frozenset(records), bool(pure), bool(whole)) for at, by, records, pure, whole in columns if at]


def _last_word(answer: _Answer, pairs: list[tuple[int, int]], near: Iterable[_Judged]) -> bool | None:
    """Return whether the last judgement by somebody else shares the answer. near: those of files that hold one of its records."""
    word = None
    for case in near:
        if case.by == answer.by or case.at < answer.at:
            continue
        held = [case.record_ids.issuperset(pair) for pair in pairs]
        if answer.is_same and all(held):
            word = case.is_pure
        elif not answer.is_same and not any(held):
            word = case.is_complete
    return word
