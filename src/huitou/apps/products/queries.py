"""Read the dimensions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import pyarrow as pa
from django.db.models import Count, Max, Q, QuerySet

from huitou.apps.base.grouped import Groups, rows_groups
from huitou.apps.base.listing import Asked, ListPage, Place, rows_count, rows_page, rows_place
from huitou.apps.base.listing import Count as RowCount
from huitou.apps.base.scope import Viewer, store_reach
from huitou.apps.products.models import Category, Product, Store
from huitou.core.filters.catalogue import Field
from huitou.core.identity.names import initials

STORE_SCHEMA = pa.schema([
    ("store_id", pa.int32()), ("code", pa.string()), ("name", pa.string()), ("region_code", pa.string()),
    ("region_name", pa.string()), ("city", pa.string()), ("is_placeholder", pa.bool_()),
])  # fmt: skip
PRODUCT_SCHEMA = pa.schema([
    ("product_id", pa.int32()), ("code", pa.string()), ("name", pa.string()), ("category_id", pa.int32()),
    ("brand", pa.string()), ("price_fen", pa.int64()), ("cost_fen", pa.int64()), ("is_placeholder", pa.bool_()),
])  # fmt: skip
_CODE_ONLY = Q(is_placeholder=True)
CATEGORY_SCHEMA = pa.schema([
    ("category_id", pa.int32()), ("path", pa.string()), ("name", pa.string()), ("parent_id", pa.int32()), ("level", pa.int16()),
])  # fmt: skip


def store_table() -> pa.Table:
    """Return all stores in order of id."""
    columns = ("id", "code", "name", "region_code", "region_name", "city", "is_placeholder")
    return _table(Store.objects.order_by("id").values_list(*columns), STORE_SCHEMA)


def product_table() -> pa.Table:
    """Return all products in order of id."""
    columns = ("id", "code", "name", "category_id", "brand", "price_fen", "cost_fen", "is_placeholder")
    return _table(Product.objects.order_by("id").values_list(*columns), PRODUCT_SCHEMA)


def product_stamp() -> tuple[object, ...]:
    """Return what changes whenever the catalogue of products does."""
    sums = Product.objects.aggregate(products=Count("pk"), newest=Max("updated_at"), placeholders=Count("pk", filter=_CODE_ONLY))
    return tuple(sums.values())


def category_table() -> pa.Table:
    """Return all category nodes in order of id."""
    return _table(Category.objects.order_by("id").values_list("id", "path", "name", "parent_id", "level"), CATEGORY_SCHEMA)


def placeholder_stores(ids: Mapping[str, int]) -> dict[str, int]:
    """Return those of the stores (code -> id) whose master data has not come."""
    return _placeholders(Store, ids)


def placeholder_products(ids: Mapping[str, int]) -> dict[str, int]:
    """Return those of the products (code -> id) whose master data has not come."""
    return _placeholders(Product, ids)


def placeholder_codes() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the codes of all stores, and of all products, whose master data has not come."""
    stores = Store.objects.filter(is_placeholder=True).order_by("code").values_list("code", flat=True)
    products = Product.objects.filter(is_placeholder=True).order_by("code").values_list("code", flat=True)
    return tuple(stores), tuple(products)


def _placeholders(model: type[Store] | type[Product], ids: Mapping[str, int]) -> dict[str, int]:
    if not ids:
        return {}
    unknown = set(model._default_manager.filter(is_placeholder=True).values_list("id", flat=True))
    return {code: row_id for code, row_id in ids.items() if row_id in unknown}


def _table(rows: Iterable[Sequence[Any]], schema: pa.Schema) -> pa.Table:
    columns: list[tuple[Any, ...]] = list(zip(*rows, strict=True)) or [()] * len(schema)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema)


def stores_in_reach(*, viewer: Viewer) -> QuerySet[Store]:
    """Return the stores a viewer stands for (all for chain-wide roles), by region and code."""
    return Store.objects.filter(store_reach(viewer, "id")).order_by("region_code", "code")


def store_page(viewer: Viewer, asked: Asked) -> ListPage:
    """Return one page of the list of stores; the subjects of its rows are Store."""
    return rows_page(stores_in_reach(viewer=viewer), asked)


def store_count(viewer: Viewer, asked: Asked) -> RowCount:
    """Return how many stores in reach match."""
    return rows_count(stores_in_reach(viewer=viewer), asked)


def store_groups(viewer: Viewer, asked: Asked, field: Field) -> Groups:
    """Return how the stores in reach that match divide by a field."""
    return rows_groups(stores_in_reach(viewer=viewer), asked, field)


def store_place(viewer: Viewer, asked: Asked) -> Place:
    """Return the stores before and after a position in the list."""
    return rows_place(stores_in_reach(viewer=viewer), asked)


