"""
Which of several records' values a person's file shows, field by field.

Every field has a rule: criteria asked one after the other, the first that tells two values apart decides; what is left is
decided by the smaller record id. Above every rule stands a correction, the latest first. Placeholders, masked values and hub
values never win: they are not candidates. Every value names its record.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypedDict

from huitou.core.identity.names import is_full_name
from huitou.core.identity.normalise import NORMALISERS

CORRECTION = "correction"  # the source of what a steward put right at the person's request
SOURCES: tuple[str, ...] = ("membership", "mall", "aftersales", "pos")  # the most trusted first


class Criterion(StrEnum):
    """What one value may have before another."""

    VERIFIED = "verified"  # its source has checked it
    WHOLE = "whole"  # names: a full name before a surname or nickname
    TRUST = "trust"  # it comes from a source that is trusted more
    RECENT = "recent"  # its record changed later
    FREQUENT = "frequent"  # more of the person's records say the same


@dataclass(frozen=True, slots=True)
class FieldRule:
    """order: criteria, the first decides first. sources: the most trusted first; a source that is not named comes last."""

    order: tuple[Criterion, ...]
    sources: tuple[str, ...] = SOURCES


Rules = Mapping[str, FieldRule]
_ORDER = (Criterion.VERIFIED, Criterion.TRUST, Criterion.RECENT, Criterion.FREQUENT)
DEFAULT_RULES: Rules = {
    name: FieldRule((Criterion.VERIFIED, Criterion.WHOLE, *_ORDER[1:]) if name == "name" else _ORDER) for name in NORMALISERS
}


class RuleWrong(ValueError):
    """A rule that cannot be followed. `problem` is a code, `field` where, `what` the word that is wrong."""

    def __init__(self, problem: str, field: str, what: str = "") -> None:
        super().__init__(f"{problem}: {field} {what}".rstrip())
        self.problem, self.field, self.what = problem, field, what


def rule_checked(name: str, order: Sequence[str], sources: Sequence[str]) -> FieldRule:
    """
    Return the rule of a field read from stored or typed words.

    Raises RuleWrong: unknown_field, unknown_criterion, no_criterion, twice (a criterion or source named twice), whole_of_name
    (only names can be whole).
    """
    if name not in NORMALISERS:
        raise RuleWrong("unknown_field", name)
    known = {criterion.value for criterion in Criterion}
    for word in order:
        if word not in known:
            raise RuleWrong("unknown_criterion", name, word)
    if not order:
        raise RuleWrong("no_criterion", name)
    if len(set(order)) < len(order) or len(set(sources)) < len(sources):
        raise RuleWrong("twice", name)
    if Criterion.WHOLE in order and name != "name":
        raise RuleWrong("whole_of_name", name)
    return FieldRule(tuple(Criterion(word) for word in order), tuple(sources))


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """One source record as survivorship sees it: texts as the source wrote them; `verified` names fields it has checked."""

    record_id: int
    source_code: str
    version_at: datetime
    fields: Mapping[str, str | None]
    verified: Collection[str] = field(default=())


class ProfileValue(TypedDict):
    """A value of the person's file and where it comes from."""

    value: str
    record_id: int
    source_code: str
    observed_at: str  # ISO 8601


Candidate = tuple[str, RecordFacts]


def surviving_values(
    records: Iterable[RecordFacts], *, excluded: Mapping[str, Collection[str]] | None = None, rules: Rules = DEFAULT_RULES
) -> dict[str, ProfileValue]:
    """
    Return {field: value with its source} for every field that some record fills with something usable.

    excluded: normalised values per field that identify nobody (hubs); they never win. rules: a field without one follows
    DEFAULT_RULES. No records give {}.
    """
    excluded = excluded or {}
    ordered = sorted(records, key=lambda record: record.record_id)
    moments = {record.record_id: record.version_at.isoformat() for record in ordered if record.source_code != CORRECTION}
    result: dict[str, ProfileValue] = {}
    for name, normaliser in NORMALISERS.items():
        banned = excluded.get(name, ())
        candidates = [
            (value, record)
            for record in ordered
            if (value := normaliser(record.fields.get(name))) is not None and value not in banned
        ]
        if not candidates:
            continue
        rule = rules.get(name) or DEFAULT_RULES[name]
        value, record = max(candidates, key=_rank(name, rule, candidates)) if len(candidates) > 1 else candidates[0]
        result[name] = ProfileValue(
            value=value,
            record_id=record.record_id,
            source_code=record.source_code,
            observed_at=record.version_at.isoformat() if record.source_code == CORRECTION else moments[record.record_id],
        )
    return result


def _rank(name: str, rule: FieldRule, candidates: Sequence[Candidate]) -> Callable[[Candidate], tuple[object, ...]]:
    """Return the key whose largest value wins; `max` keeps the first of equals, the smaller record id."""
    frequency = Counter(value for value, _ in candidates)
    trust = {source: -place for place, source in enumerate(rule.sources)}
    last = -len(rule.sources)
    measures: dict[Criterion, Callable[[Candidate], object]] = {
        Criterion.VERIFIED: lambda candidate: name in candidate[1].verified,
        Criterion.WHOLE: lambda candidate: is_full_name(candidate[0]),
        Criterion.TRUST: lambda candidate: trust.get(candidate[1].source_code, last),
        Criterion.RECENT: lambda candidate: candidate[1].version_at,
        Criterion.FREQUENT: lambda candidate: frequency[candidate[0]],
    }
    asked = [measures[criterion] for criterion in rule.order]
    if any(record.source_code == CORRECTION for _value, record in candidates):
        asked = [lambda candidate: candidate[1].source_code == CORRECTION, measures[Criterion.RECENT]]
    return lambda candidate: tuple(measure(candidate) for measure in asked)
