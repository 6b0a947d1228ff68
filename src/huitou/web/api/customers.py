"""Customers: list, search, one of them, their orders and events. Masked for the key owner's role, cut to their reach."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Annotated

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Query, Router

from huitou.apps.attributes.queries import values_of_persons
from huitou.apps.base.clock import utc_now
from huitou.apps.base.listing import Asked, Cursor, ListRefused, cursor_read, sort_read
from huitou.apps.base.scope import Viewer
from huitou.apps.behaviour.queries import events_of_in_reach
from huitou.apps.customers.fields import customer_catalogue
from huitou.apps.customers.queries import persons_found
from huitou.apps.customers.queries.facts import published_facts
from huitou.apps.customers.queries.listing import DEFAULT_SORT, PersonRow, person_page, person_sorts
from huitou.apps.customers.queries.person import person_file
from huitou.apps.privacy.services import access_record
from huitou.apps.products.queries import store_names
from huitou.core.filters.catalogue import Catalogue
from huitou.core.filters.json_form import FilterError, parse
from huitou.core.filters.tree import EVERYTHING, Node
from huitou.core.periods import business_date
from huitou.warehouse.queries.timeline import timeline
from huitou.web.api.access import Guard
from huitou.web.api.problems import Problem
from huitou.web.api.schemas.customers import CustomerOut, CustomerPage, CustomersFound, EventOut, EventsOut, SearchIn
from huitou.web.api.schemas.orders import OrderPage
from huitou.web.api.shared import (
    LARGEST_PAGE,
    PersonId,
    answers,
    caller_of,
    cursor_key,
    cursor_text,
    facts_out,
    fields_out,
    order_out,
    published,
)
from huitou.web.csv_lines import BOM, csv_line
from huitou.web.lists.customers import published_as_of

router = Router(tags=["customers"])
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
CursorText = Annotated[str, Query(max_length=200)]
FilterText = Annotated[str, Query(max_length=4_000, description="a filter tree as JSON, docs/filters.md")]
_EXPORT_FIELDS = ("name", "phone", "member_card", "gender", "birthday", "email", "address")


@router.get("/customers", response=answers(CustomerPage), auth=Guard("customers_list"), url_name="customers_list")
def customers_list(
    request: HttpRequest, filter: FilterText = "", sort: Annotated[str, Query(max_length=40)] = "",
    after: CursorText = "", limit: Limit = 50,
) -> CustomerPage:  # fmt: skip
    """List customers that match a filter, in a sort order; `after` continues a page."""
    viewer = caller_of(request).viewer
    catalogue = customer_catalogue(viewer)
    as_of = published_as_of()
    try:
        order = sort_read(sort or DEFAULT_SORT, person_sorts(viewer))
        cursor = cursor_read(after, order.column) if after else None
        page = person_page(viewer, Asked(catalogue, order, as_of, _filters(filter, catalogue), cursor, limit=limit))
    except ListRefused as error:
        raise Problem(400, str(error)) from error
    return CustomerPage(
        items=[_row_out(row.subject) for row in page.rows],
        as_of=as_of,
        next=page.next_cursor,
        count=page.count.value if page.count else None,
        count_is_exact=page.count.is_exact if page.count else None,
    )


@router.post("/customers/search", response=answers(CustomersFound), auth=Guard("customers_search"), url_name="customers_search")
def customers_search(request: HttpRequest, body: SearchIn) -> CustomersFound:
    """Find customers by a value they are known under. A POST: a phone number never stands in an address."""
    found = persons_found(caller_of(request).viewer, body.text, after=body.after)
    return CustomersFound(
        items=[
            CustomerOut(
                id=person.person_id, fields=fields_out(dict(person.fields)), home_store_id=person.home_store_id,
                is_member=person.is_member, source_count=0, completeness_share=0.0, registered_at=None,
            )
            for person in found
        ]
    )  # fmt: skip


@router.get("/customers/{person_id}", response=answers(CustomerOut), auth=Guard("customer_get"), url_name="customer_get")
def customer_get(request: HttpRequest, person_id: PersonId) -> CustomerOut:
    """Return one customer; an id that was merged away shows the customer it went to."""
    viewer = caller_of(request).viewer
    card = person_file(viewer, person_id)
    if card is None:
        raise Problem(404, "there is no such customer in reach")
    facts = published_facts(viewer, card.person_id)
    return CustomerOut(
        id=card.person_id, fields=fields_out(dict(card.fields)), home_store_id=card.home_store_id, is_member=card.is_member,
        source_count=card.source_count, completeness_share=card.completeness_share, registered_at=card.registered_at,
        facts=facts_out(facts),
    )  # fmt: skip


@router.get(
    "/customers/{person_id}/orders", response=answers(OrderPage), auth=Guard("customer_orders"), url_name="customer_orders"
)
def customer_orders(request: HttpRequest, person_id: PersonId, after: CursorText = "", limit: Limit = 50) -> OrderPage:
    """Return a customer's orders, newest first."""
    viewer = caller_of(request).viewer
    card = person_file(viewer, person_id)
    if card is None:
        raise Problem(404, "there is no such customer in reach")
    key = cursor_key(after)
    with published() as reading:
        rows = timeline(reading.cursor, scope=viewer.scope(), person_id=card.person_id, after=key, limit=limit + 1)
    return OrderPage(
        items=[order_out(row) for row in rows[:limit]], next=cursor_text(rows[limit - 1].key) if len(rows) > limit else None
    )


