"""Take the stores and products of a landed batch: the newest version of each wins, whichever source it comes from."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from huitou.apps.base.hooks import BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.products.models import Category, Product, Store
from huitou.warehouse.landing.read import read_table

# columns a source may leave empty: what another source said stays
_STORE_OPTIONAL = ("city", "address", "latitude", "longitude", "opened_on", "area_m2")
_PRODUCT_OPTIONAL = ("brand", "unit", "price_fen", "cost_fen")
_STORE_FIELDS = ("name", "region_code", "region_name", *_STORE_OPTIONAL, "is_placeholder", "updated_at")
_PRODUCT_FIELDS = ("name", "category_id", *_PRODUCT_OPTIONAL, "is_placeholder", "updated_at")
_CHUNK = 5_000


@transaction.atomic
def dimensions_apply(landed: BatchLanded) -> None:
    """Handle BATCH_LANDED. Run again it changes nothing."""
    stores = read_table(layout(), landed.source_code, landed.batch_id, "stores", keyring()).to_pylist()
    products = read_table(layout(), landed.source_code, landed.batch_id, "products", keyring()).to_pylist()
    if stores:
        _stores_upsert(stores)
    if products:
        _products_upsert(products)


def _stores_upsert(rows: list[dict[str, Any]]) -> None:
    known = Store.objects.in_bulk([row["store_id"] for row in rows])
    changed = []
    for row in rows:
        store = known[row["store_id"]]
        if _is_news(store, row["version_at"]):
            for name in ("name", "region_code", "region_name"):
                setattr(store, name, row[name])
            _take_filled(store, row, _STORE_OPTIONAL)
            _stamp(store, row["version_at"])
            changed.append(store)
    Store.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_STORE_FIELDS)


def _products_upsert(rows: list[dict[str, Any]]) -> None:
    categories = _categories_ensure({row["category_path"] for row in rows})
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        known = Product.objects.in_bulk([row["product_id"] for row in chunk])
        changed = []
        for row in chunk:
            product = known[row["product_id"]]
            if _is_news(product, row["version_at"]):
                product.name = row["name"]
                product.category_id = categories[_clean_path(row["category_path"])]
                _take_filled(product, row, _PRODUCT_OPTIONAL)
                _stamp(product, row["version_at"])
                changed.append(product)
        Product.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_PRODUCT_FIELDS)


def _is_news(known: Store | Product, version_at: datetime) -> bool:
    return known.is_placeholder or version_at.replace(tzinfo=UTC) > known.updated_at


def _take_filled(target: Store | Product, row: Mapping[str, Any], names: Iterable[str]) -> None:
    for name in names:
        if row[name] is not None:
            setattr(target, name, row[name])


def _stamp(target: Store | Product, version_at: datetime) -> None:
    target.is_placeholder = False
    target.updated_at = version_at.replace(tzinfo=UTC)


def _clean_path(path: str) -> str:
    return "/".join(part.strip() for part in path.split("/") if part.strip())


def _categories_ensure(paths: Iterable[str]) -> dict[str, int]:
    """Return the id of every path, making the nodes that are missing, parents first."""
    nodes = set()
    for path in map(_clean_path, paths):
        parts = path.split("/")
        nodes |= {"/".join(parts[:depth]) for depth in range(1, len(parts) + 1)}
    ids: dict[str, int] = dict(Category.objects.values_list("path", "id"))
    for path in sorted(nodes - ids.keys(), key=lambda path: (path.count("/"), path)):
        above, _, name = path.rpartition("/")
        ids[path] = Category.objects.create(path=path, name=name, parent_id=ids.get(above), level=path.count("/") + 1).pk
    return ids
