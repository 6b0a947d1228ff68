"""Custom attributes and their values."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema


class AttributeOut(Schema):
    """
    An attribute or event type that somebody defined. is_usable: it may stand in filters today. places: of a decimal; filters take
    it in whole units of the last place.
    """

    kind: Literal["attribute", "event"]
    code: str
    title: str
    title_en: str
    type: str
    choices: list[str]
    places: int
    unit: str
    is_sensitive: bool
    provider: str
    legal_basis: str
    expires_on: date | None
    is_usable: bool


class AttributesOut(Schema):
    """Every definition, attributes first."""

    items: list[AttributeOut]


class AttributeValueOut(Schema):
    """The newest value of one attribute; a sensitive one comes masked."""

    attribute: str
    text: str
    is_masked: bool
    source: str
    observed_at: datetime
    is_stale: bool


class AttributeValuesOut(Schema):
    """What is known of one customer."""

    items: list[AttributeValueOut]
