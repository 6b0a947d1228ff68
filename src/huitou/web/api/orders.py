"""Orders of the stores in reach, and the catalogue."""

from datetime import date, timedelta
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Path, Query, Router

from huitou.apps.products.queries import product_page, stores_in_reach
from huitou.core.periods import Period
from huitou.warehouse.queries.orders import order_lines, orders_by_number, orders_of_stores
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.catalogue import ProductOut, ProductPageOut, StoreOut, StoresOut
from huitou.web.api.schemas.orders import OrderDetail, OrderLineOut, OrderPage, OrdersFound
from huitou.web.api.shared import LARGEST_PAGE, answers, caller_of, cursor_key, cursor_text, order_out, published

router = Router()
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
_KINDS: tuple[Literal["sale", "return", "void"], ...] = ("sale", "return", "void")
_LONGEST = timedelta(days=366)


@router.get("/orders", response=answers(OrderPage), auth=Guard("orders_list"), url_name="orders_list", tags=["orders"])
def orders_list(
    request: HttpRequest, start: date, end: date, store_id: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
    after: Annotated[str, Query(max_length=200)] = "", limit: Limit = 50,
) -> OrderPage:  # fmt: skip
    """Return orders with their business day in [start, end), at most a year, newest first, of the stores in reach."""
    if not start < end <= start + _LONGEST if start < date(9990, 1, 1) else True:
        raise Problem(400, "end must come after start, within a year")
    key, viewer = cursor_key(after), caller_of(request).viewer
    with published() as reading:
        rows = orders_of_stores(
            reading.cursor, scope=viewer.scope(), period=Period(start, end), store_id=store_id, after=key, limit=limit + 1
        )
    return OrderPage(
        items=[order_out(row) for row in rows[:limit]], next=cursor_text(rows[limit - 1].key) if len(rows) > limit else None
    )


@router.get("/orders/{order_no}", response=answers(OrdersFound), auth=Guard("orders_get"), url_name="orders_get", tags=["orders"])
def orders_get(request: HttpRequest, order_no: Annotated[str, Path(min_length=1, max_length=64)]) -> OrdersFound:
    """Return the orders with this number and their lines; two sources may use the same number."""
    scope = caller_of(request).viewer.scope()
    with published() as reading:
        rows = orders_by_number(reading.cursor, scope=scope, order_no=order_no)
        details = [
            OrderDetail(
                order=order_out(row),
                lines=[
                    OrderLineOut(
                        line_no=line.line_no, kind=_KINDS[line.kind], sold_at=line.sold_at, product_id=line.product_id,
                        product_name=line.product_name, qty_milli=line.qty_milli, amount_fen=line.amount_fen,
                        discount_fen=line.discount_fen,
                    )
                    for line in order_lines(reading.cursor, scope=scope, net_order_id=row.net_order_id, record_id=row.record_id)
                ],
            )
            for row in rows
        ]  # fmt: skip
    if not details:
        raise Problem(404, "there is no such order in reach")
    return OrdersFound(items=details)


@router.get("/stores", response=answers(StoresOut), auth=Guard("stores_list"), url_name="stores_list", tags=["catalogue"])
def stores_list(request: HttpRequest) -> StoresOut:
    """Return the stores in reach, by region and code."""
    return StoresOut(
        items=[
            StoreOut(
                id=store.pk, code=store.code, name=store.name, region_code=store.region_code, region_name=store.region_name,
                city=store.city,
            )
            for store in stores_in_reach(viewer=caller_of(request).viewer)
        ]
    )  # fmt: skip


@router.get(
    "/products", response=answers(ProductPageOut), auth=Guard("products_list"), url_name="products_list", tags=["catalogue"]
)
def products_list(
    request: HttpRequest, term: Annotated[str, Query(max_length=64)] = "", after: Annotated[str, Query(max_length=64)] = "",
    limit: Limit = 50,
) -> ProductPageOut:  # fmt: skip
    """Return products whose code or name contains the term, in order of their code."""
    if "\0" in term or "\0" in after:
        raise Problem(400, "a NUL is no text")
    page = product_page(term=term, after=after, limit=limit)
    return ProductPageOut(
        items=[
            ProductOut(
                id=product.pk, code=product.code, name=product.name, category=product.category.path, brand=product.brand,
                price_fen=product.price_fen,
            )
            for product in page.products
        ],
        next=page.next_after,
    )  # fmt: skip