def stores_named(*, viewer: Viewer, term: str, limit: int) -> list[Store]:
    """Return stores in reach whose name or code contains the term, then those with it in the first letters of their pinyin."""
    stores = stores_in_reach(viewer=viewer)
    found = list(stores.filter(Q(name__icontains=term) | Q(code__icontains=term))[:limit])
    if len(found) < limit and term.isascii() and term.isalpha():
        alike = (store for store in stores if term.lower() in initials(store.name) and store not in found)
        found += islice(alike, limit - len(found))
    return found


@dataclass(frozen=True, slots=True)
class StoreRegion:
    """A store and the region it belongs to."""

    store_id: int
    region_code: str
    region_name: str


def store_regions(*, viewer: Viewer) -> list[StoreRegion]:
    """Return the stores in reach with their regions, by region and code."""
    return [StoreRegion(*row) for row in stores_in_reach(viewer=viewer).values_list("id", "region_code", "region_name")]


def category_names() -> dict[int, str]:
    """Return the full names (paths) of all categories by id, in order of the path."""
    return dict(Category.objects.order_by("path").values_list("pk", "path"))


def categories_named(_viewer: Viewer) -> dict[int, str]:
    """Name the categories of a field; everybody sees what the chain sells. One function, so that a list asks it once."""
    return category_names()


def root_categories() -> dict[int, str]:
    """Return the names of the categories of the first level by id, in order of the name."""
    return dict(Category.objects.filter(level=1).order_by("path").values_list("pk", "name"))


def categories_below() -> dict[int, tuple[int, ...]]:
    """Return for every category the categories below it, at any depth; a category without any is left out."""
    parents = dict(Category.objects.order_by("pk").values_list("pk", "parent_id"))
    below: dict[int, list[int]] = {}
    for category in parents:
        above = parents[category]
        while above is not None:
            below.setdefault(above, []).append(category)
            above = parents[above]
    return {category: tuple(found) for category, found in below.items()}


def store_places() -> list[tuple[int, float, float]]:
    """Return id, latitude and longitude of the stores whose coordinates are known, in order of id."""
    known = Store.objects.order_by("pk")
    rows = known.values_list("pk", "latitude", "longitude")
    return [(pk, latitude, longitude) for pk, latitude, longitude in rows if latitude is not None and longitude is not None]


def stores_by_region() -> dict[str, list[int]]:
    """Return the store ids of every region."""
    found: dict[str, list[int]] = {}
    for code, store_id in Store.objects.order_by("pk").values_list("region_code", "pk"):
        found.setdefault(code, []).append(store_id)
    return found


def region_names() -> dict[str, str]:
    """Return the name of every region by its code."""
    return dict(Store.objects.order_by("region_code", "pk").values_list("region_code", "region_name"))


def store_names(store_ids: Iterable[int | None] | None = None) -> dict[int, str]:
    """Return the names of these stores, or of all, by id; an unknown id is left out."""
    stores = Store.objects.all() if store_ids is None else Store.objects.filter(pk__in={one for one in store_ids if one})
    return dict(stores.values_list("pk", "name"))


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Products in order of their code; `next_after` continues, None at the end."""

    products: list[Product]
    next_after: str | None


def product_page(*, term: str = "", after: str = "", limit: int = 50) -> ProductPage:
    """Return products whose code or name contains the term, after a code; the empty term takes all."""
    found = Product.objects.select_related("category").order_by("code")
    if term:
        found = found.filter(Q(code__icontains=term) | Q(name__icontains=term))
    rows = list(found.filter(code__gt=after)[: limit + 1])
    more = len(rows) > limit
    return ProductPage(rows[:limit], rows[limit - 1].code if more else None)


def product_of(product_id: int) -> Product | None:
    """Return one product with its category; None for one that is not there."""
    return Product.objects.select_related("category").filter(pk=product_id).first()


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product as other pages name it; category: the name of its own node."""

    pk: int
    code: str
    name: str
    category_id: int
    category: str


def products_by_id(product_ids: Iterable[int]) -> dict[int, ProductCard]:
    """Return these products, by id; an unknown id is left out."""
    rows = Product.objects.filter(pk__in_list=sorted(set(product_ids)))
    cards = (ProductCard(*row) for row in rows.values_list("pk", "code", "name", "category_id", "category__name"))
    return {card.pk: card for card in cards}


def product_names(product_ids: Iterable[int]) -> dict[int, str]:
    """Return the names of these products, by id; one that is not there or has no name is left out."""
    return {pk: card.name for pk, card in products_by_id(product_ids).items() if card.name}


def product_names_by_code(codes: Iterable[str]) -> dict[str, str]:
    """Return the names of the products with these codes; one that is not there or has no name is left out."""
    return dict(Product.objects.filter(code__in=set(codes)).exclude(name="").values_list("code", "name"))


def product_ids_of(codes: Iterable[str]) -> dict[str, int]:
    """Return the ids of these codes; an unknown code is left out."""
    return dict(Product.objects.filter(code__in=set(codes)).values_list("code", "pk"))
