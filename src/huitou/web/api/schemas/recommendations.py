"""What to offer a customer, with a basket, and what is not to be offered."""

from datetime import date
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field

from huitou.web.api.schemas.base import Code, Strict


class NextRepeatOut(Schema):
    """A product bought before; chance: that it is in the next basket, 0..1; reason: once, due, often."""

    product: str
    name: str
    chance: float
    reason: str
    times: int
    days_ago: int
    gap_days: float | None


class NextNewOut(Schema):
    """A product never bought; because: the code of the one that speaks for it; reason: together, popular."""

    product: str
    name: str
    reason: str
    because: str | None
    lift: float | None


class NextCategoryOut(Schema):
    category_id: int
    name: str
    chance: float


class NextOut(Schema):
    person_id: int
    as_of: date
    again: list[NextRepeatOut]
    fresh: list[NextNewOut]
    categories: list[NextCategoryOut]


class BasketIn(Strict):
    """Codes of the products in a basket; margin_weight 0 asks what is bought, 1 what brings most margin."""

    products: Annotated[list[Code], Field(min_length=1, max_length=100)]
    top: Annotated[int, Field(ge=1, le=20)] = 5
    margin_weight: Annotated[float, Field(ge=0, le=1)] = 0.2


class OfferOut(Schema):
    """A product that is bought with `because` lift times as often as by chance; margin 0..1, null: unknown."""

    product: str
    name: str
    because: str
    lift: float
    margin: float | None


class OffersOut(Schema):
    items: list[OfferOut]
    unknown: list[str]


class WithheldIn(Strict):
    products: Annotated[list[Code], Field(min_length=1, max_length=1_000)]
    reason: Literal["out_of_stock", "off_sale"]
    until: date | None = None


class WithheldOut(Schema):
    withheld: int
    unknown: list[str]
