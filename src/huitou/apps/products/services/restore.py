"""Give stores, products and categories back the ids under which the landing knows them."""

from datetime import datetime

import pyarrow as pa
from django.core.management.color import no_style
from django.db import connection

from huitou.apps.products.models import Category, Product, Store
from huitou.apps.products.services.categories import UNKNOWN_CATEGORY, categories_restore, category_ids_ensure
from huitou.apps.products.services.placeholders import UNKNOWN_REGION_CODE, UNKNOWN_REGION_NAME


def dimension_rows_restore(*, codes: pa.Table, stores: pa.Table, products: pa.Table, now: datetime) -> None:
    """
    Make placeholders with the ids of a landed batch, in the caller's transaction; known ids stay as they are.

    codes, stores, products: the landing tables of that name. `dimensions_apply` fills them afterwards.
    """
    named = {(row["noun"], row["id"]): row["code"] for row in codes.to_pylist()}
    named |= {("store", row["store_id"]): row["store_code"] for row in stores.to_pylist()}
    named |= {("product", row["product_id"]): row["product_code"] for row in products.to_pylist()}
    if not named:
        return
    categories_restore({code: row_id for (noun, row_id), code in named.items() if noun == "category"})
    unknown_id = category_ids_ensure([UNKNOWN_CATEGORY])[UNKNOWN_CATEGORY]
    shops = [
        Store(
            id=row_id,
            code=code,
            name=code,
            region_code=UNKNOWN_REGION_CODE,
            region_name=UNKNOWN_REGION_NAME,
            is_placeholder=True,
            updated_at=now,
        )
        for (noun, row_id), code in named.items()
        if noun == "store"
    ]
    articles = [
        Product(id=row_id, code=code, name=code, category_id=unknown_id, is_placeholder=True, updated_at=now)
        for (noun, row_id), code in named.items()
        if noun == "product"
    ]
    Store.objects.bulk_create(shops, ignore_conflicts=True)
    Product.objects.bulk_create(articles, ignore_conflicts=True)
    with connection.cursor() as cursor:  # PostgreSQL would give the same ids out again
        for statement in connection.ops.sequence_reset_sql(no_style(), [Store, Product, Category]):
            cursor.execute(statement)
