"""The shared dimensions as they are handed to a build: Arrow tables with fixed columns."""

from dataclasses import dataclass

import pyarrow as pa

STORES = pa.schema([
    ("store_id", pa.int32()), ("code", pa.string()), ("name", pa.string()),
    ("region_code", pa.string()), ("region_name", pa.string()), ("city", pa.string()),
])  # fmt: skip
PRODUCTS = pa.schema([
    ("product_id", pa.int32()), ("code", pa.string()), ("name", pa.string()), ("category_id", pa.int32()),
    ("brand", pa.string()),
])  # fmt: skip
CATEGORIES = pa.schema([
    ("category_id", pa.int32()), ("parent_id", pa.int32()), ("name", pa.string()), ("path", pa.string()),
    ("level", pa.int32()),
])  # fmt: skip
RECORD_MAP = pa.schema([("record_id", pa.int64()), ("person_id", pa.int64())])

NO_CATEGORY = 0  # the category of a line whose product is in no dimension table


@dataclass(frozen=True, slots=True)
class Dims:
    """Stores, products and categories; a column that is missing is refused, an extra one dropped."""

    stores: pa.Table
    products: pa.Table
    categories: pa.Table

    def __post_init__(self) -> None:
        for name, schema in (("stores", STORES), ("products", PRODUCTS), ("categories", CATEGORIES)):
            object.__setattr__(self, name, fit(getattr(self, name), schema, name))


def fit(table: pa.Table, schema: pa.Schema, name: str) -> pa.Table:
    """Return the table with exactly the columns of the schema. Raises ValueError naming what is missing."""
    missing = [column for column in schema.names if column not in table.column_names]
    if missing:
        raise ValueError(f"{name} lacks {', '.join(missing)}; it has {', '.join(table.column_names)}")
    return table.select(schema.names).cast(schema)
