"""The shapes of requests and answers. Money is whole fen, moments carry an offset, personal values come masked."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, PlainSerializer, StringConstraints

Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")]
Text = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
Short = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Amount = Annotated[
    Decimal,
    Field(ge=-10_000_000, le=10_000_000, max_digits=15, decimal_places=3),
    PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json"),
]
Id = Annotated[int, Field(ge=1, le=2**53 - 1)]


class Strict(Schema):
    """A body without unknown names: a typing mistake is told, not ignored."""

    model_config = ConfigDict(extra="forbid")


# --- customers -----------------------------------------------------------------------------------------------------


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


# --- identities ----------------------------------------------------------------------------------------------------


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


class ChangeOut(Schema):
    """The identity event that was written."""

    event_id: int
    kind: str


# --- events --------------------------------------------------------------------------------------------------------


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
    """One event. Its id is unique in its source and type; docs/api.md says which fields each type needs."""

    type: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")]
    id: Code
    occurred_at: datetime
    version: datetime | None = None
    customer: CustomerIn | None = None
    store: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = None
    product: Code | None = None
    channel: Literal["store", "online"] | None = None
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
    attribute: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,30}$")] | None = None
    value: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = None


class EventsIn(Strict):
    """1 to 1,000 events of one source."""

    source: Annotated[str, StringConstraints(min_length=1, max_length=32, pattern=r"^[a-z0-9_-]+$")]
    events: Annotated[list[EventIn], Field(min_length=1, max_length=1_000)]


class ReceivedOut(Schema):
    """received: events stored now, 0 for a repeat of a request that still waits. They are visible within a minute."""

    received: int
    repeat: bool


# --- attributes ----------------------------------------------------------------------------------------------------


class AttributeOut(Schema):
    """An attribute or event type that somebody defined. is_usable: it may stand in filters today."""

    kind: Literal["attribute", "event"]
    code: str
    title: str
    title_en: str
    type: str
    choices: list[str]
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


# --- orders, catalogue ---------------------------------------------------------------------------------------------


class OrderOut(Schema):
    """One order with its returns netted in."""

    id: int
    order_no: str | None
    business_date: date
    sold_at: datetime
    store_id: int
    channel: Literal["store", "online"]
    gross_fen: int
    refund_fen: int
    net_fen: int
    discount_fen: int
    lines: int


class OrderPage(Schema):
    items: list[OrderOut]
    next: str | None


class OrderLineOut(Schema):
    line_no: int
    kind: Literal["sale", "return", "void"]
    sold_at: datetime
    product_id: int
    product_name: str | None
    qty_milli: int
    amount_fen: int
    discount_fen: int


class OrderDetail(Schema):
    order: OrderOut
    lines: list[OrderLineOut]


class OrdersFound(Schema):
    items: list[OrderDetail]


class StoreOut(Schema):
    id: int
    code: str
    name: str
    region_code: str
    region_name: str
    city: str


class StoresOut(Schema):
    items: list[StoreOut]


class ProductOut(Schema):
    id: int
    code: str
    name: str
    category: str
    brand: str
    price_fen: int | None


class ProductPageOut(Schema):
    items: list[ProductOut]
    next: str | None


# --- imports -------------------------------------------------------------------------------------------------------


class ImportOut(Schema):
    """An import. new + updated + unchanged + quarantined are its rows once it is done."""

    id: int
    source: str
    kind: str
    file_name: str
    state: str  # uploaded, running, done, failed, undone
    encoding: str
    header: list[str]
    mapping: dict[str, int]
    rows: int
    new: int
    updated: int
    unchanged: int
    quarantined: int
    read_share: float
    replay_of: int | None
    error: str
    created_at: datetime
    ended_at: datetime | None


class ImportPage(Schema):
    items: list[ImportOut]
    next: int | None


class ImportStartIn(Strict):
    """Which column (from 0) holds which field, and values for the whole file; left out, the suggestion holds."""

    mapping: dict[str, Annotated[int, Field(ge=0, le=499)]] | None = None
    constants: dict[str, Short] | None = None


class CheckOut(Schema):
    """What the first rows would come to; nothing was written."""

    rows: int
    is_whole: bool
    counts: dict[str, dict[str, int]]
    errors: list[dict[str, Any]]


# --- webhooks ------------------------------------------------------------------------------------------------------


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


class Done(Schema):
    done: bool


# --- segments ------------------------------------------------------------------------------------------------------


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
