"""Events as they are sent."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import Field, StringConstraints

from huitou.web.api.schemas.base import Amount, Code, Short, Strict, Text

StoreCode = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[^\x00-\x1f\x7f]+$")]
SourceCode = Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[a-z0-9_-]+$")]


class CustomerIn(Strict):
    """Whom an event concerns: a customer number, or a card, openid or phone. The rest is told by `customer` events."""

    id: Code | None = None
    phone: Short | None = None
    card: Short | None = None
    openid: Short | None = None
    unionid: Short | None = None
    name: Short | None = None
    email: Short | None = None
    gender: Short | None = None
    birthday: Short | None = None
    address: Short | None = None
    registered_at: datetime | None = None


class LineIn(Strict):
    """One line of an order or refund; amount in yuan after discount."""

    line_no: Annotated[int, Field(ge=1, le=100_000)] | None = None
    product: Code
    qty: Amount
    amount: Amount
    discount: Amount | None = None


class EventIn(Strict):
    """One event. Its id is unique in its source, over all types of behaviour; docs/api.md says which fields each type needs."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    id: Code
    occurred_at: datetime
    version: datetime | None = None
    customer: CustomerIn | None = None
    store: StoreCode | None = None
    product: Code | None = None
    channel: Literal["store", "online", "sms", "phone", "wecom", "email"] | None = None
    lines: Annotated[list[LineIn], Field(max_length=1_000)] | None = None
    order: Code | None = None
    original: Code | None = None
    line_no: Annotated[int, Field(ge=1, le=100_000)] | None = None
    qty: Amount | None = None
    amount: Amount | None = None
    discount: Amount | None = None
    rating: Annotated[int, Field(ge=1, le=5)] | None = None
    category: Short | None = None
    status: Short | None = None
    subject: Text | None = None
    text: Text | None = None
    referrer: CustomerIn | None = None
    group: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^|\x00-\x1f\x7f]+$")] | None = None
    group_name: Short | None = None
    guide: Short | None = None
    attribute: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")] | None = None
    value: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None


class EventsIn(Strict):
    """1 to 1,000 events of one source."""

    source: SourceCode
    events: Annotated[list[EventIn], Field(min_length=1, max_length=1_000)]


class ReceivedOut(Schema):
    """received: events stored now, 0 for a repeat of a request that still waits. They are visible within a minute."""

    received: int
    repeat: bool
