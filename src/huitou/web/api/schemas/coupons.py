"""Coupons at the till and in the mall."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Code, Strict
from huitou.web.api.schemas.customers import StandingIn

CouponCode = Annotated[str, StringConstraints(pattern=r"^[0-9A-Z]{1,24}$")]
OrderNo = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00]+$")]
Fen = Annotated[int, Field(ge=0, le=10**11)]


class BasketLineIn(Strict):
    """What is paid for one product after other discounts."""

    product: Code
    amount_fen: Fen


class RedeemIn(Strict):
    """
    One coupon for one order. amount_fen: what is to be paid before the coupon.

    lines are needed for a coupon that counts for some categories only. store: where it is used, empty for the mall.
    """

    customer: StandingIn
    code: CouponCode
    order: OrderNo
    channel: Literal["store", "online"]
    store: Annotated[str, StringConstraints(max_length=32, pattern=r"^[^\x00]*$")] = ""
    amount_fen: Fen
    lines: Annotated[list[BasketLineIn], Field(max_length=1_000)] | None = None


class IssueIn(Strict):
    """
    What a customer gets. kind: the code of a kind of coupon; key: the same one gives the same coupons again.

    occasion: `gift` and `return_pack` (a coupon for each of the three categories bought most) are marketing and not for whom
    the gate of outreach keeps out; `asked` is what the customer asked for.
    """

    customer: StandingIn
    kind: Code
    occasion: Literal["gift", "return_pack", "asked"]
    key: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class IssuedOut(Schema):
    """A coupon that was issued; category_id: the one category it counts for, null for those of its kind."""

    code: str
    category_id: int | None
    usable_from: datetime
    expires_at: datetime


class IssuedListOut(Schema):
    coupons: list[IssuedOut]


class RunIn(Strict):
    """Coupons of a kind for the members of a saved segment. key: the same one gives the same run again."""

    segment_id: Annotated[int, Field(ge=1, le=2**53 - 1)]
    kind: Code
    occasion: Literal["gift", "return_pack"]
    key: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[!-~]+$")]


class RunOut(Schema):
    """
    A run in persons: asked = issued + held + kept_out + unfit + gone + waiting. stopped: empty while it works or once it ended;
    else `day_most`, `budget`, `kind`, `over` or `role`.
    """

    id: int
    asked: int
    issued: int
    held: int
    kept_out: int
    unfit: int
    gone: int
    waiting: int
    stopped: str
    ended_at: datetime | None


class ReturnIn(Strict):
    """The coupon and the order it was used for."""

    code: CouponCode
    order: OrderNo


class RedemptionOut(Schema):
    """One use of a coupon. redemption counts the uses of this coupon; is_repeat: it had been written before, nothing changed."""

    code: str
    order: str
    redemption: int
    off_fen: int
    at: datetime
    is_repeat: bool
