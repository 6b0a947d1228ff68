"""Records, links and what was joined or parted."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Code, Id, Strict
from huitou.web.api.schemas.events import CustomerIn, SourceCode, StoreCode


class RecordOut(Schema):
    """One source record behind a person; values masked."""

    record_id: int
    source: str
    source_id: str
    received_at: datetime
    store_id: int | None
    fields: dict[str, str]


class LinkOut(Schema):
    """Two records are one person because they share this."""

    record_a: int
    record_b: int
    kind: str
    evidence: str


class IdentityOut(Schema):
    person_id: int
    records: list[RecordOut]
    links: list[LinkOut]


class WhyOut(Schema):
    links: list[LinkOut]


class MergeIn(Strict):
    person_id: Id
    other_id: Id
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class SplitIn(Strict):
    record_ids: Annotated[list[Id], Field(min_length=1, max_length=1_000)]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]


class TellIn(Strict):
    """One customer of an events source, as a `customer` event says it."""

    source: SourceCode
    id: Code
    occurred_at: datetime
    version: datetime | None = None
    customer: CustomerIn
    store: StoreCode | None = None


class ToldOut(Schema):
    """
    joined: the record belongs to a person with other records, by these links. new: a person of its own. queued: a person of its
    own until somebody answers the questions it raised.
    """

    record_id: int
    person_id: int
    outcome: Literal["joined", "new", "queued"]
    links: list[LinkOut]
    question_ids: list[int]


class ChangeOut(Schema):
    """The identity event that was written."""

    event_id: int
    kind: str
