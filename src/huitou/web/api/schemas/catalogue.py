"""Stores and products."""

from ninja import Schema


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
