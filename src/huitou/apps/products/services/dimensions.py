"""Take the stores and products of a landed batch: the newest version of each wins, whichever source it comes from."""

from datetime import UTC
from typing import Any

from django.db import connection, transaction

from huitou.apps.accounts.services import region_reach_refresh
from huitou.apps.base.hooks import BatchLanded
from huitou.apps.base.secrets import keyring
from huitou.apps.base.storage import layout
from huitou.apps.products.models import Product, Store
from huitou.apps.products.queries import stores_by_region
from huitou.apps.products.services.categories import category_ids_ensure, category_path_clean
from huitou.warehouse.landing.read import read_table

# columns a source may leave empty: what another source said stays
_STORE_OPTIONAL = ("city", "address", "latitude", "longitude", "opened_on", "area_m2")
_PRODUCT_OPTIONAL = ("brand", "unit", "price_fen", "cost_fen")
_STORE_FIELDS = ("name", "region_code", "region_name", *_STORE_OPTIONAL, "is_placeholder", "updated_at")
_PRODUCT_UPDATE = """
update products_product set name = %s, category_id = %s, brand = %s, unit = %s, price_fen = %s, cost_fen = %s,
is_placeholder = %s, updated_at = %s where id = %s
"""
_CHUNK = 5_000


@transaction.atomic
def dimensions_apply(landed: BatchLanded) -> None:
    """Handle BATCH_LANDED. Run again it changes nothing."""
    stores = read_table(layout(), landed.source_code, landed.batch_id, "stores", keyring()).to_pylist()
    products = read_table(layout(), landed.source_code, landed.batch_id, "products", keyring()).to_pylist()
    if stores:
        _stores_upsert(stores)
        region_reach_refresh(stores_by_region())
    if products:
        _products_upsert(products)


def _stores_upsert(rows: list[dict[str, Any]]) -> None:
    known = Store.objects.in_bulk([row["store_id"] for row in rows])
    changed = []
    for row in rows:
        store, version_at = known[row["store_id"]], row["version_at"].replace(tzinfo=UTC)
        if store.is_placeholder or version_at > store.updated_at:
            filled = [name for name in _STORE_OPTIONAL if row[name] is not None]
            for name in ("name", "region_code", "region_name", *filled):
                setattr(store, name, row[name])
            store.is_placeholder, store.updated_at = False, version_at
            changed.append(store)
    Store.objects.bulk_create(changed, update_conflicts=True, unique_fields=["id"], update_fields=_STORE_FIELDS)


def _products_upsert(rows: list[dict[str, Any]]) -> None:
    """One raw statement per product: tens of thousands come at the first load, model objects would take seconds."""
    categories = category_ids_ensure(row["category_path"] for row in rows)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        stored = Product.objects.filter(id__in=[row["product_id"] for row in chunk])
        known = {row["id"]: row for row in stored.values("id", "is_placeholder", "updated_at", *_PRODUCT_OPTIONAL)}
        changed = []
        for row in chunk:
            before, version_at = known[row["product_id"]], row["version_at"].replace(tzinfo=UTC)
            if before["is_placeholder"] or version_at > before["updated_at"]:
                optional = [before[name] if row[name] is None else row[name] for name in _PRODUCT_OPTIONAL]
                moment = connection.ops.adapt_datetimefield_value(version_at)
                category_id = categories[category_path_clean(row["category_path"])]
                changed.append((row["name"], category_id, *optional, False, moment, row["product_id"]))
        with connection.cursor() as cursor:
            cursor.executemany(_PRODUCT_UPDATE, changed)
