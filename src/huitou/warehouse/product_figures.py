"""What readers of products found, put together: no file is read here."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields
from datetime import date
from typing import TypeVar

import pyarrow as pa

from huitou.warehouse.held import held_table
from huitou.warehouse.queries.product_sales import ProductSums

Key = TypeVar("Key", bound=Hashable)
_COLUMNS = tuple(column.name for column in fields(ProductSums))
_WITH_SUMS = """
    select p.*, coalesce(s.net_fen, 0) as net_fen, coalesce(s.refund_fen, 0) as refund_fen,
        (coalesce(s.qty_milli, 0) + 500) // 1000 as pieces,
        coalesce(s.net_fen, 0) - (p.cost_fen * coalesce(s.qty_milli, 0) + 500) // 1000 as margin_fen,
        greatest(b.last_date, t.last_date) as last_date
    from products as p
    left join sums as s on p.product_id = s.product_id
    left join of_base as b on p.product_id = b.product_id
    left join of_tail as t on p.product_id = t.product_id"""


def products_with_sums(products: pa.Table, sums: pa.Table, of_base: pa.Table, of_tail: pa.Table) -> pa.Table:
    """
    Return the products with net_fen and refund_fen, pieces (whole ones), margin_fen (None without cost_fen), last_date (None:
    never sold). sums as `product_sums`, of_base and of_tail as their last days.
    """
    return held_table(_WITH_SUMS, products=products, sums=sums, of_base=of_base, of_tail=of_tail)


def summed(sales: Mapping[tuple[int, date], ProductSums], key: Callable[[int, date], Key]) -> dict[Key, ProductSums]:
    """Add up the sums of all (store id, day) that share a key, in order of its first appearance."""
    found: dict[Key, list[ProductSums]] = {}
    for place, sums in sales.items():
        found.setdefault(key(*place), []).append(sums)
    return {one: ProductSums(*(sum(getattr(sums, name) for sums in parts) for name in _COLUMNS)) for one, parts in found.items()}
