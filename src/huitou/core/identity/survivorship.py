"""
Which of several records' values a person's file shows, field by field.

Order: verified, then the trust of the source, then the newer version, then the more frequent value, then the smaller
record id. Placeholders, masked values and hub values never win: they are not candidates. Every value names its record.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from huitou.core.identity.names import is_full_name
from huitou.core.identity.normalise import NORMALISERS

SOURCE_TRUST: Mapping[str, int] = {"membership": 4, "mall": 3, "aftersales": 2, "pos": 1}  # an unknown source: 0
_ALONE: Counter[str] = Counter()


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


def surviving_values(
    records: Iterable[RecordFacts], *, excluded: Mapping[str, Collection[str]] | None = None
) -> dict[str, ProfileValue]:
    """
    Return {field: value with its source} for every field that some record fills with something usable.

    excluded: normalised values per field that identify nobody (hubs); they never win. No records give {}.
    """
    excluded = excluded or {}
    ordered = sorted(records, key=lambda record: record.record_id)
    moments = {record.record_id: record.version_at.isoformat() for record in ordered}
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
        frequency = Counter(value for value, _ in candidates) if len(candidates) > 1 else _ALONE

        def rank(
            candidate: tuple[str, RecordFacts], name: str = name, frequency: Counter[str] = frequency
        ) -> tuple[bool, bool, int, datetime, int]:
            value, record = candidate
            return (
                name in record.verified,
                name != "name" or is_full_name(value),  # a surname or nickname only where no full name is known
                SOURCE_TRUST.get(record.source_code, 0),
                record.version_at,
                frequency[value],
            )

        value, record = max(candidates, key=rank) if len(candidates) > 1 else candidates[0]
        result[name] = ProfileValue(
            value=value,
            record_id=record.record_id,
            source_code=record.source_code,
            observed_at=moments[record.record_id],
        )
    return result
