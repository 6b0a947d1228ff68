"""Ids for the codes that rows name; a code nobody has described yet gets a placeholder, so that revenue is never dropped."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Model

from huitou.apps.products.models import Category, Product, Store

UNKNOWN_REGION_CODE = "unknown"
UNKNOWN_REGION_NAME = "未知区域"
UNKNOWN_CATEGORY = "未分类"
_CHUNK = 5_000


def store_ids_ensure(codes: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return the id of every store code, making placeholders for unknown ones. Codes are at most 32 characters."""
    wanted = sorted(set(codes))
    known = _ids(Store, wanted)
    missing = [code for code in wanted if code not in known]
    if missing:
        rows = [
            Store(
                code=code,
                name=code,
                region_code=UNKNOWN_REGION_CODE,
                region_name=UNKNOWN_REGION_NAME,
                is_placeholder=True,
                updated_at=now,
            )
            for code in missing
        ]
        Store.objects.bulk_create(rows, ignore_conflicts=True)
        known |= _ids(Store, missing)
    return known


@transaction.atomic
def product_ids_ensure(codes: Iterable[str], *, now: datetime) -> dict[str, int]:
    """Return the id of every product code, making placeholders for unknown ones. Codes are at most 64 characters."""
    wanted = sorted(set(codes))
    known = _ids(Product, wanted)
    missing = [code for code in wanted if code not in known]
    if missing:
        category, _ = Category.objects.get_or_create(path=UNKNOWN_CATEGORY, defaults={"name": UNKNOWN_CATEGORY, "level": 1})
        rows = [Product(code=code, name=code, category=category, is_placeholder=True, updated_at=now) for code in missing]
        Product.objects.bulk_create(rows, ignore_conflicts=True)
        known |= _ids(Product, missing)
    return known


def _ids(model: type[Model], codes: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(codes), _CHUNK):
        rows = model._default_manager.filter(code__in=codes[start : start + _CHUNK]).values_list("code", "id")
        found.update(rows)
    return found
