"""Writes of the products app, one file per action."""

from huitou.apps.products.services.dimensions import dimensions_apply
from huitou.apps.products.services.placeholders import product_ids_ensure, store_ids_ensure

__all__ = ["dimensions_apply", "product_ids_ensure", "store_ids_ensure"]
