"""The dimensions as the warehouse takes them."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from huitou.apps.products.models import Category, Product, Store
from huitou.warehouse.dimensions import CATEGORIES, PRODUCTS, STORES, Dims


def dimensions() -> Dims:
    """Return stores, products and categories as they are now."""
    return Dims(
        stores=_table(
            STORES, Store.objects.values_list("id", "code", "name", "region_code", "region_name", "city").order_by("pk")
        ),
        products=_table(PRODUCTS, Product.objects.values_list("id", "code", "name", "category_id", "brand")),
        categories=_table(CATEGORIES, Category.objects.values_list("id", "parent_id", "name", "path", "level")),
    )


def _table(schema: pa.Schema, rows: Iterable[tuple[Any, ...]]) -> pa.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(values, field.type) for values, field in zip(columns, schema, strict=True)], schema=schema)