@router.get(
    "/customers/{person_id}/events", response=answers(EventsOut), auth=Guard("customer_events"), url_name="customer_events"
)
def customer_events(request: HttpRequest, person_id: PersonId, limit: Limit = 50) -> EventsOut:
    """Return what a customer did besides buying, newest first."""
    viewer = caller_of(request).viewer
    if person_file(viewer, person_id) is None:
        raise Problem(404, "there is no such customer in reach")
    return EventsOut(
        items=[
            EventOut(
                id=row.event_id, source=row.source_code, type=row.type_code, occurred_at=row.occurred_at, store_id=row.store_id,
                product_id=row.product_id, rating=row.rating, text=row.text,
            )
            for row in events_of_in_reach(viewer, person_id, limit=limit)
        ]
    )  # fmt: skip


@router.get(
    "/exports/customers", response=answers(None), auth=Guard("export_customers"), url_name="export_customers",
    openapi_extra={"responses": {200: {"description": "CSV", "content": {"text/csv": {"schema": {"type": "string"}}}}}},
)  # fmt: skip
def export_customers(request: HttpRequest, filter: FilterText = "") -> StreamingHttpResponse:
    """
    Stream the customers that match a filter as CSV (UTF-8 with BOM), masked like every answer, formulas made text. The last
    line says how many rows there are; a file without it is cut.
    """
    caller = caller_of(request)
    catalogue = customer_catalogue(caller.viewer)
    rows = _export(caller.viewer, catalogue, _filters(filter, catalogue), published_as_of(), caller.user.pk)
    response = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="customers.csv"'
    return response


def _export(viewer: Viewer, catalogue: Catalogue, filters: Node, as_of: date, user_id: int) -> Iterator[bytes]:
    yield BOM
    today = business_date(utc_now())
    attributes, _none = values_of_persons((), today=today)
    custom = [f"attribute_{one.code}" for one in attributes]
    yield csv_line(["id", *_EXPORT_FIELDS, "home_store", "last_date", "orders", "net_365d_fen", *custom])
    names = store_names()
    order = sort_read("id", person_sorts(viewer))
    cursor: Cursor | None = None
    written = 0
    while True:
        page = person_page(viewer, Asked(catalogue, order, as_of, filters, cursor, limit=LARGEST_PAGE))
        if page.rows:
            access_record(
                user_id=user_id, route_code="api:export_customers", person_ids={row.row_id for row in page.rows}, now=utc_now()
            )
        _attributes, values = values_of_persons([row.row_id for row in page.rows], today=today)
        for row in (one.subject for one in page.rows):
            told = [row.fields[name].text if name in row.fields else "" for name in _EXPORT_FIELDS]
            facts = row.facts
            figures = [facts.last_date or "", facts.orders_count, facts.net_365d_fen] if facts else ["", "", ""]
            own = [values.get((row.person_id, one.pk), "") for one in attributes]
            yield csv_line([row.person_id, *told, names.get(row.home_store_id or 0, ""), *figures, *own])
        written += len(page.rows)
        if page.next_cursor is None:
            break
        cursor = cursor_read(page.next_cursor, order.column)
    yield csv_line([f"# {written} rows"])


def _filters(text: str, catalogue: Catalogue) -> Node:
    if not text:
        return EVERYTHING
    try:
        return parse(json.loads(text), catalogue)
    except FilterError as error:
        raise Problem(400, str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Problem(400, "the filter is no JSON") from error


def _row_out(row: PersonRow) -> CustomerOut:
    return CustomerOut(
        id=row.person_id, fields=fields_out(dict(row.fields)), home_store_id=row.home_store_id, is_member=row.is_member,
        source_count=row.source_count, completeness_share=row.completeness_share, registered_at=row.registered_at,
        stage=row.stage.value, facts=facts_out(row.facts),
    )  # fmt: skip
