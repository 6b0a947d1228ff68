"""Customers as the API tells them."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Strict


class FieldOut(Schema):
    """One value of a file, masked for the key owner's role, and where it comes from."""

    text: str
    is_masked: bool
    source: str
    observed_at: datetime


class FactsOut(Schema):
    """What is known of a person's purchases, as of the published version."""

    first_date: date | None
    last_date: date | None
    orders: int
    orders_365d: int
    net_fen: int
    net_365d_fen: int
    points: int | None


class CustomerOut(Schema):
    """A customer as the lists show one."""

    id: int
    fields: dict[str, FieldOut]
    home_store_id: int | None
    is_member: bool
    source_count: int
    completeness_share: float
    registered_at: datetime | None
    stage: str | None = None
    facts: FactsOut | None = None


class CustomerPage(Schema):
    """One page; `next` continues it. `count` stands on the first page, estimated where `count_is_exact` is false."""

    items: list[CustomerOut]
    as_of: date
    next: str | None
    count: int | None
    count_is_exact: bool | None


class SearchIn(Strict):
    """A full phone, card or e-mail, the last four signs of a phone or card, a name, a surname, or pinyin initials."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]
    after: Annotated[int, Field(ge=0, le=2**53 - 1)] = 0


class CustomersFound(Schema):
    items: list[CustomerOut]


class StandingIn(Strict):
    """One identifier of the customer, as the till or the mall has it."""

    kind: Literal["phone", "card", "openid", "unionid", "email"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00]+$")]


class TierOut(Schema):
    """The tier in one scheme; null: in none."""

    scheme: str
    title: str
    tier: str | None
    tier_title: str | None
    since: date | None


class UsableCouponOut(Schema):
    """
    A coupon that may be used now. effect: amount (off_fen) or percent (off_share 0..1, at most most_off_fen).

    category_ids: what it counts for, empty is everything; those below them count, too. expires_at: the first moment it does not.
    """

    code: str
    name: str
    effect: str
    off_fen: int | None
    off_share: float | None
    most_off_fen: int | None
    minimum_fen: int
    category_ids: list[int]
    first_order_only: bool
    expires_at: datetime


class StandingOut(Schema):
    """What a till and the mall may know at the counter: no name, no phone. points null: no balance published yet."""

    id: int
    is_member: bool
    tiers: list[TierOut]
    points: int | None
    coupons: list[UsableCouponOut]


class EventOut(Schema):
    """Something a customer did."""

    id: int
    source: str
    type: str
    occurred_at: datetime
    store_id: int | None
    product_id: int | None
    rating: int | None
    text: str


class EventsOut(Schema):
    items: list[EventOut]
