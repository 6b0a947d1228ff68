"""Outgoing webhooks and their deliveries."""

from datetime import datetime
from typing import Annotated

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Strict


class WebhookIn(Strict):
    url: Annotated[str, StringConstraints(min_length=10, max_length=500)]
    events: Annotated[list[str], Field(min_length=1, max_length=20)]


class WebhookOut(Schema):
    """`secret` is shown when the endpoint is made, and never again."""

    id: int
    url: str
    events: list[str]
    is_enabled: bool
    created_at: datetime
    secret: str | None = None


class WebhooksOut(Schema):
    items: list[WebhookOut]


class DeliveryOut(Schema):
    id: int
    event: str
    state: str  # pending, sending, sent, failed
    attempts: int
    last_status: int | None
    last_error: str
    created_at: datetime
    sent_at: datetime | None


class DeliveriesOut(Schema):
    items: list[DeliveryOut]
    next: int | None
