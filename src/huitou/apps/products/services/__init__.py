"""Writes of the products app, one file per action."""

from huitou.apps.products.services.categories import UNKNOWN_CATEGORY, category_ids_ensure, category_nodes
from huitou.apps.products.services.dimensions import dimensions_apply
from huitou.apps.products.services.placeholders import product_ids_ensure, store_ids_ensure
from huitou.apps.products.services.restore import dimension_rows_restore

__all__ = [
    "UNKNOWN_CATEGORY", "category_ids_ensure", "category_nodes", "dimension_rows_restore", "dimensions_apply",
    "product_ids_ensure", "store_ids_ensure",
]  # fmt: skip
