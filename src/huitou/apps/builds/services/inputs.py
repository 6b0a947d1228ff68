"""The dimensions as the warehouse takes them."""

from huitou.apps.products.queries import category_table, product_table, store_table
from huitou.warehouse.dimensions import Dims


def dimensions() -> Dims:
    """Return stores, products and categories as they are now."""
    return Dims(stores=store_table(), products=product_table(), categories=category_table())
