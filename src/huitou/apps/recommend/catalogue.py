"""What recommendations need to know of the products: their categories, their margins, what is not on sale."""

from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np

from huitou.apps.products.queries import product_table
from huitou.core.value.clv.histories import Floats
from huitou.core.value.recommend.history import Ints
from huitou.warehouse.queries.bought_items import last_sold
from huitou.warehouse.scope import CHAIN

OFF_SALE_DAYS = 60  # without a sale anywhere in the chain


@dataclass(frozen=True, slots=True)
class Catalogue:
    """products ascending; categories: of each. margins: product ids, ascending, and share of the price where both are known."""

    products: Ints
    categories: Ints
    margins: tuple[Ints, Floats]
    unnamed: Ints  # placeholders, of which only the code is known

    def categories_of(self, products: Ints) -> Ints:
        """Return the category of each product; -1 for one that is not in the catalogue."""
        if not self.products.size:
            return np.full(products.size, -1, dtype=np.int64)
        at = np.minimum(np.searchsorted(self.products, products), self.products.size - 1)
        return np.where(self.products[at] == products, self.categories[at], -1)

    def products_of(self) -> dict[int, list[int]]:
        """Return the products of every category, without those below it."""
        found: dict[int, list[int]] = {}
        for product, category in zip(self.products.tolist(), self.categories.tolist(), strict=True):
            found.setdefault(category, []).append(product)
        return found


def catalogue() -> Catalogue:
    """Read it from the operations database. A margin outside 0..1 (sold below cost) counts as 0."""
    table = product_table()
    ids, categories = (table[name].to_numpy().astype(np.int64) for name in ("product_id", "category_id"))
    price, cost = (table[name].to_numpy().astype(np.float64) for name in ("price_fen", "cost_fen"))
    known = np.isfinite(price) & np.isfinite(cost) & (np.nan_to_num(price) > 0)
    margin = np.clip(1 - cost[known] / price[known], 0, 1)
    return Catalogue(ids, categories, (ids[known], margin), ids[table["is_placeholder"].to_numpy(zero_copy_only=False)])


def unsold(cursor: duckdb.DuckDBPyConnection, as_of: date) -> Ints:
    """Return the products that were sold once, but not in the last 60 days."""
    limit = as_of - timedelta(OFF_SALE_DAYS)
    sold = last_sold(cursor, scope=CHAIN, as_of=as_of)
    return np.array(sorted(product for product, day in sold.items() if day <= limit), dtype=np.int64)
