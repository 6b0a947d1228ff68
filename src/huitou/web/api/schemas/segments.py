"""Rules, counts and saved segments."""

from datetime import date, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Strict


class RuleIn(Strict):
    """A rule as a filter tree (docs/filters.md). seed: which sample; the same seed gives the same persons."""

    rule: dict[str, Any]
    seed: int = Field(default=1, ge=0, le=2**32 - 1)


class SegmentIn(Strict):
    """A new segment."""

    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60, pattern=r"^[^\x00-\x1f\x7f]+$")]
    rule: dict[str, Any]
    note: Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""


class SegmentOut(Schema):
    """
    One segment. members: in the caller's reach at the last refresh, None before the first. problem: empty, `missing` (the
    rule names a field that is gone) or `refused` (a value that is not allowed any more); then the members stay as they were.
    """

    id: int
    name: str
    note: str
    version: int
    rule: Any
    members: int | None
    as_of: date | None
    refreshed_at: datetime | None
    list_hash: str
    problem: str
    problem_place: str


class SegmentsOut(Schema):
    items: list[SegmentOut]


class CountOut(Schema):
    """How many persons match, of how many in reach, at which version, and how long counting took."""

    persons: int
    everybody: int
    version: int
    as_of: date
    milliseconds: float


class PartOut(Schema):
    code: str
    persons: int


class BreakdownOut(Schema):
    field: str
    parts: list[PartOut]


class OverlapOut(Schema):
    segment_id: int
    name: str
    shared: int


class PreviewOut(Schema):
    """What a rule comes to; `alone` counts each condition by itself in reading order, `sample` are ids of persons."""

    persons: int
    everybody: int
    alone: list[int]
    running: list[int]
    sample: list[int]
    net_365d_fen: int
    stores: int
    breakdowns: list[BreakdownOut]
    overlaps: list[OverlapOut]


class SegmentWhyOut(Schema):
    """One part of a rule for one person; `value` is the person's own."""

    holds: bool
    rule: Any
    value: bool | int | float | str | None
    parts: list["SegmentWhyOut"]
