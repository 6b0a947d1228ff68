"""Orders and their lines."""

from datetime import date, datetime
from typing import Literal

from ninja import Schema


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
