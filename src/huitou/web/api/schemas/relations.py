"""A customer's relations."""

from datetime import date, datetime

from ninja import Schema


class NeighbourOut(Schema):
    """Another customer in reach. since: null where no source says. shared: of a household, what both have (phone, card, home)."""

    id: int
    name: str
    since: datetime | None
    shared: list[str]
    source: str


class CircleOut(Schema):
    """Customers of one relation. more: in reach, but not listed; hidden: how many are out of reach."""

    items: list[NeighbourOut]
    more: int
    hidden: int


class GroupOut(Schema):
    """A group that the customer is in, with its other members."""

    id: int
    title: str
    guide: str
    source: str
    joined_at: datetime
    others: CircleOut


class RelationsOut(Schema):
    """as_of null: as they stand. referrers: one at most."""

    as_of: date | None
    household: CircleOut
    referrers: CircleOut
    referred: CircleOut
    groups: list[GroupOut]
