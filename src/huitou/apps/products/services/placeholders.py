"""Ids for the codes that rows name; a code nobody has described yet gets a placeholder, so that revenue is never dropped."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from huitou.apps.products.models import Product, Store
from huitou.apps.products.services.categories import UNKNOWN_CATEGORY, category_ids_ensure

UNKNOWN_REGION_CODE = "unknown"
UNKNOWN_REGION_NAME = "未知区域"
_CHUNK = 5_000

# Tens of thousands at the first load: model objects would take seconds. A worker of another source may race here.
_STORE_INSERT = """
insert into products_store (code, name, region_code, region_name, city, address, is_placeholder, updated_at)
values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict (code) do nothing
"""
_PRODUCT_INSERT = """
insert into products_product (code, name, category_id, brand, unit, is_placeholder, updated_at)
values (%s, %s, %s, %s, %s, %s, %s) on conflict (code) do nothing
"""


@transaction.atomic
def store_ids_ensure(codes: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return the id of every store code, making placeholders for unknown ones. Codes are at most 32 characters."""
    wanted = sorted(set(codes))
    known = _ids(Store, wanted)
    missing = [code for code in wanted if code not in known]
    if missing:
        moment = connection.ops.adapt_datetimefield_value(now)
        rows = [(code, code, UNKNOWN_REGION_CODE, UNKNOWN_REGION_NAME, "", "", True, moment) for code in missing]
        _insert(_STORE_INSERT, rows)
        known |= _ids(Store, missing)
    return known


@transaction.atomic
def product_ids_ensure(codes: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return the id of every product code, making placeholders for unknown ones. Codes are at most 64 characters."""
    wanted = sorted(set(codes))
    known = _ids(Product, wanted)
    missing = [code for code in wanted if code not in known]
    if missing:
        moment = connection.ops.adapt_datetimefield_value(now)
        category_id = category_ids_ensure([UNKNOWN_CATEGORY])[UNKNOWN_CATEGORY]
        _insert(_PRODUCT_INSERT, [(code, code, category_id, "", "", True, moment) for code in missing])
        known |= _ids(Product, missing)
    return known


def _insert(statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def _ids(model: type[Model], codes: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(codes), _CHUNK):
        rows = model._default_manager.filter(code__in=codes[start : start + _CHUNK]).values_list("code", "id")
        found.update(rows)
    return found
