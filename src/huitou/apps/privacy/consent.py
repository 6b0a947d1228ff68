"""Consent in the life of a person: read, follow merges and splits, copied, erased."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from huitou.apps.base.bulk import ids_at_once, rows_any
from huitou.apps.base.hooks import IdentityChange, PersonCopy, PersonErased
from huitou.apps.base.scope import Viewer
from huitou.apps.customers.queries import merged_into, persons_in_reach
from huitou.apps.privacy.models import Consent
from huitou.core.consent import CHANNELS, Answer, Cell, Said, carried, current

PURPOSES = ("service", "marketing", "personal")
MINOR = "minor"  # the purpose under which a guardian agrees that a child under 14 has a file; the "channel" says which guardian
GUARDIANS = ("mother", "father", "guardian")
SOURCES = ("counter", "phone", "written", "online")  # what people may say; "change" is written when files join or part
REASONS = ("asked", "service", "complaint", "mistake")
CARRIED = "change"


@dataclass(frozen=True, slots=True)
class ConsentEntry:
    """One stored answer; by None: it came from another file with a merge, a split or their undo."""

    channel: str
    purpose: str
    answer: Answer
    source_code: str
    reason_code: str
    said_at: datetime
    recorded_at: datetime
    by: int | None
    number: int

    @property
    def said(self) -> Said:
        return Said(self.channel, self.purpose, self.answer, self.said_at, self.number)


@dataclass(frozen=True, slots=True)
class ConsentFile:
    """All answers of a person, newest first, and the one that counts per cell; a cell without an answer was never asked."""

    entries: tuple[ConsentEntry, ...]
    current: dict[Cell, ConsentEntry]


def consent_file(viewer: Viewer, person_id: int) -> ConsentFile:
    """Return the answers of a living person in reach; none for anybody else."""
    if not persons_in_reach(viewer).filter(pk=person_id).exists():
        return ConsentFile((), {})
    entries = [_entry(row) for row in Consent.objects.filter(person_id=person_id)]
    numbers = {cell: said.number for cell, said in current(entry.said for entry in entries).items()}
    by_number = {entry.number: entry for entry in entries}
    newest = sorted(entries, key=lambda entry: (entry.said_at, entry.number), reverse=True)
    return ConsentFile(tuple(newest), {cell: by_number[number] for cell, number in numbers.items()})


def _entry(row: Consent) -> ConsentEntry:
    return ConsentEntry(
        row.channel_code, row.purpose_code, Answer(row.answer_code), row.source_code, row.reason_code, row.said_at,
        row.recorded_at, row.by, row.pk,
    )  # fmt: skip


def has_consents() -> bool:
    """Say whether anybody ever answered."""
    return Consent.objects.exists()


def consents_follow(change: IdentityChange) -> None:
    """Let the stricter answer come along with moved records, also when a merge is taken back. Two queries, one insert."""
    pairs = {
        (move.from_person_id, move.to_person_id)
        for move in change.moves
        if move.from_person_id and move.to_person_id and move.from_person_id != move.to_person_id
    }
    if not rows_any(Consent, among={"person_id": {person for pair in pairs for person in pair}}):
        return
    known = _current_of({person for pair in pairs for person in pair})
    closed = set(change.closed_person_ids)
    rows = []
    for source, target in sorted(pairs):
        added = carried(known[source], known[target], is_whole=source in closed)
        for (channel, purpose), answer in added.items():
            rows.append(_carried(target, channel, purpose, answer, change.at))
            known[target][channel, purpose] = Said(channel, purpose, answer, change.at, 0)
    Consent.objects.bulk_create(rows)


def _carried(person_id: int, channel: str, purpose: str, answer: Answer, at: datetime) -> Consent:
    return Consent(
        person_id=person_id, channel_code=channel, purpose_code=purpose, answer_code=answer.value, source_code=CARRIED,
        said_at=at, recorded_at=at,
    )  # fmt: skip


def _current_of(person_ids: Collection[int]) -> dict[int, dict[Cell, Said]]:
    answers: dict[int, list[Said]] = defaultdict(list)
    for row in Consent.objects.filter(person_id__in_list=sorted(person_ids)):
        answers[row.person_id].append(_entry(row).said)
    return defaultdict(dict, {person: current(said) for person, said in answers.items()})


def persons_refusing(purpose: str, *, person_ids: Collection[int] | None = None) -> set[int]:
    """Return who, of these or of all, refuses a purpose on any channel, by the answer that counts. For gates and jobs."""
    rows = _refusals(purpose)
    if person_ids is not None:
        rows = rows.filter(person_id__in_list=sorted(person_ids))
    return set(rows.values_list("person_id", flat=True).distinct())


def granting(purpose: str) -> "QuerySet[Consent, int]":
    """
    Return the ids of those who granted a purpose on a channel and refuse it on none, by the answers that count, as a query.

    Whoever was never asked has not granted it. `Hook.GRANTING` hands it to lower apps; a filter takes it whole.
    """
    refusals = _refusals(purpose).filter(person_id=OuterRef("person_id"))
    granted = Consent.objects.filter(~Exists(refusals), purpose_code=purpose, answer_code=Answer.GRANTED.value).order_by()
    return granted.values_list("person_id", flat=True).distinct()


def persons_agreeing(purpose: str, *, person_ids: Collection[int] | None = None) -> dict[str, set[int]]:
    """
    Return by channel who, of these or of all, agreed to a purpose on it by the answer that counts. For gates and jobs.

    Whoever is in no set of a channel was never asked there, or refused.
    """
    refused = _refusals(purpose).filter(person_id=OuterRef("person_id"), channel_code=OuterRef("channel_code"))
    rows = Consent.objects.filter(~Exists(refused), purpose_code=purpose, answer_code=Answer.GRANTED.value).order_by()
    if person_ids is not None:
        rows = rows.filter(person_id__in_list=sorted(person_ids))
    persons = rows.values_list("person_id", flat=True)  # at once: a page asks, and of a million a row each takes seconds
    found = {channel: set(ids_at_once(persons.filter(channel_code=channel))) for channel in CHANNELS}
    return {channel: ids for channel, ids in found.items() if ids}


def _refusals(purpose: str) -> "QuerySet[Consent]":
    """Return the refusals of a purpose that no later agreement on the same channel took back."""
    answers = Consent.objects.filter(purpose_code=purpose).order_by()
    later = answers.filter(
        person_id=OuterRef("person_id"), channel_code=OuterRef("channel_code"), answer_code=Answer.GRANTED.value,
        said_at__gt=OuterRef("said_at"),
    )  # fmt: skip
    return answers.filter(~Exists(later), answer_code=Answer.WITHDRAWN.value)


def persons_granting(purpose: str, person_ids: Collection[int]) -> set[int]:
    """Return which of these persons, whom the caller cut to its viewer's reach, granted a purpose."""
    return set(granting(purpose).filter(person_id__in_list=sorted(person_ids)))


def consent_copy(wanted: PersonCopy) -> dict[str, Any]:
    """Return every answer of the person, also those given to files that were merged into it."""
    ids = [wanted.person_id, *merged_into(wanted.person_id)]
    rows: Iterable[Consent] = Consent.objects.filter(person_id__in_list=ids).order_by("said_at", "pk")
    said = [
        {
            "channel": row.channel_code, "purpose": row.purpose_code, "answer": row.answer_code, "source": row.source_code,
            "said_at": row.said_at.isoformat(), "reason": row.reason_code,
        }
        for row in rows
    ]  # fmt: skip
    return {"consent": said}


def consents_erase(erased: PersonErased) -> None:
    """Drop the answers: without the person they say nothing, and refusals live on as suppressed identifiers."""
    Consent.objects.filter(person_id__in_list=[erased.person_id, *merged_into(erased.person_id)]).delete()
